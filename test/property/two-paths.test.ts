import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Dataset, defineDataset } from '../../core/dataset/dataset.ts';
import { encodeReading, type Reading } from '../../core/dataset/reading.ts';
import { sumDropped } from '../../core/lines/dropped-values.ts';
import { parseSegment, parseSegmentRows } from '../../core/lines/parse-segment.ts';
import type { ParseTotals } from '../../core/lines/parse-totals.ts';
import type { SegmentSource } from '../../core/lines/segment-origin.ts';
import { endTimestampMs } from '../../core/time/calendar.ts';
import gadgetTelemetry from '../../datasets/gadget-telemetry.ts';
import stockTicks from '../../datasets/stock-ticks.ts';
import waterTemperature from '../../datasets/water-temperature.ts';

/** One that has everything: a sentinel within its bounds, optional and required fields of both kinds, a look-alike key. */
const rich = defineDataset({
  name: 'rich',
  timeZone: 'UTC',
  shards: 2,
  sensorIdField: 'probe',
  measures: {
    a: { unit: '', min: -1e15, max: 1e15 },
    ab: { unit: '', min: 0, max: 1, optional: true },
    time: { unit: '', min: -10, max: 10, optional: true },
  },
  attributes: { note: { maxLength: 6 }, timestam: { maxLength: 9, optional: true } },
  missing: [-999, 7],
});
/** One whose readings may come without any value. */
const sparse = defineDataset({
  name: 'sparse',
  timeZone: 'UTC',
  shards: 1,
  measures: { level: { unit: 'm', min: -9, max: 9, optional: true } },
});
/** One whose times are bounded, and that takes lines without a time, and without its name. */
const bounded = defineDataset({
  name: 'bounded',
  timeZone: 'America/New_York',
  shards: 1,
  sensorIdField: 'symbol',
  unnamed: true,
  time: 'arrival',
  maxAhead: '90 days',
  earliest: '1984-03-01',
  measures: { price: { unit: '', min: 0, max: 100 }, change: { unit: '', min: -9, max: 9, optional: true } },
});
const datasets = [gadgetTelemetry, rich, sparse, stockTicks, waterTemperature, bounded];

/** Every outcome of a segment, by dataset for readings, with all of the rejects. */
interface Told {
  totals: ParseTotals;
  readings: Record<string, Reading[]>;
  rejects: unknown[];
}

async function* chunked(bytes: Buffer, chunkBytes: number) {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

async function bySchema(bytes: Buffer, source: SegmentSource, chunkBytes: number): Promise<Told> {
  const readings: Told['readings'] = {};
  const rejects: unknown[] = [];
  const totals = await parseSegment(
    { source, datasets, bytes: chunked(bytes, chunkBytes) },
    {
      reading: (_, { name }, reading) => {
        readings[name] ??= [];
        readings[name].push(reading);
      },
      rejected: (...reject) => rejects.push(reject),
    },
  );
  return { totals, readings, rejects };
}

async function byBytes(bytes: Buffer, source: SegmentSource, chunkBytes: number): Promise<Told> {
  const rejects: unknown[] = [];
  const { totals, rows } = await parseSegmentRows(
    { source, datasets, bytes: chunked(bytes, chunkBytes) },
    { rejected: (...reject) => rejects.push(reject) },
  );
  const readings = rows.map((of) => {
    const values = (row: number) =>
      of.values.map((column) => {
        const value = column[row] as number;
        return Number.isNaN(value) ? null : value;
      });
    const all = Array.from({ length: of.length }, (_, row): Reading => {
      return {
        sensorId: of.sensors[of.sensor[row] as number] as string,
        timestampMs: of.timestampMs[row] as number,
        revision: of.revision?.[row] ?? 0,
        values: values(row),
        attributes: of.attributes.map((column) => column[row] as string | null),
      };
    });
    return [of.dataset.name, all] as const;
  });
  return { totals, readings: Object.fromEntries(readings), rejects };
}

/** Mostly the first. */
const mostly = <T>(sound: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 25, arbitrary: sound }, { weight: 1, arbitrary: odd });

const numberOf = ({ min, max }: { min: number; max: number }) => {
  const [low, high] = [Math.max(min, -1e4), Math.min(max, 1e4)];
  const rounded = fc.integer({ min: low * 100, max: high * 100 }).map((value) => value / 100);
  const odd = fc.oneof(
    fc.double({ noNaN: true, min: -300, max: 300 }),
    fc.constantFrom(-999, -9999, 7, 1e15, min, max),
  );
  return mostly(fc.oneof(rounded, fc.double({ noNaN: true, min: low, max: high })), odd);
};
const text = mostly(
  fc.oneof(
    fc.constantFrom('ENERGY', '1.2.3', 'Ñandú', '\ufffd'),
    fc.string({ unit: 'grapheme-ascii', maxLength: 5 }),
  ),
  fc.oneof(fc.string({ unit: 'grapheme', maxLength: 7 }), fc.constantFrom('\ud800', 'too long a text')),
);
const when = mostly(
  fc.date({ min: new Date('1970-01-02'), max: new Date('2099-12-30'), noInvalidDate: true }).chain((date) => {
    const iso = date.toISOString();
    return fc.constantFrom(
      iso,
      iso,
      iso.replace(/\.\d+/, ''),
      iso.replace('Z', '000+00:00'),
      iso.replace(/\d\dZ/, '-02:30'),
    );
  }),
  fc
    .tuple(
      fc.constantFrom('2024-02-29', '2023-02-29', '1970-01-01', '2099-12-31', '0070-01-01', '2024-13-01', '2024-00-10'),
      fc.constantFrom('T00:00', 'T23:59:59', 'T24:00:00', 'T12:60:00', 't12:00:00', 'T12:00:61', 'T1:00:00', 'T07:08:09'),
      fc.constantFrom('', '.1', '.12', '.123', '.123000', '.1230001', '.', '.1234', ',5'),
      fc.constantFrom('Z', 'z', '', '+00:00', '-23:59', '+24:00', '+01:60', '+0100', '+01', '-00:30', '+23:59'),
    )
    .map((pieces) => pieces.join('')),
); // biome-ignore format: lists of a piece each
const sensor = mostly(
  fc.oneof(
    { weight: 6, arbitrary: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,20}$/) },
    fc.stringMatching(/^[ -~]{1,20}$/),
    fc.constantFrom('Upper Mill 4', 'Río-2', 'Ri\u0301o-2', '東京 第2', '^GSPC', 'a/b', ' padded ', '0012'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
    fc.integer({ min: -5, max: 5 }),
    fc.maxSafeInteger(),
  ),
  fc.constantFrom<string | number>(
    ...['', ' ', 'a\u200bb', 'a\u00a0b', 'a\ufffd', '\ud800', '🌡', '☀\ufe0f', 'a\u0007'],
    ...['x'.repeat(128), 'x'.repeat(129), 'é'.repeat(64), 'é'.repeat(65), ` ${'x'.repeat(128)} `],
    ...[12, 0, 1.5, 2 ** 53, 999_999_999_999_999, 1_000_000_000_000_000, 1e21],
  ),
);

/** A record's fields in their order on the wire, mostly sound. */
const record = fc.constantFrom<Dataset>(...datasets).chain((dataset) => {
  const entries: fc.Arbitrary<[string, unknown]>[] = [
    fc.constant(['dataset', dataset.name]),
    fc.tuple(fc.constantFrom('sensorId', 'sensorId', dataset.sensorIdField ?? 'sensorId'), sensor),
    fc.tuple(fc.constant('timestamp'), when),
    ...Object.entries(dataset.measures).map(([name, measure]) =>
      fc.tuple(fc.constant(name), numberOf(measure)),
    ),
    ...dataset.attributeNames.map((name) => fc.tuple(fc.constant(name), text)),
  ];
  const extra = fc.oneof<fc.Arbitrary<[string, unknown]>[]>(
    fc.tuple(fc.constantFrom('sensorId', 'probe'), fc.constantFrom<unknown>(null, true, [], {})),
    fc.tuple(fc.constant('revision'), fc.constantFrom<unknown>(0, 1, 2 ** 31 - 1, 2 ** 31, -1, 1.5, null)),
    fc.tuple(fc.constantFrom('unknown', 'dataset', 'timestamp', '__proto__', 'sensorId', 'probe'), text),
    fc.tuple(
      fc.constantFrom(...dataset.measureNames, ...dataset.attributeNames),
      fc.constantFrom<unknown>(null, true, [], {}, '5', '82*', 'NA', '', -999),
    ),
  );
  return fc
    .tuple(fc.tuple(...entries), mostly<[string, unknown] | null>(fc.constant(null), extra), fc.nat(9))
    .chain(([all, more, keep]) => {
      const fields = more ? [...all, more] : all;
      if (keep === 9) return fc.constant(fields.filter(([name]) => name !== 'timestamp'));
      // Few lose a field, and few are in another order.
      return keep < 2 ? fc.shuffledSubarray(fields, { minLength: fields.length - 1 }) : fc.constant(fields);
    });
});

/** The record as JSON, in one of the ways in which producers write it. */
const line = fc
  .tuple(record, fc.constantFrom(['', '', ''], ['', ' ', ' '], [' ', ' ', ''], ['\t', '', ' \r']), fc.nat(5))
  .map(([fields, [before = '', afterColon = '', end = ''], style]) => {
    const members = fields.map(([key, value]) => {
      let json = JSON.stringify(value);
      if (style === 1 && typeof value === 'number') json = value.toExponential();
      if (style === 2 && typeof value === 'number' && Math.abs(value) < 1e9) json = value.toFixed(12);
      return `${JSON.stringify(key)}${before}:${afterColon}${json}`;
    });
    return `{${members.join(`,${afterColon}`)}}${end}`;
  });

const snippets = ['1E5', '-0', '01', '1.', 'NaN', 'Infinity', '1e999', 'null', '""', '"', '\\', '\\u0041', '\\ud800', '\u00e9', '\ufffd', ',', '}', '{', ' ', '\t', '\r', '\n', '0', '-', 'e', '.', '\0', ':', '\ufeff']; // biome-ignore format: a list
const change = fc.oneof(
  fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ at: fc.nat(), cut: fc.nat(12), put: fc.constantFrom(...snippets) }),
);
type Change = { at: number; byte?: number; cut?: number; put?: string };
const mutated = fc
  .tuple(
    line,
    fc.oneof(
      { weight: 6, arbitrary: fc.constant([]) },
      { weight: 2, arbitrary: fc.array(change, { maxLength: 3 }) },
    ),
  )
  .map(([json, changes]) => {
    let bytes = Buffer.from(json);
    for (const { at, byte, cut = 0, put = '' } of changes as Change[]) {
      const place = at % (bytes.length + 1);
      if (byte !== undefined && place < bytes.length) bytes[place] = byte;
      else bytes = Buffer.concat([bytes.subarray(0, place), Buffer.from(put), bytes.subarray(place + cut)]);
    }
    return bytes;
  });

test('lines read from bytes have the outcome, values and reasons that the schema gives them', async () => {
  const keys = fc.constantFrom(
    'raw/x',
    'raw/x',
    'landing/rich/x.json',
    'landing/rich/probe-1/x',
    'landing/water-temperature/x',
    'landing/none/x',
    'landing/rich/x.csv',
    'landing/bounded/x',
  );
  // Mostly after all that can be read, or so that some is too far ahead.
  const arrivals = mostly(
    fc.constant(endTimestampMs - 1),
    fc.constantFrom(Date.UTC(2024, 1, 28, 12, 29, 59), Date.UTC(2060, 0, 1)),
  );
  let readings = 0;
  let rejects = 0;
  let dropped = 0;
  let outOfTime = 0;
  let arrived = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(mutated, { minLength: 1, maxLength: 40, size: 'max' }),
      fc.record({ key: keys, arrivedMs: arrivals }),
      fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(65_536)),
      fc.boolean(),
      async (lines, source, chunkBytes, isTerminated) => {
        const bytes = Buffer.concat(lines.flatMap((each) => [each, Buffer.from('\n')]));
        const body = isTerminated ? bytes : bytes.subarray(0, -1);
        const expected = await bySchema(body, source, chunkBytes);
        expect(await byBytes(body, source, chunkBytes)).toEqual(expected);
        readings += expected.totals.valid;
        rejects += expected.totals.lines - expected.totals.valid;
        dropped += sumDropped(expected.totals.dropped);
        outOfTime += expected.totals.rejected['in-the-future'] ?? 0;
        outOfTime += expected.totals.rejected['too-early'] ?? 0;
        const all = Object.values(expected.readings).flat();
        arrived += all.filter(({ timestampMs }) => timestampMs === source.arrivedMs).length;
      },
    ),
    { numRuns: 3_000 },
  );
  // All kinds were there: of 3,000 segments some 10,000 lines are readings, give or take 500.
  expect(Math.min(readings, rejects)).toBeGreaterThan(5_000);
  expect(dropped).toBeGreaterThan(50);
  expect(outOfTime).toBeGreaterThan(100);
  expect(arrived).toBeGreaterThan(100);
}, 240_000);

test('most sound lines of any order and spacing are read without the schema', async () => {
  const arrivedMs = Date.UTC(2024, 0, 1);
  const sound: Reading = {
    sensorId: 'a',
    timestampMs: arrivedMs,
    revision: 3,
    values: [50, -70, 20.5],
    attributes: ['1.0'],
  };
  const fields = Object.entries(JSON.parse(encodeReading(gadgetTelemetry, sound)) as Record<string, unknown>);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.shuffledSubarray(fields, { minLength: fields.length }), { minLength: 1, maxLength: 20 }),
      fc.constantFrom('', ' '),
      async (records, space) => {
        const lines = records.map((record) => {
          const members = record.map(([key, value]) => `"${key}":${space}${JSON.stringify(value)}`);
          return `{${members.join(`,${space}`)}}\n`;
        });
        const { LineScanner } = await import('../../core/lines/scan/line-scanner.ts');
        const { originOf } = await import('../../core/lines/segment-origin.ts');
        const scanner = new LineScanner(originOf({ key: 'raw/x', arrivedMs }, datasets), datasets);
        const bytes = Buffer.from(lines.join(''));
        expect(scanner.take(bytes, 0, bytes.length)).toBe(bytes.length);
        expect(scanner.taken).toBe(lines.length);
      },
    ),
  );
});
