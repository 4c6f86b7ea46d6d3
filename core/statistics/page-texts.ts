import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';

/* Names and texts on a page of statistics. */

export function writeText(out: ByteWriter, text: string): void {
  const bytes = Buffer.from(text);
  out.varint(bytes.length);
  out.append(bytes);
}

export const readText = (reader: ByteReader): string => readBytes(reader, reader.varint()).toString();

export const skipText = (reader: ByteReader): void => void readBytes(reader, reader.varint());

function readBytes(reader: ByteReader, length: number): Buffer {
  const { view, at } = reader;
  if (length > view.byteLength - at) throw new RangeError('the page ends too early');
  reader.at += length;
  return Buffer.from(view.buffer, view.byteOffset + at, length);
}

/** A number of things of which each has a byte at least. */
export function readCount(reader: ByteReader): number {
  const count = reader.varint();
  if (count > reader.view.byteLength - reader.at) throw new RangeError('the page ends too early');
  return count;
}

export const namesOf = (records: readonly object[]): string[] =>
  [...new Set(records.flatMap((record) => Object.keys(record)))].sort();
