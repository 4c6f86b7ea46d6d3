import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { json } from '../../core/formats/json-format.ts';
import { parseBytes } from '../support/parse-bytes.ts';

/** Paths to a value of its own, to the members of an object, to an element of a list, to names that are odd, and to what is looked at only. */
const fields = {
  sensorId: '$.device.id',
  level: { path: "$['water level'].now", nothing: [-999, 'n/a'] },
  flow: '$.list[1].flow',
  firmware: '$[\'"v"\']',
};
const common = {
  ...{ timeZone: 'Europe/Madrid', shards: 1 },
  measures: {
    level: { unit: 'm', min: -5, max: 20 },
    flow: { unit: 'm³/s', min: 0, max: 1e9, optional: true },
  },
  attributes: { firmware: { maxLength: 8, optional: true } },
} as const;
const time = { path: '$.at', format: 'iso' } as const;
const filter = [{ path: '$.quality', notIn: ['bad', 9] }];
const gauges = defineDataset({
  ...{ ...common, name: 'gauges' },
  formats: [json({ match: '*.json', when: { '$.device': 'present', '$.port': [1, 'a'] }, time, filter, fields })],
}); // biome-ignore format: a definition
const others = defineDataset({
  ...{ ...common, name: 'others' },
  formats: [json({ when: { '$.port': [2], '$.device.id': 'present' }, time, fields })],
});

/** A value as it may be written: those that come again and again, and those that are read in another way. */
const scalar = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }).map((n) => `${n / 10}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[
        '-0',
        '-0.0',
        '1e1',
        '2E-3',
        '12345678901234567890',
        '0.1234567890123456789',
        '01',
        '1.',
        '-',
        '+1',
      ],
      ...['null', 'true', 'false', 'nul', '""', '"n/a"', '"bad"', '9', '-999', '"1.5"', '"1,5"', '{}', '[]'],
      ...['"é"', '"\\u0041"', '"a\\"b"', '"\u0007"', '"\u007f"', '[1]', '{"a":1}', ''],
    ),
  },
);
const instant = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 59 }).map((m) => `"2026-05-01T10:${m < 10 ? 0 : ''}${m}:00Z"`) },
  { weight: 1, arbitrary: fc.constantFrom('"2026-05-01"', '17', '"2026-13-01T10:00:00Z"', '" 2026-05-02T10:00:00Z "', 'null') },
); // biome-ignore format: a table
const id = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('"a"', '"b 1"', '"c/2"') },
  { weight: 1, arbitrary: fc.constantFrom('7', '7.5', '""', '" a "', 'null', '"ñ"', '"a\\tb"') },
);
const version = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('"1.0"', '""', '"longest8"') },
  { weight: 1, arbitrary: scalar },
);
const port = fc.oneof(
  { weight: 8, arbitrary: fc.constant('1') },
  { weight: 1, arbitrary: fc.constantFrom('2', '"a"', '3', '1.0', 'null') },
);

/** Lines of a few shapes, in any order. */
const line = fc
  .record({
    id,
    level: scalar,
    flow: scalar,
    version,
    other: scalar,
    quality: scalar,
    port,
    at: instant,
  })
  .chain(({ id, level, flow, version, other, quality, port, at }) =>
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.constantFrom(
          `{"device":{"id":${id},"x":[]},"port":${port},"at":${at},"water level":{"now":${level},"then":${other}},"list":[1,{"flow":${flow}}],"\\"v\\"":${version},"quality":${quality}}`,
          `{ "at" : ${at}, "device": {"id":${id}}, "port": ${port}, "list": [{}, {"flow":${flow}}], "water level": {"now": ${level}}, "é": ${other}, "\\"v\\"":${version} }`,
        ),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          `{"device":{"id":${id}},"port":${port},"at":${at},"water level":${level}}`,
          `{"device":{"id":${id},"id":${id}},"port":${port},"at":${at},"water level":{"now":${level}}}`,
          `{"device":{"id":${id}},"__proto__":${other},"port":${port},"at":${at},"water level":{"now":${level}}}`,
          `{"dataset":"gauges","sensorId":${id},"timestamp":${at},"level":${level}}`,
          `  [${other}]`,
        ),
      },
    ),
  );

/** Changes a letter or a digit to what ends no text and no line: of a file, what is not closed would go on in the next line. */
function spoil(bytes: Buffer, { at, byte }: { at: number; byte: number }): void {
  const index = at % bytes.length;
  const isPlain = /\w/.test(String.fromCharCode(bytes[index] ?? 0));
  if (isPlain && !'{}[]":,\\\n\r'.includes(String.fromCharCode(byte))) bytes[index] = byte;
}

/** What a line came to, without where it stands. */
type Told = Awaited<ReturnType<typeof parseBytes>>['outcomes'][number];
const withoutLine = ({ line: _, ...outcome }: Told) => outcome;

describe('lines of shapes that were seen before', () => {
  test.each([
    ['of a file', 'landing/gauges/x.json'],
    ['of a file that no pattern takes', 'landing/gauges/x.ndjson'],
    ['of the stream', 'raw/2026/05/01/10/x'],
  ])('%s come to what each comes to alone', async (_, key) => {
    const known = [gauges, others];
    const options = { key, known, accepted: true };
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 2, maxLength: 40 }),
        fc.constantFrom(64, 65_536),
        fc.option(fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) })),
        async (lines, chunkBytes, damage) => {
          const bytes = Buffer.from(`${lines.join('\n')}\n`);
          if (damage !== null) spoil(bytes, damage);
          const alone: unknown[] = [];
          for (let from = 0; from < bytes.length; ) {
            const next = bytes.indexOf(10, from);
            const end = next === -1 ? bytes.length : next + 1;
            const { outcomes } = await parseBytes(bytes.subarray(from, end), options);
            alone.push(...outcomes.filter(({ reason }) => reason !== 'empty-object').map(withoutLine));
            from = end;
          }
          const { outcomes } = await parseBytes(bytes, { ...options, chunkBytes });
          expect(outcomes.map(withoutLine)).toEqual(alone);
        },
      ),
      { numRuns: 150 },
    );
  });
});

test('bytes that are no characters reject each line that has them in a name', async () => {
  const text =
    '{"device":{"id":"a"},"port":1,"at":"2026-05-01T10:00:00Z","water level":{"now":1},"list":[1,{"flow":1}],"\\"v\\"":"1","N":1}\n';
  const bytes = Buffer.concat([1, 2, 3].map(() => Buffer.from(text)));
  for (let at = bytes.indexOf('N'); at !== -1; at = bytes.indexOf('N', at + 1)) bytes[at] = 0xff;
  for (const key of ['landing/gauges/x.json', 'raw/2026/05/01/10/x']) {
    const { totals } = await parseBytes(bytes, { key, known: [gauges, others], accepted: true });
    expect(totals).toMatchObject({ valid: 0, rejected: { 'not-utf8': 3 } });
    const sound = await parseBytes(text, { key, known: [gauges, others], accepted: true });
    expect(sound.totals.valid).toBe(1);
  }
});
