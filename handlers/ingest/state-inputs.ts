import type { Segment } from '../../ports/keys.ts';

/** What the states of the ingest machine hand to one another, directly or by an object that the input points to. */

/** One element of the manifest of segments, which PlanIngest writes: the input of one ValidateSegment. */
export interface SegmentTask extends Segment {
  jobId: string;
  segmentId: string;
  /** Bytes; 0 where nobody has asked S3. */
  size: number;
  /** Empty, or the id of the job that asks for the segment again, so that it is not taken for a repeated event. */
  run: string;
}

/** One element of the manifest of units, which PlanMerge writes: the input of one MergePartition. */
export interface UnitPointer {
  jobId: string;
  bucket: string;
  /** Key of the {@link MergeUnit}. */
  unit: string;
}

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
interface PartRange {
  key: string;
  start: number;
  end: number;
  rows: number;
}
