import type { Dataset } from './dataset.ts';
import { ByteReader } from './parquet/byte-reader.ts';
import { ByteWriter } from './parquet/byte-writer.ts';
import { readDelta, writeDelta } from './parquet/delta.ts';
import { DoubleDictionary } from './parquet/double-dictionary.ts';
import { readHybrid, widthOf, writePacked } from './parquet/hybrid.ts';
import { type PartitionId, partitionRuns } from './partition.ts';
import type { Columns } from './row.ts';
import { type SortedRows, sortedRowsOf, toColumns } from './sorted-rows.ts';

/** Where the part of one partition is in a segment's parts object: bytes `start` (inclusive) to `end` (exclusive). */
export interface PartEntry extends PartitionId {
  readonly start: number;
  readonly end: number;
  readonly rows: number;
}

/** A segment's parts in one object, and where each of them is. */
export interface Parts {
  readonly bytes: Uint8Array;
  /** Sorted by dataset (in the order given), day, shard. */
  readonly index: readonly PartEntry[];
}

/** What a part's body means. */
interface Header {
  readonly dataset: string;
  readonly rows: number;
  readonly sensors: readonly string[];
  /** By measure, the number of its different values, which come first; 0: the values themselves are there. */
  readonly measures: Readonly<Record<string, number>>;
  /** By attribute, its different texts. */
  readonly attributes: Readonly<Record<string, readonly (string | null)[]>>;
  /** Timestamps are float64, since they are too far apart. */
  readonly wide?: true;
  /** There are revisions other than 0. */
  readonly revised?: true;
}

/** A staged part was written for another definition of its dataset. A retry doesn't help; a replay does. */
export class PartMismatch extends Error {
  override readonly name = 'PartMismatch';
}

/**
 * The sets of one segment, one for each dataset, split into their partitions. A part is its header's length (uint32), the
 * header (JSON) and a body: the number of rows of each sensor, timestamps, revisions, measures, attributes, in Parquet's encodings
 * where they pay: S3 and the network take longer for a byte than the encoding does. Equal sets give equal bytes.
 */
export function encodeParts(sets: Iterable<{ dataset: Dataset; columns: Columns }>): Parts {
  const sorted = Array.from(sets, ({ dataset, columns }) => ({ dataset, rows: sortedRowsOf(columns) }));
  const { bytes, index, indexStart } = encodeStaged(sorted);
  return { bytes: bytes.subarray(0, indexStart), index };
}

/** As {@link encodeParts}, followed from `indexStart` on by the index as JSON: all in one buffer, since there may be much. */
export function encodeStaged(
  sets: Iterable<{ dataset: Dataset; rows: SortedRows }>,
): Parts & { indexStart: number } {
  const writer = new ByteWriter();
  const index: PartEntry[] = [];
  for (const { dataset, rows } of sets) {
    for (const { id, runs } of partitionRuns(dataset, rows)) {
      const start = writer.length;
      const columns = toColumns(rows, runs);
      writePart(writer, dataset, columns);
      index.push({ ...id, start, end: writer.length, rows: columns.length });
    }
  }
  const indexStart = writer.length;
  writer.append(Buffer.from(JSON.stringify(index)));
  return { bytes: writer.bytes.subarray(0, writer.length), index, indexStart };
}

function writePart(writer: ByteWriter, dataset: Dataset, columns: Columns): void {
  const body = new ByteWriter(256 + columns.length * 2 * (1 + columns.values.length));
  for (const count of countsOf(columns)) body.varint(count);
  const isWide = !writeDelta(body, columns.timestampMs);
  if (isWide) body.append(bytesOf(columns.timestampMs));
  const isRevised = columns.revision.some((revision) => revision !== 0);
  if (isRevised) writeDelta(body, columns.revision); // int32 are never too far apart
  const dictionary = new DoubleDictionary(columns.length);
  const measures = columns.values.map((column) => writeDoubles(body, dictionary, column));
  const texts = columns.attributes.map((column) => writeTexts(body, column));
  const header: Header = {
    dataset: dataset.storageName,
    rows: columns.length,
    sensors: columns.sensors,
    measures: Object.fromEntries(dataset.measureNames.map((name, at) => [name, measures[at] ?? 0])),
    attributes: Object.fromEntries(dataset.attributeNames.map((name, at) => [name, texts[at] ?? []])),
    ...(isWide ? { wide: true } : {}),
    ...(isRevised ? { revised: true } : {}),
  };
  const json = Buffer.from(JSON.stringify(header));
  writer.uint32(json.length);
  writer.append(json);
  writer.append(body.bytes.subarray(0, body.length));
  writer.uint32(0); // packed numbers are read by four bytes, past the last
}

/** The number of rows of each sensor. */
function countsOf({ sensor, sensors, length }: Columns): Uint32Array {
  const counts = new Uint32Array(sensors.length);
  for (let row = 0; row < length; row++) {
    const at = sensor[row] as number; // row is a row
    counts[at] = (counts[at] as number) + 1; // at is a sensor
  }
  return counts;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

function writeDoubles(body: ByteWriter, dictionary: DoubleDictionary, column: Float64Array): number {
  const count = dictionary.code(column) ?? 0;
  if (count === 0) body.append(bytesOf(column));
  else {
    body.append(bytesOf(dictionary.values.subarray(0, count)));
    writePacked(body, widthOf(count), dictionary.codes, column.length);
  }
  return count;
}

function writeTexts(body: ByteWriter, column: readonly (string | null)[]): (string | null)[] {
  const numbers = new Map<string | null, number>();
  const codes = Uint32Array.from(column, (text) => {
    let code = numbers.get(text);
    if (code === undefined) {
      code = numbers.size;
      numbers.set(text, code);
    }
    return code;
  });
  writePacked(body, widthOf(numbers.size), codes, codes.length);
  return [...numbers.keys()];
}

/**
 * The set of one part: the bytes between an entry's `start` and `end`.
 * @throws {PartMismatch} when it was written for other measures or attributes than the dataset has now
 */
export function decodePart(dataset: Dataset, bytes: Uint8Array): Columns {
  const reader = new ByteReader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
  const jsonBytes = reader.uint32();
  const header: Header = JSON.parse(Buffer.from(bytes.subarray(4, 4 + jsonBytes)).toString());
  const found = [header.dataset, ...Object.keys(header.measures), ...Object.keys(header.attributes)].join();
  const expected = [dataset.storageName, ...dataset.measureNames, ...dataset.attributeNames].join();
  if (found !== expected) {
    throw new PartMismatch(
      `a part holds ${found}, but the dataset is ${expected}: replay the segments of this job`,
    );
  }
  reader.at += jsonBytes;
  const { rows, sensors } = header;
  const sensor = new Uint32Array(rows);
  let row = 0;
  for (let index = 0; index < sensors.length; index++) {
    const end = row + reader.varint();
    sensor.fill(index, row, end);
    row = end;
  }
  const timestampMs = header.wide ? readDoubles(reader, rows) : new Float64Array(rows);
  if (!header.wide) readDelta(reader, timestampMs, 0);
  const revision = new Int32Array(rows);
  if (header.revised) readDelta(reader, revision, 0);
  const values = Object.values(header.measures).map((count) => {
    if (count === 0) return readDoubles(reader, rows);
    const different = readDoubles(reader, count);
    const codes = readCodes(reader, count, rows);
    const column = new Float64Array(rows);
    for (let at = 0; at < rows; at++) column[at] = different[codes[at] as number] as number; // codes are below count
    return column;
  });
  const attributes = Object.values(header.attributes).map((texts) =>
    Array.from(readCodes(reader, texts.length, rows), (code) => texts[code] ?? null),
  );
  return { sensors, sensor, timestampMs, revision, values, attributes, length: rows };
}

/** Copied, since they may lie at any address. */
function readDoubles(reader: ByteReader, count: number): Float64Array {
  const { buffer, byteOffset } = reader.view;
  const copy = new Uint8Array(new Uint8Array(buffer, byteOffset + reader.at, count * 8));
  reader.at += count * 8;
  return new Float64Array(copy.buffer);
}

function readCodes(reader: ByteReader, count: number, rows: number): Uint32Array {
  const codes = new Uint32Array(rows);
  readHybrid(reader, widthOf(count), codes, 0, rows);
  return codes;
}
