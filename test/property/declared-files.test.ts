import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Dataset, defineDataset } from '../../core/dataset/dataset.ts';
import { type TextFormat, text } from '../../core/formats/text-format.ts';
import { parseBytes } from '../support/parse-bytes.ts';

/** A reading as it is to come back: `values` by measure, `null` where there is none. */
interface Given {
  readonly sensorId: string;
  readonly minute: number;
  readonly values: readonly [number | null, number | null];
}

/** How a file is declared, and written. */
interface Way {
  readonly shape: 'a reading a row' | 'a column a sensor' | 'a value a row';
  readonly delimiter: ',' | ';' | '\t' | '|';
  readonly isFixed: boolean;
  readonly decimal: '.' | ',';
  readonly thousands: '.' | ',' | "'" | ' ' | undefined;
  readonly encoding: 'utf-8' | 'windows-1252' | 'utf-16le';
  readonly time: { readonly format: string; readonly zone: string; readonly write: (ms: number) => readonly string[] };
  readonly hasHeader: boolean;
  readonly above: number;
  readonly isQuoted: boolean;
  readonly isFiltered: boolean;
  readonly ends: '\n' | '\r\n' | '\r';
} // biome-ignore format: a member a line

const two = (number: number) => String(number).padStart(2, '0');
const startMs = Date.UTC(2026, 4, 1);
const names = ['eastern', 'north 7', 'Ñandú'] as const;
const measures = ['level', 'flow'] as const;

/** Parts of a local time. */
function partsOf(ms: number, offsetHours: number) {
  const date = new Date(ms + offsetHours * 3_600_000);
  return { y: date.getUTCFullYear(), M: date.getUTCMonth() + 1, d: date.getUTCDate(), H: date.getUTCHours(), m: date.getUTCMinutes() };
} // biome-ignore format: short

const times: readonly Way['time'][] = [
  { format: 'iso', zone: 'UTC', write: (ms) => [new Date(ms).toISOString()] },
  { format: 'epoch-s', zone: 'UTC', write: (ms) => [String(ms / 1_000)] },
  { format: 'epoch-ms', zone: 'UTC', write: (ms) => [String(ms)] },
  { format: 'yyyy-MM-dd HH:mm', zone: 'Europe/Madrid', write: (ms) => { const { y, M, d, H, m } = partsOf(ms, 2); return [`${y}-${two(M)}-${two(d)}`, `${two(H)}:${two(m)}`]; } },
  { format: 'd.M.yyyy H:mm', zone: '+01:00', write: (ms) => { const { y, M, d, H, m } = partsOf(ms, 1); return [`${d}.${M}.${y} ${H}:${two(m)}`]; } },
  { format: 'MM/dd/yy hh:mm a', zone: '-05:00', write: (ms) => { const { y, M, d, H, m } = partsOf(ms, -5); return [`${two(M)}/${two(d)}/${two(y % 100)} ${two(H % 12 || 12)}:${two(m)} ${H < 12 ? 'AM' : 'PM'}`]; } },
  { format: 'iso-local', zone: 'Asia/Kolkata', write: (ms) => { const { y, M, d, H, m } = partsOf(ms, 5.5); return [`${y}-${two(M)}-${two(d)} ${two(H)}:${two(m)}:00`]; } },
]; // biome-ignore format: a time a line

const ways: fc.Arbitrary<Way> = fc
  .record({
    shape: fc.constantFrom<Way['shape']>('a reading a row', 'a column a sensor', 'a value a row'),
    delimiter: fc.constantFrom<Way['delimiter']>(',', ';', '\t', '|'),
    isFixed: fc.boolean(),
    decimal: fc.constantFrom<Way['decimal']>('.', ','),
    thousands: fc.constantFrom<Way['thousands']>(undefined, '.', ',', "'", ' '),
    encoding: fc.constantFrom<Way['encoding']>('utf-8', 'windows-1252', 'utf-16le'),
    time: fc.constantFrom(...times),
    hasHeader: fc.boolean(),
    above: fc.nat(2),
    isQuoted: fc.boolean(),
    isFiltered: fc.boolean(),
    ends: fc.constantFrom<Way['ends']>('\n', '\r\n', '\r'),
  })
  .filter(({ decimal, thousands }) => decimal !== thousands);

const thousandths = fc.option(
  fc.integer({ min: -2_000_000, max: 9_999_999 }).map((count) => count / 1_000),
  { freq: 6 },
);
const givens = fc.uniqueArray(
  fc.record({ sensorId: fc.constantFrom(...names), minute: fc.integer({ min: 0, max: 28 * 1_440 - 1 }), values: fc.tuple(thousandths, thousandths) }).filter(({ values }) => values.some((value) => value !== null)),
  { minLength: 1, maxLength: 12, selector: ({ sensorId, minute }) => `${sensorId} ${minute}` },
); // biome-ignore format: short

function written(value: number | null, { decimal, thousands }: Way): string {
  if (value === null) return '';
  const [whole = '', fraction] = Math.abs(value).toString().split('.');
  const grouped = thousands === undefined ? whole : whole.replace(/\B(?=(\d{3})+$)/g, thousands);
  return `${value < 0 ? '-' : ''}${grouped}${fraction === undefined ? '' : decimal + fraction}`;
}

/** The rows of a file, without the header, and the names of the columns. */
function tableOf(given: readonly Given[], way: Way): { columns: string[]; rows: string[][] } {
  const timed = way.time.write(startMs).length === 1 ? ['when'] : ['date', 'clock'];
  const at = (minute: number) => [...way.time.write(startMs + minute * 60_000)];
  const flagged = (rows: string[][]) => (way.isFiltered ? rows.map((row) => [...row, 'ok']) : rows);
  const flag = way.isFiltered ? ['state'] : [];
  if (way.shape === 'a reading a row')
    return { columns: ['station', ...timed, ...measures, ...flag], rows: flagged(given.map(({ sensorId, minute, values }) => [sensorId, ...at(minute), ...values.map((value) => written(value, way))])) };
  if (way.shape === 'a value a row')
    return { columns: ['station', ...timed, 'what', 'value', ...flag], rows: flagged(given.flatMap(({ sensorId, minute, values }) => values.flatMap((value, of) => (value === null ? [] : [[sensorId, ...at(minute), `the ${measures[of]}`, written(value, way)]])))) };
  const minutes = [...new Set(given.map(({ minute }) => minute))];
  const cellsOf = (minute: number) => names.flatMap((name) => measures.map((_, of) => written(given.find((each) => each.minute === minute && each.sensorId === name)?.values[of] ?? null, way)));
  return { columns: [...timed, ...names.flatMap((name) => measures.map((measure) => `${name} (${measure})`)), ...flag], rows: flagged(minutes.map((minute) => [...at(minute), ...cellsOf(minute)])) };
} // biome-ignore format: a shape a line

function declared(way: Way, columns: readonly string[], widths: readonly number[]): Dataset {
  const timed = columns.includes('when') ? 'when' : ['date', 'clock'];
  const format: Omit<TextFormat, 'kind'> = {
    match: '*.txt',
    encoding: way.encoding,
    decimal: way.decimal,
    comment: '#',
    skipLines: way.above,
    time: { column: timed, format: way.time.format, zone: way.time.zone },
    ...(way.isFixed ? { widths, quote: 'none' } : { delimiter: way.delimiter }),
    ...(way.thousands && { thousands: way.thousands }),
    ...(!way.hasHeader && { header: columns }),
    ...(way.isFiltered && { filter: [{ column: 'state', in: ['ok'] }] }),
    ...(way.shape === 'a column a sensor' ? { columns: { level: '{sensorId} (level)', flow: '{sensorId} (flow)' } } : { columns: { sensorId: 'station' } }),
    ...(way.shape === 'a value a row' && { long: { parameter: 'what', value: 'value', parameters: { 'the level': 'level', 'the flow': 'flow' } } }),
  };
  const measure = { unit: 'm', min: -10_000, max: 10_000, optional: true };
  return defineDataset({ name: 'made', timeZone: 'Europe/Madrid', shards: 1, measures: { level: measure, flow: measure }, formats: [text(format)] });
} // biome-ignore format: a member a line

interface File {
  readonly dataset: Dataset;
  /** Above the rows. */
  readonly head: readonly string[];
  readonly rows: readonly string[];
}

function fileOf(given: readonly Given[], way: Way): File {
  const { columns, rows } = tableOf(given, way);
  const widths = columns.map((name, at) => Math.max(name.length, ...rows.map((row) => (row[at] as string).length)) + 1);
  const cell = (each: string) => (way.isQuoted || each.includes(way.delimiter) ? `"${each}"` : each);
  const line = (cells: readonly string[]) => way.isFixed ? cells.map((each, at) => each.padEnd(widths[at] as number)).join('') : cells.map(cell).join(way.delimiter);
  const remarks = Array.from({ length: way.above }, (_, at) => `Report ${at}, "of the station`);
  const filtered = way.isFiltered && rows[0] ? [line([...rows[0].slice(0, -1), 'bad'])] : [];
  return { dataset: declared(way, columns, widths), head: [...remarks, ...(way.hasHeader ? [line(columns)] : []), '# a remark', ...filtered], rows: rows.map(line) };
} // biome-ignore format: short

const encoders: Readonly<Record<Way['encoding'], (whole: string) => Buffer>> = {
  'utf-8': (whole) => Buffer.from(whole),
  'windows-1252': (whole) => Buffer.from(whole, 'latin1'),
  'utf-16le': (whole) => Buffer.from(whole, 'utf16le'),
};

async function readingsOf({ dataset, head, rows }: File, { encoding, ends }: Way) {
  const bytes = encoders[encoding]([...head, ...rows, ''].join(ends));
  const { outcomes, totals } = await parseBytes(bytes, { key: 'landing/made/a.txt', known: [dataset], chunkBytes: 97 });
  const readings = outcomes.flatMap(({ reading }) => (reading ? [{ sensorId: reading.sensorId, minute: (reading.timestampMs - startMs) / 60_000, values: reading.values }] : []));
  return { readings, totals };
} // biome-ignore format: short

const byIdentity = (
  readings: readonly { sensorId: string; minute: number; values: readonly (number | null)[] }[],
) => readings.map(({ sensorId, minute, values }) => `${sensorId} ${minute}: ${values.join(' ')}`).sort();

test('what is written as it is declared comes back, whatever is declared', async () => {
  await fc.assert(
    fc.asyncProperty(ways, givens, async (way, given) => {
      const { readings, totals } = await readingsOf(fileOf(given, way), way);
      expect(totals.refusal).toBeUndefined();
      expect(byIdentity(readings)).toEqual(byIdentity(given));
      expect(totals).toMatchObject({ lines: given.length, valid: given.length, rejected: {} });
      expect(totals.passedOver?.filtered).toBe(way.isFiltered ? 1 : undefined);
    }),
    { numRuns: 500 },
  );
}, 120_000); // biome-ignore format: short

/** What happens to rows that leaves others, and their values, as they are. */
const damages = fc.array(
  fc.record({ kind: fc.constantFrom('lose', 'double', 'move', 'cut', 'quote', 'join', 'garbage'), row: fc.nat(30), at: fc.nat(60) }),
  { minLength: 1, maxLength: 3 },
); // biome-ignore format: short

function damaged(rows: readonly string[], { isFixed, delimiter }: Way, changes: readonly { kind: string; row: number; at: number }[]): string[] {
  const found = [...rows];
  for (const { kind, row, at } of changes) {
    const index = row % found.length;
    const line = found[index];
    if (line === undefined) continue;
    if (kind === 'lose') found.splice(index, 1);
    else if (kind === 'double') found.push(line);
    else if (kind === 'move') found.splice(at % found.length, 0, ...found.splice(index, 1));
    else if (kind === 'garbage') found.splice(index, 0, '\u00a7$%&/()');
    // In a line of fixed widths a character more moves the others: nobody can tell.
    else if (isFixed) continue;
    // In front of a cell, once: within a name it is another name to anybody, and so is a name behind two of them and its own.
    else if (kind === 'quote' && rows.includes(line)) found[index] = line.split(delimiter).map((cell, place, all) => (place === at % all.length ? `"${cell}` : cell)).join(delimiter);
    else if (kind === 'cut') found[index] = line.slice(0, Math.min(at, line.length - 1) % 8); // in its first cells
    // Two whole rows: behind a broken one the first cell of the next is another name.
    else if (kind === 'join' && [line, found[index + 1]].every((each) => each !== undefined && rows.includes(each))) found.splice(index, 2, line + found[index + 1]);
  }
  return found;
} // biome-ignore format: a kind a line

test('of a damaged file no value comes back as another, nor one of a sensor or time that it is not of', async () => {
  let told = 0;
  await fc.assert(
    fc.asyncProperty(ways, givens, damages, async (way, given, changes) => {
      const file = fileOf(given, way);
      const { readings, totals } = await readingsOf({ ...file, rows: damaged(file.rows, way, changes) }, way);
      for (const { sensorId, minute, values } of readings) {
        const of = given.find((each) => each.sensorId === sensorId && each.minute === minute);
        expect(of, `${sensorId} ${minute}`).toBeDefined();
        // A value that was lost with its row is none; one that is there is the one that was given.
        for (const [at, value] of values.entries()) if (value !== null) expect(value).toBe(of?.values[at]);
      }
      if (totals.refusal !== undefined || totals.lines > totals.valid) told++;
    }),
    { numRuns: 500 },
  );
  expect(told).toBeGreaterThan(40);
}, 120_000); // biome-ignore format: short
