import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { integerOf, magnitudeBytes } from './magnitudes.ts';

/* Columns of a page of statistics. Of each those rows are read that are wanted, in order; the others are passed over. */

/** Integers of any size: the lengths of all, of signed ones twice that and one more where they are negative, then their bytes. */
export function writeIntegers(out: ByteWriter, values: readonly bigint[], kind: 'signed' | 'unsigned'): void {
  const magnitudes = values.map((value) => magnitudeBytes(value < 0n ? -value : value));
  for (const [row, { length }] of magnitudes.entries())
    out.varint(kind === 'unsigned' ? length : 2 * length + ((values[row] as bigint) < 0n ? 1 : 0)); // one for each
  for (const magnitude of magnitudes) out.append(magnitude);
}

/** Reads what {@link writeIntegers} writes. */
export function readIntegers(
  reader: ByteReader,
  length: number,
  rows: readonly number[],
  kind: 'signed' | 'unsigned',
): bigint[] {
  const found: { start: number; size: number; isNegative: boolean }[] = [];
  let bytes = 0;
  for (let row = 0; row < length; row++) {
    const read = reader.varint();
    const isNegative = kind === 'signed' && read % 2 === 1;
    const size = kind === 'signed' ? Math.floor(read / 2) : read;
    if (row === rows[found.length]) found.push({ start: bytes, size, isNegative });
    bytes += size;
  }
  const { view, at } = reader;
  if (bytes > view.byteLength - at) throw new RangeError('the page ends too early');
  reader.at += bytes;
  return found.map(({ start, size, isNegative }) => {
    const magnitude = integerOf(Buffer.from(view.buffer, view.byteOffset + at + start, size));
    return isNegative ? -magnitude : magnitude;
  });
}

/** Places of the decimals that a column of doubles is tried as; what is none of them is stored as doubles. */
const mostPlaces = 6;
const asDoubles = 255;

export function writeDoubles(out: ByteWriter, values: readonly number[]): void {
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

export function readDoubles(reader: ByteReader, length: number, rows: readonly number[]): number[] {
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
export function writeTimes(out: ByteWriter, values: readonly number[]): void {
  const first = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  if (values.length === 0) return;
  writeDouble(out, first);
  const unit = values.reduce((divisor, value) => greatestDivisor(divisor, value - first), 0) || 1;
  out.varint(unit);
  for (const value of values) out.varint((value - first) / unit);
}

export function readTimes(reader: ByteReader, length: number, rows: readonly number[]): number[] {
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
export function pickVarints(reader: ByteReader, length: number, rows: readonly number[]): number[] {
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

export const ofZigzag = (twice: number): number => (twice % 2 === 0 ? twice / 2 : -(twice + 1) / 2);
