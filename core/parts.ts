import type { Dataset } from './dataset.ts';
import { type PartitionId, splitByPartition } from './partition.ts';
import type { Columns } from './row.ts';

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

interface Header {
  readonly dataset: string;
  readonly rows: number;
  readonly sensors: readonly string[];
  readonly measures: readonly string[];
  readonly attributes: Readonly<Record<string, readonly (string | null)[]>>;
}

/** A staged part was written for another definition of its dataset. A retry doesn't help; a replay does. */
export class PartMismatch extends Error {
  override readonly name = 'PartMismatch';
}

/**
 * The sets of one segment, one for each dataset, split into their partitions. A part is a header's length (uint32), the
 * header (JSON: names, sensors, attributes), padding to 8 bytes, then little-endian arrays: timestamps and measures
 * (float64), sensors (uint32), revisions (int32). Equal sets give equal bytes.
 */
export function encodeParts(sets: Iterable<{ dataset: Dataset; columns: Columns }>): Parts {
  const chunks: Uint8Array[] = [];
  const index: PartEntry[] = [];
  let start = 0;
  for (const { dataset, columns } of sets) {
    for (const part of splitByPartition(dataset, columns)) {
      const bytes = encodePart(dataset, part.columns);
      chunks.push(bytes);
      index.push({ ...part.id, start, end: start + bytes.length, rows: part.columns.length });
      start += bytes.length;
    }
  }
  return { bytes: Buffer.concat(chunks), index };
}

function encodePart(dataset: Dataset, columns: Columns): Uint8Array {
  const header: Header = {
    dataset: dataset.storageName,
    rows: columns.length,
    sensors: columns.sensors,
    measures: dataset.measureNames,
    attributes: Object.fromEntries(
      dataset.attributeNames.map((name, at) => [name, columns.attributes[at] ?? []]),
    ),
  };
  const json = Buffer.from(JSON.stringify(header));
  const arrays = [columns.timestampMs, ...columns.values, columns.sensor, columns.revision];
  const bodyStart = aligned(4 + json.length);
  const part = Buffer.alloc(aligned(arrays.reduce((size, array) => size + array.byteLength, bodyStart)));
  part.writeUInt32LE(json.length);
  part.set(json, 4);
  let at = bodyStart;
  for (const array of arrays) {
    part.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += array.byteLength;
  }
  return part;
}

const aligned = (size: number) => Math.ceil(size / 8) * 8;

/**
 * The set of one part: the bytes between an entry's `start` and `end`.
 * @throws {PartMismatch} when it was written for other measures or attributes than the dataset has now
 */
export function decodePart(dataset: Dataset, bytes: Uint8Array): Columns {
  const copy = new Uint8Array(bytes); // aligned for the typed arrays, and independent of a shared pool
  const headerLength = new DataView(copy.buffer).getUint32(0, true);
  const header: Header = JSON.parse(Buffer.from(copy.buffer, 4, headerLength).toString());
  const found = [header.dataset, ...header.measures, ...Object.keys(header.attributes)].join();
  const expected = [dataset.storageName, ...dataset.measureNames, ...dataset.attributeNames].join();
  if (found !== expected) {
    throw new PartMismatch(
      `a part holds ${found}, but the dataset is ${expected}: replay the segments of this job`,
    );
  }
  const { rows } = header;
  let at = aligned(4 + headerLength);
  const floats = () => {
    const array = new Float64Array(copy.buffer, at, rows);
    at += rows * 8;
    return array;
  };
  const timestampMs = floats();
  const values = dataset.measureNames.map(floats);
  const sensor = new Uint32Array(copy.buffer, at, rows);
  const revision = new Int32Array(copy.buffer, at + rows * 4, rows);
  const attributes = dataset.attributeNames.map((name) => header.attributes[name] ?? []);
  return { sensors: header.sensors, sensor, timestampMs, revision, values, attributes, length: rows };
}
