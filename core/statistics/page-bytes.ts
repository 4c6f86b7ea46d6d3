import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import type { AlertStatistics } from './alerts.ts';
import type { ExactSums } from './exact-sums.ts';
import { integerOf, magnitudeBytes } from './magnitudes.ts';
import type { MeasureStatistics, PeriodStatistics } from './statistics.ts';

/*
 * A page of statistics as bytes: some series over one period, packed in columns. Equal statistics are equal bytes, whatever the order of
 * their names. Integers are varints, the series are in the order of their ids, measures and rules in that of their names:
 *
 *   series: their number; of each id the bytes that it shares with the one before, and its others
 *   counts, contested counts
 *   measures: their number; of each its name, how many readings of each series lack it; of the series that have it the
 *   exponents, the signed lengths and magnitudes of the sums, those of the squares, minima, their times, maxima, theirs
 *   rules: their number; of each its name, the breaches of each series; of those that have some the worst values and their times
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

export function encodePage(series: PageSeries): Uint8Array {
  const rows = [...series].sort(([a], [b]) => (a < b ? -1 : 1));
  const statistics = rows.map(([, of]) => of);
  const out = new ByteWriter(64 * rows.length + 256);
  out.varint(rows.length);
  let before = Buffer.alloc(0);
  for (const [sensorId] of rows) {
    const id = Buffer.from(sensorId);
    const shared = sharedStart(before, id);
    out.varint(shared);
    out.varint(id.length - shared);
    out.append(id.subarray(shared));
    before = id;
  }
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
  out.varint(rules.length);
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
 * @param only the series that are wanted: the others are passed over, which takes a quarter of the time
 * @throws {RangeError} for bytes that end too early or have a value that no page has
 */
export function decodePage(
  bytes: Uint8Array,
  only?: Pick<ReadonlySet<string>, 'has'>,
): Map<string, PeriodStatistics> {
  const { reader, ids, counts, contested } = readHead(bytes);
  const wanted = ids.map((id) => only?.has(id) !== false);
  if (!wanted.includes(true)) return new Map();
  const statistics = counts.map((count, index) => {
    const of: PeriodStatistics = { count, contested: contested[index] as number, measures: {}, alerts: {} }; // a row has both
    return of;
  });
  for (let left = readCount(reader); left > 0; left--) {
    const name = readText(reader);
    const having: (PeriodStatistics | undefined)[] = [];
    const found: number[] = [];
    for (const [row, of] of statistics.entries()) {
      const count = of.count - reader.varint();
      if (count === 0) continue;
      having.push(wanted[row] ? of : undefined);
      found.push(count);
    }
    const measureOf = readMeasure(reader, found);
    for (const [row, of] of having.entries()) if (of) of.measures[name] = measureOf(row);
  }
  for (let left = readCount(reader); left > 0; left--) {
    const name = readText(reader);
    const found = statistics.map((of) => ({ of, count: reader.varint() })).filter(({ count }) => count > 0);
    const worst = readDoubles(reader, found.length);
    const worstAt = readTimes(reader, found.length);
    found.forEach(({ of, count }, index) => {
      of.alerts[name] = { count, worst: worst[index], worstAt: worstAt[index] } as AlertStatistics; // as above
    });
  }
  if (reader.at !== bytes.length) throw new RangeError(`${bytes.length - reader.at} bytes after the page`);
  return new Map(ids.flatMap((id, row) => (wanted[row] ? [[id, statistics[row] as PeriodStatistics]] : []))); // as above
}

/**
 * How many readings each series of a page has, in the order of their ids: the beginning of the page is all that is read.
 * @param only the series that are wanted
 * @throws {RangeError} as {@link decodePage}
 */
export function countsOnPage(
  bytes: Uint8Array,
  only?: Pick<ReadonlySet<string>, 'has'>,
): Map<string, number> {
  const { ids, counts } = readHead(bytes);
  const found = ids.map((id, index): [string, number] => [id, counts[index] as number]); // one for each
  return new Map(found.filter(([id]) => only?.has(id) !== false));
}

function readHead(bytes: Uint8Array) {
  const reader = new ByteReader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
  const length = readCount(reader);
  const ids: string[] = [];
  let before = Buffer.alloc(0);
  for (let row = 0; row < length; row++) {
    const shared = reader.varint();
    before = Buffer.concat([before.subarray(0, shared), readBytes(reader, reader.varint())]);
    ids.push(before.toString());
  }
  const column = () => ids.map(() => reader.varint());
  return { reader, ids, counts: column(), contested: column() };
}

function writeMeasure(out: ByteWriter, series: readonly MeasureStatistics[]): void {
  const sums = series.map((of) => of.sums);
  for (const { exponent } of sums) out.zigzag(exponent);
  const ofSums = sums.map(({ sum }) => magnitudeBytes(sum < 0n ? -sum : sum));
  ofSums.forEach(({ length }, row) => {
    out.varint(2 * length + ((sums[row] as ExactSums).sum < 0n ? 1 : 0)); // one for each
  });
  for (const magnitude of ofSums) out.append(magnitude);
  const ofSquares = sums.map(({ squares }) => magnitudeBytes(squares));
  for (const { length } of ofSquares) out.varint(length);
  for (const magnitude of ofSquares) out.append(magnitude);
  const column = (field: 'min' | 'minAt' | 'max' | 'maxAt') => series.map((of) => of[field]);
  writeDoubles(out, column('min'));
  writeTimes(out, column('minAt'));
  writeDoubles(out, column('max'));
  writeTimes(out, column('maxAt'));
}

/** Reads a measure's columns; answers what makes a row of them. */
function readMeasure(reader: ByteReader, counts: readonly number[]): (row: number) => MeasureStatistics {
  const exponents = counts.map(() => reader.zigzag());
  const lengths = counts.map(() => reader.varint());
  const sums = readLater(
    reader,
    lengths.map((length) => Math.floor(length / 2)),
  );
  const squares = readLater(
    reader,
    counts.map(() => reader.varint()),
  );
  const [min, minAt, max, maxAt] = [
    readDoubles(reader, counts.length),
    readTimes(reader, counts.length),
    readDoubles(reader, counts.length),
    readTimes(reader, counts.length),
  ];
  return (row) => {
    const at = <Value>(column: readonly Value[]) => column[row] as Value; // every column has a value for each row
    const magnitude = integerOf(sums(row));
    const sum = at(lengths) % 2 === 1 ? -magnitude : magnitude;
    return {
      count: at(counts),
      sums: { exponent: at(exponents), sum, squares: integerOf(squares(row)) },
      ...{ min: at(min), minAt: at(minAt), max: at(max), maxAt: at(maxAt) },
    };
  };
}

/** Places of the decimals that a column of doubles is tried as; what is none of them is stored as doubles. */
const mostPlaces = 6;
const asDoubles = 255;

function writeDoubles(out: ByteWriter, values: readonly number[]): void {
  for (let places = 0; places <= mostPlaces; places++) {
    const power = 10 ** places;
    const integers = values.map((value) => Math.round(value * power));
    if (!integers.every((integer, row) => Math.abs(integer) < 2 ** 51 && integer / power === values[row]))
      continue;
    out.byte(places);
    for (const integer of integers) out.zigzag(integer);
    return;
  }
  out.byte(asDoubles);
  for (const value of values) writeDouble(out, value);
}

function readDoubles(reader: ByteReader, length: number): number[] {
  const places = reader.byte();
  if (places === asDoubles) return Array.from({ length }, () => readDouble(reader));
  if (places > mostPlaces) throw new RangeError(`decimals of ${places} places`);
  const power = 10 ** places;
  return Array.from({ length }, () => reader.zigzag() / power);
}

/** @param values integers, UTC ms */
function writeTimes(out: ByteWriter, values: readonly number[]): void {
  const first = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  if (values.length === 0) return;
  writeDouble(out, first);
  const unit = values.reduce((divisor, value) => greatestDivisor(divisor, value - first), 0) || 1;
  out.varint(unit);
  for (const value of values) out.varint((value - first) / unit);
}

function readTimes(reader: ByteReader, length: number): number[] {
  if (length === 0) return [];
  const first = readDouble(reader);
  const unit = reader.varint();
  return Array.from({ length }, () => first + reader.varint() * unit);
}

function greatestDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

function writeDouble(out: ByteWriter, value: number): void {
  out.reserve(8);
  out.length = out.bytes.writeDoubleLE(value, out.length);
}

function readDouble(reader: ByteReader): number {
  reader.at += 8;
  return reader.view.getFloat64(reader.at - 8, true);
}

function writeText(out: ByteWriter, text: string): void {
  const bytes = Buffer.from(text);
  out.varint(bytes.length);
  out.append(bytes);
}

const readText = (reader: ByteReader): string => readBytes(reader, reader.varint()).toString();

function readBytes(reader: ByteReader, length: number): Buffer {
  const { view, at } = reader;
  if (length > view.byteLength - at) throw new RangeError('the page ends too early');
  reader.at += length;
  return Buffer.from(view.buffer, view.byteOffset + at, length);
}

/** Passes over texts of bytes of these lengths; answers what reads one of them. */
function readLater(reader: ByteReader, lengths: readonly number[]): (row: number) => Buffer {
  const { view, at } = reader;
  const ends: number[] = [];
  let end = at;
  for (const length of lengths) {
    end += length;
    ends.push(end);
  }
  if (end > view.byteLength) throw new RangeError('the page ends too early');
  reader.at = end;
  return (row) => {
    const length = lengths[row] ?? 0;
    return Buffer.from(view.buffer, view.byteOffset + (ends[row] ?? 0) - length, length);
  };
}

/** A number of things of which each has a byte at least. */
function readCount(reader: ByteReader): number {
  const count = reader.varint();
  if (count > reader.view.byteLength) throw new RangeError('the page ends too early');
  return count;
}

function sharedStart(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length);
  let shared = 0;
  while (shared < most && a[shared] === b[shared]) shared++;
  return shared;
}

const namesOf = (records: readonly object[]): string[] =>
  [...new Set(records.flatMap((record) => Object.keys(record)))].sort();
