import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeReading, type Reading } from '../../core/dataset/reading.ts';
import { canonicalSensorId } from '../../core/dataset/sensor-id.ts';
import gadgetTelemetry from '../../datasets/gadget-telemetry.ts';
import { parseBytes } from '../support/parse-bytes.ts';

const reading: fc.Arbitrary<Reading> = fc.record({
  sensorId: fc
    .oneof(
      fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,20}$/),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
    )
    .map((text) => canonicalSensorId(text) ?? 'other'),
  timestampMs: fc.integer({ min: gadgetTelemetry.earliestMs, max: Date.UTC(2100, 0, 1) - 1 }),
  revision: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  values: fc.tuple(
    fc.double({ min: 0, max: 100, noNaN: true }).map((value) => value + 0),
    fc.double({ min: -150, max: 0, noNaN: true }).map((value) => value + 0),
    fc.option(
      fc.double({ min: -60, max: 150, noNaN: true }).map((value) => value + 0),
      { nil: null },
    ),
  ),
  attributes: fc.tuple(fc.option(fc.string({ unit: 'grapheme', maxLength: 8 }), { nil: null })),
});
const sound = reading.map((value) => Buffer.from(encodeReading(gadgetTelemetry, value)));
const damaged = fc
  .tuple(
    sound,
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
  )
  .map(([line, changes]) => {
    for (const [at, byte] of changes) line[at % line.length] = byte;
    return line;
  });
const anyLine = fc.oneof(
  sound,
  damaged,
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
);

test('a reading comes back from its canonical encoding', async () => {
  await fc.assert(
    fc.asyncProperty(reading, async (value) => {
      const { outcomes } = await parseBytes(encodeReading(gadgetTelemetry, value));
      expect(outcomes).toEqual([{ line: 1, dataset: 'gadget-telemetry', reading: value }]);
    }),
    { numRuns: 500 },
  );
});

test('every line that is not blank ends in one outcome, or one for each of its values, in any chunks, gzip or not, NDJSON or CSV', async () => {
  const keys = fc.constantFrom(
    'raw/x',
    'landing/gadget-telemetry/x.csv',
    'landing/water-temperature/a/x.ndjson',
  );
  const ends = fc.constantFrom('\n', '\r\n', '\r');
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyLine, { minLength: 1, maxLength: 12 }),
      keys,
      ends,
      fc.integer({ min: 1, max: 99 }),
      fc.boolean(),
      async (lines, key, end, chunkBytes, accepted) => {
        const body = Buffer.concat(lines.flatMap((line) => [line, Buffer.from(end)]));
        fc.pre(!(body[0] === 0x1f && body[1] === 0x8b));
        const whole = await parseBytes(body, { key, accepted });
        const chunked = await parseBytes(body, { key, accepted, chunkBytes });
        const zipped = await parseBytes(gzipSync(body), { key, accepted, chunkBytes });
        expect(chunked).toEqual(whole);
        expect(zipped).toEqual(whole);
        if (whole.totals.refusal !== undefined) {
          expect(whole.outcomes.filter(({ reading }) => reading)).toEqual([]);
          expect(whole.totals).toMatchObject({ lines: 0, valid: 0 });
          return;
        }

        const text = body
          .toString('latin1')
          .replace(/^\xef\xbb\xbf/, '')
          .split(key.endsWith('.csv') ? /\r\n|\r|\n/ : '\n');
        // Of lines of JSON one of nothing but what separates documents is blank too (RFC 7464).
        const separator = key.endsWith('.csv') ? '' : '\x1e';
        const filled = text.flatMap((line, at) =>
          Buffer.from(line.replaceAll(separator, ''), 'latin1').toString().trim() === '' ? [] : [at + 1],
        );
        // What only opens, parts or closes an array is no line of its own: an array that is never closed is told of where it ends.
        const hasOutcome = (line: number) =>
          key.endsWith('.csv') || !/^\s*[[\],]\s*$/.test(text[line - 1] ?? '');
        const told = whole.outcomes.map(({ line }) => line);
        // A sound CSV header is the one line that counts as neither.
        const header = key.endsWith('.csv') && told[0] !== filled[0] ? filled.slice(0, 1) : [];
        const isUnclosed =
          whole.outcomes.at(-1)?.detail?.startsWith('the array that begins in line') === true;
        const severalOn = new Set(
          (isUnclosed ? told.slice(0, -1) : told).filter((line, at) => told[at - 1] === line),
        );
        expect([...header, ...new Set(told)].filter(hasOutcome)).toEqual(filled.filter(hasOutcome));
        for (const line of severalOn) expect(text[line - 1]).toMatch(/[{[]/);
        const { lines: counted, valid, rejected } = whole.totals;
        expect(counted).toBe(told.length);
        expect(valid + Object.values(rejected).reduce((sum, count) => sum + count, 0)).toBe(counted);
      },
    ),
    {
      numRuns: 400,
      examples: [
        [[Buffer.of(0x1e), Buffer.from('""')], 'raw/x', '\n', 7, false],
        [[Buffer.from('['), Buffer.from('0')], 'raw/x', '\n', 7, false],
      ],
    },
  );
});
