import { ByteWriter } from '../bytes/byte-writer.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { Columns } from '../set/columns.ts';
import { type SortedRows, sortedRowsOf, toColumns } from '../set/sorted-rows.ts';
import { readParquet } from './parquet/read-file.ts';
import { type PartitionId, partitionRuns } from './partition.ts';
import { describeFile, emptyColumns, encodePartition, readingColumns } from './partition-file.ts';

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

/** A staged part was written for another definition of its dataset. A retry doesn't help; a replay does. */
export class PartMismatch extends Error {
  override readonly name = 'PartMismatch';
}

/**
 * The sets of one segment, one for each dataset, split into their partitions: one after the other, each part is a Parquet file
 * as {@link encodePartition} writes it. Equal sets give equal bytes.
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
      writer.append(encodePartition(dataset, id, columns));
      index.push({ ...id, start, end: writer.length, rows: columns.length });
    }
  }
  const indexStart = writer.length;
  writer.append(Buffer.from(JSON.stringify(index)));
  return { bytes: writer.bytes.subarray(0, writer.length), index, indexStart };
}

/**
 * The set of one part: the bytes between an entry's `start` and `end`.
 * @throws {PartMismatch} when it was written for another time zone, number of shards or other fields than the dataset has
 * now, or by another version
 */
export function decodePart(dataset: Dataset, bytes: Uint8Array): Columns {
  const file = describeFile(bytes);
  const { storageName, timeZone, shards, measureNames, attributeNames } = dataset;
  const { layout, names, metadata } = file;
  const found = [layout.dataset, layout.timeZone, layout.shards, ...named(layout.identity), ...names].join();
  const fields = [...readingColumns, ...measureNames, ...attributeNames];
  const expected = [
    storageName,
    timeZone,
    shards,
    ...named((dataset.identity ?? []).join()),
    ...fields,
  ].join();
  if (found !== expected || !file.isOwn) {
    throw new PartMismatch(
      `a part of ${metadata.created_by} holds ${found}, but the dataset is ${expected}: replay the segments of this job`,
    );
  }
  const { columns, targets } = emptyColumns(dataset, file);
  readParquet(bytes, metadata, targets);
  return columns;
}

/** Of readings there is none. */
const named = (identity: string): string[] => (identity === '' ? [] : [identity]);
