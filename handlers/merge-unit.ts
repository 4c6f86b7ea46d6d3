import type { ObjectLocation } from './ports.ts';

/** What PlanMerge writes and MergePartition reads: partitions of one dataset, with the staged parts that go into each. */
export interface MergeUnit {
  /** The dataset's name. */
  dataset: string;
  /** Sorted by day, then shard. */
  partitions: UnitPartition[];
}

export interface UnitPartition {
  /** Local, `YYYY-MM-DD`. */
  day: string;
  shard: number;
  parts: PartRange[];
}

/** Bytes `start` up to, not including, `end` of a segment's parts object. */
export interface PartRange {
  key: string;
  start: number;
  end: number;
  rows: number;
}

/** One element of the manifest of units: the input of one MergePartition. */
export interface UnitPointer {
  jobId: string;
  bucket: string;
  unit: string;
}

/** JSON of our own writing as bytes, and back. The shape is the writer's word: the same deployment reads it. */
export const toJsonBytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
export const fromJsonBytes = <Shape>(bytes: Uint8Array): Shape =>
  JSON.parse(Buffer.from(bytes).toString('utf8'));

/** For messages. */
export const addressOf = ({ bucket, key }: ObjectLocation): string => `s3://${bucket}/${key}`;
