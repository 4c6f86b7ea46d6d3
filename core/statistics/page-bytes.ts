import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import type { AlertStatistics } from './alerts.ts';
import type { ExactSums } from './exact-sums.ts';
import { integerOf, magnitudeBytes } from './magnitudes.ts';
import { namesOf, readCount, readText, writeText } from './page-texts.ts';
import type { MeasureStatistics, PeriodStatistics } from './statistics.ts';
import { readCounts, writeCounts } from './value-counts.ts';

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
const countsName = '';

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
  const hasCounts = statistics.some(({ counts }) => counts !== undefined);
  out.varint(rules.length + (hasCounts ? 1 : 0));
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
export function decodePage(
  bytes: Uint8Array,
  only?: Pick<ReadonlySet<string>, 'has'>,
): Map<string, PeriodStatistics> {
  const { reader, ids, counts } = readHead(bytes);
  const wanted = ids.map(
    (id, row): PeriodStatistics | undefined =>
      only?.has(id) === false
        ? undefined
        : { count: counts[row] as number, contested: 0, measures: {}, alerts: {} }, // one for each
  );
  const rows = [...wanted.keys()].filter((row) => wanted[row] !== undefined);
  if (rows.length === 0) return new Map();
  const contested = pickVarints(reader, ids.length, rows);
  for (const [index, row] of rows.entries())
    (wanted[row] as PeriodStatistics).contested = contested[index] as number; // as above
  for (let left = readCount(reader); left > 0; left--) {
    const name = readText(reader);
    const having = readHaving(reader, wanted, (row, lacking) => (counts[row] as number) - lacking);
    const measures = readMeasure(reader, having);
    for (const [index, { of }] of having.picked.entries())
      of.measures[name] = measures[index] as MeasureStatistics; // one for each
  }
  for (let left = readCount(reader); left > 0; left--) {
    const name = readText(reader);
    if (name === countsName) {
      readCounts(reader, wanted);
      continue;
    }
    const { picked, length } = readHaving(reader, wanted, (_, breaches) => breaches);
    const places = picked.map(({ place }) => place);
    const worst = readDoubles(reader, length, places);
    const worstAt = readTimes(reader, length, places);
    for (const [index, { of, count }] of picked.entries())
      of.alerts[name] = { count, worst: worst[index], worstAt: worstAt[index] } as AlertStatistics; // as above
  }
  if (reader.at !== bytes.length) throw new RangeError(`${bytes.length - reader.at} bytes after the page`);
  return new Map(rows.map((row) => [ids[row] as string, wanted[row] as PeriodStatistics])); // as above
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

/** Reads a number for each series; those that come to a count of 0 have no values in what follows. */
function readHaving(
  reader: ByteReader,
  wanted: readonly (PeriodStatistics | undefined)[],
  countOf: (row: number, read: number) => number,
): Having {
  const picked: { of: PeriodStatistics; place: number; count: number }[] = [];
  let length = 0;
  for (let row = 0; row < wanted.length; row++) {
    const count = countOf(row, reader.varint());
    if (count === 0) continue;
    const of = wanted[row];
    if (of) picked.push({ of, place: length, count });
    length++;
  }
  return { length, picked };
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

/** The ids of a page and how many readings each series has; what is contested of them comes next. */
function readHead(bytes: Uint8Array) {
  const reader = new ByteReader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
  const length = readCount(reader);
  const page = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ids: string[] = [];
  let before = Buffer.alloc(0);
  /** The id before, while all bytes of all ids are characters: then what two ids share is a part of a text. */
  let text: string | undefined = '';
  for (let row = 0; row < length; row++) {
    const shared = reader.varint();
    const end = reader.varint() + reader.at; // the length is read first
    if (end > page.length) throw new RangeError('the page ends too early');
    if (text !== undefined && isAscii(page, reader.at, end))
      text = text.slice(0, shared) + page.toString('latin1', reader.at, end);
    else {
      if (text !== undefined) before = Buffer.from(text, 'latin1');
      text = undefined;
      before = Buffer.concat([before.subarray(0, shared), page.subarray(reader.at, end)]);
    }
    reader.at = end;
    ids.push(text ?? before.toString());
  }
  return { reader, ids, counts: readVarints(reader, length) };
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at] as number) > 127) return false; // within its bounds
  return true;
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

/** Reads a measure's columns; answers the picked rows. */
function readMeasure(reader: ByteReader, { length, picked }: Having): MeasureStatistics[] {
  const rows = picked.map(({ place }) => place);
  const exponents = pickVarints(reader, length, rows).map(ofZigzag);
  const lengths = readVarints(reader, length);
  const sums = pickBytes(
    reader,
    lengths.map((twice) => Math.floor(twice / 2)),
    rows,
  );
  const squares = pickBytes(reader, readVarints(reader, length), rows);
  const [min, minAt, max, maxAt] = [
    readDoubles(reader, length, rows),
    readTimes(reader, length, rows),
    readDoubles(reader, length, rows),
    readTimes(reader, length, rows),
  ];
  return picked.map(({ count, place }, index) => {
    const at = <Value>(column: readonly Value[]) => column[index] as Value; // every column has a value for each picked row
    const magnitude = integerOf(at(sums));
    const sum = (lengths[place] as number) % 2 === 1 ? -magnitude : magnitude; // as above
    return {
      count,
      sums: { exponent: at(exponents), sum, squares: integerOf(at(squares)) },
      ...{ min: at(min), minAt: at(minAt), max: at(max), maxAt: at(maxAt) },
    };
  });
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

function readDoubles(reader: ByteReader, length: number, rows: readonly number[]): number[] {
  const places = reader.byte();
  if (places === asDoubles) {
    const start = reader.at;
    reader.at += 8 * length;
    if (reader.at > reader.view.byteLength) throw new RangeError('the page ends too early');
    return rows.map((row) => reader.view.getFloat64(start + 8 * row, true));
  }
  if (places > mostPlaces) throw new RangeError(`decimals of ${places} places`);
  const power = 10 ** places;
  const column = pickVarints(reader, length, rows);
  for (let index = 0; index < column.length; index++)
    column[index] = ofZigzag(column[index] as number) / power;
  return column;
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

function readTimes(reader: ByteReader, length: number, rows: readonly number[]): number[] {
  if (length === 0) return [];
  const first = readDouble(reader);
  const unit = reader.varint();
  const column = pickVarints(reader, length, rows);
  for (let index = 0; index < column.length; index++)
    column[index] = first + (column[index] as number) * unit;
  return column;
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

function readVarints(reader: ByteReader, length: number): number[] {
  const found: number[] = [];
  for (let row = 0; row < length; row++) found.push(reader.varint());
  return found;
}

/** A column of varints: those of the rows, which are in order. */
function pickVarints(reader: ByteReader, length: number, rows: readonly number[]): number[] {
  if (rows.length === length) return readVarints(reader, length);
  let at = 0;
  const picked = rows.map((row) => {
    reader.skipVarints(row - at);
    at = row + 1;
    return reader.varint();
  });
  reader.skipVarints(length - at);
  return picked;
}

const ofZigzag = (twice: number): number => (twice % 2 === 0 ? twice / 2 : -(twice + 1) / 2);

/** A column of bytes of these lengths: those of the rows, which are in order. */
function pickBytes(reader: ByteReader, lengths: readonly number[], rows: readonly number[]): Buffer[] {
  const { view } = reader;
  const picked: Buffer[] = [];
  // No iterator: most rows of a page are passed over, and this is most of what that takes.
  for (let row = 0; row < lengths.length; row++) {
    const length = lengths[row] as number; // within its bounds
    if (length > view.byteLength - reader.at) throw new RangeError('the page ends too early');
    if (row === rows[picked.length])
      picked.push(Buffer.from(view.buffer, view.byteOffset + reader.at, length));
    reader.at += length;
  }
  return picked;
}

function sharedStart(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length);
  let shared = 0;
  while (shared < most && a[shared] === b[shared]) shared++;
  return shared;
}
