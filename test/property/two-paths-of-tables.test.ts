import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import type { Reading } from '../../core/dataset/reading.ts';
import { type TextFormat, text } from '../../core/formats/text-format.ts';
import { sumDropped } from '../../core/lines/dropped-values.ts';
import { parseSegment, parseSegmentRows } from '../../core/lines/parse-segment.ts';

/**
 * Rows of tables are read where they lie, or cut into cells: with the same outcome, value and reason, whatever else is in the file, and the
 * file refused or not for the same.
 */
const delimiters = [',', ';', '\t', '|'] as const;
const timeFormats = ['dd/MM/yyyy HH:mm:ss', 'd.M.yy H:mm', 'MM/dd/yyyy HH:mm', 'yyyy-MM-dd HH:mm[:ss[.S]]', 'yyyyMMddHHmmss', 'iso', 'dd MMM yyyy HH:mm', 'yyyy-MM-dd', 'dd/MM/yyyy, HH:mm']; // biome-ignore format: a list
const zones = ['Europe/Madrid', 'America/New_York', '+01:00', '-03:30', undefined];

const format = fc.record({
  delimiter: fc.constantFrom(...delimiters),
  decimal: fc.constantFrom<'.' | ','>('.', ','),
  timeFormat: fc.constantFrom(...timeFormats),
  zone: fc.constantFrom(...zones),
  comment: fc.constantFrom(undefined, '#', '2'),
  quote: fc.constantFrom(undefined, undefined, "'", 'none') as fc.Arbitrary<undefined | "'" | 'none'>,
  nothing: fc.constantFrom([], [-7999], ['99.9', '---'], [0]),
  isConverted: fc.boolean(),
  /** Its numbers look like thousands, and some are written in the other way. */
  isGrouped: fc.boolean(),
  /** One of its days is in the other order, which is a slip where a later one shows the declared order. */
  hasSlip: fc.boolean(),
  hasSensor: fc.boolean(),
  isFlowOptional: fc.boolean(),
});
type Chosen = typeof format extends fc.Arbitrary<infer Choice> ? Choice : never;

function datasetOf({
  timeFormat,
  zone,
  isConverted,
  isGrouped: _,
  hasSlip: __,
  nothing,
  hasSensor,
  isFlowOptional,
  ...file
}: Chosen) {
  const given = Object.fromEntries(Object.entries(file).filter(([, value]) => value !== undefined));
  const level = isConverted ? { column: 'level', scale: 0.1, offset: 1 } : 'level';
  return defineDataset({
    name: 'tables',
    timeZone: 'Europe/Madrid',
    shards: 1,
    defaultSensorId: 'only',
    measures: {
      level: { unit: 'm', min: -100, max: 50_000, optional: true },
      flow: { unit: 'm³/s', min: 0, max: 900, optional: isFlowOptional },
      turbidity: { unit: 'NTU', min: 0, max: 10, optional: true },
    },
    attributes: { river: { maxLength: 8, optional: true } },
    missing: isConverted ? [-99_999] : [-99_999, 7], // out of all bounds, and within
    maxUnreadable: 0.6,
    formats: [
      text({
        ...(given as Partial<TextFormat>),
        match: '*.csv',
        nothing,
        time: { column: 'when', format: timeFormat, ...(zone !== undefined && { zone }) },
        columns: { level, flow: 'flow', river: 'name', ...(hasSensor && { sensorId: 'station' }) },
      }),
    ],
  });
}

const two = (value: number) => String(value).padStart(2, '0');
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const noted = (at: Date, pattern: string): string => {
  const parts: Record<string, string> = {
    ...{ yyyy: String(at.getUTCFullYear()), yy: String(at.getUTCFullYear()).slice(2) },
    ...{ MMM: months[at.getUTCMonth()] ?? '', MM: two(at.getUTCMonth() + 1), M: String(at.getUTCMonth() + 1) },
    ...{ dd: two(at.getUTCDate()), d: String(at.getUTCDate()) },
    ...{ HH: two(at.getUTCHours()), H: String(at.getUTCHours()), mm: two(at.getUTCMinutes()), ss: two(at.getUTCSeconds()) },
    S: String(at.getUTCMilliseconds()).padStart(3, '0'),
  }; // biome-ignore format: a line each
  if (pattern === 'iso') return at.toISOString();
  return pattern
    .replace(/[[\]]/g, '')
    .replace(/yyyy|yy|MMM|MM|M|dd|d|HH|H|mm|ss|S/g, (token) => parts[token] ?? '');
};

/** Of the days on which a clock is put back and forward, of any other, and of none. */
const instant = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 40_000 }).map((minutes) => Date.UTC(2024, 0, 1) + minutes * 60_000) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 300 }).map((minutes) => Date.UTC(2024, 9, 26, 23) + minutes * 60_000) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 300 }).map((minutes) => Date.UTC(2024, 2, 31) + minutes * 60_000) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 4_102_444_800_000 }) },
); // biome-ignore format: a line each

const mostly = <T>(sound: fc.Arbitrary<T>, odd: fc.Arbitrary<T>, weight = 20) =>
  fc.oneof({ weight, arbitrary: sound }, { weight: 1, arbitrary: odd });
const number = mostly(
  fc.oneof(
    fc.integer({ min: -90_000, max: 90_000 }).map((value) => (value / 100).toFixed(2)),
    fc.integer({ min: -900, max: 900 }).map(String),
    fc.integer({ min: 0, max: 9_999_999 }).map((value) => (value / 1_000).toFixed(3)),
    fc.double({ min: 0, max: 900, noNaN: true }).map(String),
  ),
  fc.constantFrom('', '-99999', '-7999', '99.9', '---', 'NA', '1.234,5', '1,5', '1.5', '12.345.678', '+3', '.5', '5.', '007', '-0', '1e2', '0x1', '12*', '1 2', 'Infinity', '123456789012345678', '0.1234567890123456'),
  8,
); // biome-ignore format: a list
const station = mostly(
  fc.constantFrom('a', 'b', 'Mill 4', 'Río', 'c'),
  fc.constantFrom('', ' padded ', '\u00a0a', 'x'.repeat(200), 'a\u200bb', '"q"', "'s'", '#a', 'a\0b'),
);
const river = mostly(
  fc.constantFrom('Ebro', 'Ter', 'Süß', ''),
  fc.constantFrom('far too long', ' Ter', 'a"b', '"Ter"', "'T", '\ufffd', 'x\0'),
);
const remark = mostly(
  fc.constantFrom('', 'ok', 'a b'),
  fc.constantFrom('é', '"a', "it's", '"a,b"', '\0', '2'),
);
const row = fc.record({
  at: instant,
  cells: fc.tuple(station, number, number, river, remark),
  padding: mostly(fc.constant(''), fc.constantFrom(' ', '  ', '\t'), 10),
  end: mostly(fc.constant('\n'), fc.constantFrom('\r\n', '\r', '\n\n', '\n# remark\n', '')),
  /** A cell too many or too few, or the time in another form. */
  fault: mostly(
    fc.constant(''),
    fc.constantFrom('more', 'fewer', 'swapped', 'word', 'tail', '24', 'byte'),
    15,
  ),
});

function bytesOf(chosen: Chosen, rows: readonly (typeof row extends fc.Arbitrary<infer One> ? One : never)[]): Buffer {
  const { delimiter, decimal, timeFormat, isGrouped, hasSlip } = chosen;
  const lines = [Buffer.from(`station${delimiter}when${delimiter}level${delimiter}flow${delimiter}name${delimiter}remark\n`)];
  for (const [index, { at, cells, padding, end, fault }] of rows.entries()) {
    const [id, level, flow, name, note] = cells;
    const isEarly = hasSlip && index < 8;
    const shown = new Date(isEarly ? Date.UTC(2024, 0, index === 5 ? 25 : 1 + index, at % 24) : at);
    let time = noted(shown, timeFormat);
    if (hasSlip ? index === 5 : fault === 'swapped') time = noted(shown, 'MM/dd/yyyy HH:mm:ss');
    if (fault === 'word') time = 'soon';
    if (fault === 'tail') time = `${time}5`;
    if (fault === '24') time = time.replace(/ \d\d?:/, ' 24:');
    const grouped = isGrouped ? (['13.750', '120.250', '14', '7'][at % 4] ?? '') : level;
    const marked = [grouped, flow].map((each) => (decimal === ',' ? each.replace('.', ',') : each));
    if (isGrouped && fault === '24') marked[0] = decimal === ',' ? '1.5' : '1,5';
    // A comma in a number or a time is one between cells where nobody quotes it.
    const quoted = [time, ...marked].map((each) => (each.includes(delimiter) && at % 3 > 0 ? `"${each}"` : each));
    const all = [id, ...quoted, name, note].map((each) => padding + each + padding);
    if (fault === 'more') all.push('x');
    if (fault === 'fewer') all.pop();
    lines.push(Buffer.from(all.join(delimiter)));
    if (fault === 'byte') lines.push(Buffer.of(0xb0));
    lines.push(Buffer.from(end));
  }
  return Buffer.concat(lines);
} // biome-ignore format: a step a line

async function* chunked(bytes: Buffer, chunkBytes: number) {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

test('rows read where they lie have the outcome, values and reasons of rows that are cut into cells', async () => {
  let [readings, rejects, refused, dropped] = [0, 0, 0, 0];
  const runs = Number(process.env.CAUDAL_FUZZ_RUNS ?? 400);
  await fc.assert(
    fc.asyncProperty(
      format,
      fc.array(row, { minLength: 8, maxLength: 60, size: 'max' }),
      fc.constantFrom(7, 100, 65_536),
      async (chosen, rows, chunkBytes) => {
        const dataset = datasetOf(chosen);
        const bytes = bytesOf(chosen, rows);
        const source = { key: 'landing/tables/t.csv', arrivedMs: Date.UTC(2098, 0, 1) };
        const segment = () => ({ source, datasets: [dataset], bytes: chunked(bytes, chunkBytes) });
        const byCells: { readings: Reading[]; rejects: unknown[] } = { readings: [], rejects: [] };
        const totals = await parseSegment(segment(), {
          reading: (_, __, reading) => byCells.readings.push(reading),
          rejected: (...reject) => byCells.rejects.push(reject),
        });
        const byBytes: unknown[] = [];
        const found = await parseSegmentRows(segment(), { rejected: (...reject) => byBytes.push(reject) });
        expect(found.totals).toEqual(totals);
        expect(byBytes).toEqual(byCells.rejects);
        const inRows = found.rows.flatMap((of) => Array.from({ length: of.length }, (_, at) => of.readingAt(at)));
        expect(inRows).toEqual(totals.refusal === undefined ? byCells.readings : []);
        readings += totals.valid;
        rejects += byCells.rejects.length;
        dropped += sumDropped(totals.dropped);
        refused += totals.refusal === undefined ? 0 : 1;
      },
    ),
    { numRuns: runs },
  );
  // Enough of each, so that it says something.
  expect(readings).toBeGreaterThan(runs * 2);
  expect(rejects).toBeGreaterThan(runs / 2);
  expect(refused).toBeGreaterThan(0);
  expect(dropped).toBeGreaterThan(runs / 2);
}); // biome-ignore format: a step a line
