import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { readStates, writeStates } from '../projections/page-states.ts';
import type { AlertStatistics } from './alerts.ts';
import {
  ofZigzag,
  pickVarints,
  readDoubles,
  readIntegers,
  readTimes,
  writeDoubles,
  writeIntegers,
  writeTimes,
} from './page-columns.ts';
import { readIds, type WantedIds, writeIds } from './page-ids.ts';
import { namesOf, readCount, readText, writeText } from './page-texts.ts';
import type { MeasureStatistics, PeriodStatistics } from './statistics.ts';
import { readCounts, type Wanted, writeCounts } from './value-counts.ts';

/*
 * A page of statistics as bytes: some series over one period, packed in columns. Equal statistics are equal bytes, whatever the order of
 * their names. Integers are varints, the series are in the order of their ids, measures and rules in that of their names:
 *
 *   series: their number; of each id the bytes that it shares with the one before, and its others
 *   counts, contested counts
 *   measures: their number; of each its name, how many readings of each series lack it; of the series that have it the
 *   exponents, the signed lengths and magnitudes of the sums, those of the squares, minima, their times, maxima, theirs
 *   rules: their number; of each its name, the breaches of each series; of those that have some the worst values and their times
 *   as a rule without a name, of events whose attributes are lists: their number; of each its name, how many texts there are,
 *   and of each of these itself and how many events of each series have it
 *   as a rule named +, of a page of projections: their number; of each its name, and the state of each series
 *
 * A column of doubles is of integers where all are decimals of some number of places, and of doubles otherwise. A column of times is a
 * first one and multiples of a unit.
 */

/**
 * A page has a format that this version does not know: a newer one wrote it. Never retried: deploy that version, or a newer one.
 */
export class StatisticsFormatUnknown extends Error {
  override readonly name = 'StatisticsFormatUnknown';
}

/** The series of one page by id, in any order. */
export type PageSeries = ReadonlyMap<string, PeriodStatistics>;

/** No rule is named so. */
const [countsName, statesName] = ['', '+'];

export function encodePage(series: PageSeries): Uint8Array {
  const rows = [...series].sort(([a], [b]) => (a < b ? -1 : 1));
  const statistics = rows.map(([, of]) => of);
  const out = new ByteWriter(64 * rows.length + 256);
  out.varint(rows.length);
  writeIds(
    out,
    rows.map(([sensorId]) => sensorId),
  );
  for (const { count } of statistics) out.varint(count);
  for (const { contested } of statistics) out.varint(contested);

  const measures = namesOf(statistics.map((of) => of.measures));
  out.varint(measures.length);
  for (const name of measures) {
    writeText(out, name);
    for (const { count, measures: of } of statistics) out.varint(count - (of[name]?.count ?? 0));
    writeMeasure(
      out,
      statistics.flatMap((of) => of.measures[name] ?? []),
    );
  }
  const rules = namesOf(statistics.map((of) => of.alerts));
  const hasCounts = statistics.some(({ counts }) => counts !== undefined);
  const hasStates = statistics.some(({ states }) => states !== undefined);
  out.varint(rules.length + (hasCounts ? 1 : 0) + (hasStates ? 1 : 0));
  if (hasStates) {
    writeText(out, statesName);
    writeStates(out, statistics);
  }
  if (hasCounts) {
    writeText(out, countsName);
    writeCounts(out, statistics);
  }
  for (const name of rules) {
    writeText(out, name);
    for (const { alerts } of statistics) out.varint(alerts[name]?.count ?? 0);
    const found = statistics.flatMap(({ alerts }) => alerts[name] ?? []);
    writeDoubles(
      out,
      found.map(({ worst }) => worst),
    );
    writeTimes(
      out,
      found.map(({ worstAt }) => worstAt),
    );
  }
  return Uint8Array.prototype.slice.call(out.bytes, 0, out.length);
}

/**
 * The series of a page, in the order of their ids.
 * @param only the series that are wanted: the values of the others are passed over
 * @throws {RangeError} for bytes that end too early or have a value that no page has
 */
export function decodePage(bytes: Uint8Array, only?: WantedIds): Map<string, PeriodStatistics> {
  const { reader, ids, rows, counts } = readHead(bytes, only);
  if (rows.length === 0) return new Map();
  const contested = pickVarints(reader, counts.length, rows);
  const wanted = rows.map(
    (row, index): PeriodStatistics => ({
      count: counts[row] as number, // one for each
      contested: contested[index] as number, // as above
      measures: {},
      alerts: {},
    }),
  );
  const all = { rows, wanted, counts };
  for (let left = readCount(reader); left > 0; left--) {
    const name = readText(reader);
    const having = readHaving(reader, all, 'lacking');
    const measures = readMeasure(reader, having);
    for (const [index, { of }] of having.picked.entries())
      of.measures[name] = measures[index] as MeasureStatistics; // one for each
  }
  for (let left = readCount(reader); left > 0; left--) {
    const name = readText(reader);
    if (name === statesName) {
      readStates(reader, all);
      continue;
    }
    if (name === countsName) {
      readCounts(reader, all);
      continue;
    }
    const { picked, length } = readHaving(reader, all, 'having');
    const places = picked.map(({ place }) => place);
    const worst = readDoubles(reader, length, places);
    const worstAt = readTimes(reader, length, places);
    for (const [index, { of, count }] of picked.entries())
      of.alerts[name] = { count, worst: worst[index], worstAt: worstAt[index] } as AlertStatistics; // as above
  }
  if (reader.at !== bytes.length) throw new RangeError(`${bytes.length - reader.at} bytes after the page`);
  return new Map(wanted.map((of, index) => [ids[index] as string, of])); // as above
}

/** The series that a column has values of. */
interface Having {
  /** Of all of them, wanted or not. */
  readonly length: number;
  /** The wanted ones, in order: which of the column's values is theirs, and how many readings or breaches there are. */
  readonly picked: readonly {
    readonly of: PeriodStatistics;
    readonly place: number;
    readonly count: number;
  }[];
}

/** Reads how many readings of each series lack what follows, or have it; those of which none has it have no values there. */
function readHaving(reader: ByteReader, { rows, wanted, counts }: Wanted, of: 'lacking' | 'having'): Having {
  const picked: { of: PeriodStatistics; place: number; count: number }[] = [];
  const isLacking = of === 'lacking';
  let length = 0;
  let next = 0;
  for (let row = 0; row < counts.length; row++) {
    const isWanted = row === rows[next];
    if (isWanted) next++;
    const read = reader.varint();
    const count = isLacking ? (counts[row] as number) - read : read; // within its bounds
    if (count === 0) continue;
    if (isWanted) picked.push({ of: wanted[next - 1] as PeriodStatistics, place: length, count }); // one a row
    length++;
  }
  return { picked, length };
}

/**
 * How many readings each series of a page has, in the order of their ids: the beginning of the page is all that is read.
 * @param only the series that are wanted
 * @throws {RangeError} as {@link decodePage}
 */
export function countsOnPage(bytes: Uint8Array, only?: WantedIds): Map<string, number> {
  const { ids, rows, counts } = readHead(bytes, only);
  return new Map(rows.map((row, index) => [ids[index] as string, counts[row] as number])); // one for each
}

/** The wanted ids of a page, which of its series they are, and how many readings each series has; what is contested of them comes next. */
function readHead(bytes: Uint8Array, only: WantedIds | undefined) {
  const reader = new ByteReader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
  const length = readCount(reader);
  const page = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { ids, rows } = readIds(reader, page, length, only);
  const counts = new Float64Array(length);
  for (let row = 0; row < length; row++) counts[row] = reader.varint();
  return { reader, ids, rows, counts };
}

function writeMeasure(out: ByteWriter, series: readonly MeasureStatistics[]): void {
  const sums = series.map((of) => of.sums);
  for (const { exponent } of sums) out.zigzag(exponent);
  writeIntegers(
    out,
    sums.map(({ sum }) => sum),
    'signed',
  );
  writeIntegers(
    out,
    sums.map(({ squares }) => squares),
    'unsigned',
  );
  const column = (field: 'min' | 'minAt' | 'max' | 'maxAt') => series.map((of) => of[field]);
  writeDoubles(out, column('min'));
  writeTimes(out, column('minAt'));
  writeDoubles(out, column('max'));
  writeTimes(out, column('maxAt'));
}

/** Reads a measure's columns; answers the picked rows. */
function readMeasure(reader: ByteReader, { length, picked }: Having): MeasureStatistics[] {
  const rows = picked.map(({ place }) => place);
  const exponents = pickVarints(reader, length, rows).map(ofZigzag);
  const sums = readIntegers(reader, length, rows, 'signed');
  const squares = readIntegers(reader, length, rows, 'unsigned');
  const [min, minAt, max, maxAt] = [
    readDoubles(reader, length, rows),
    readTimes(reader, length, rows),
    readDoubles(reader, length, rows),
    readTimes(reader, length, rows),
  ];
  return picked.map(({ count }, index) => {
    const at = <Value>(column: readonly Value[]) => column[index] as Value; // every column has a value for each picked row
    return {
      count,
      sums: { exponent: at(exponents), sum: at(sums), squares: at(squares) },
      ...{ min: at(min), minAt: at(minAt), max: at(max), maxAt: at(maxAt) },
    };
  });
}
