import type { MergeUnit } from '../../ports/inbox.ts';
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

/** One element of the manifest of units, which PlanMerge writes, and FinishIngest after it: the input of one MergePartition. */
export interface MergeTask {
  jobId: string;
  /** Where staging and the partitions are. */
  bucket: string;
  units: MergeUnit[];
}

/** The parts of a job for one unit, which PlanMerge writes and MergePartition reads; sorted by day. */
export type PartList = {
  /** Local, `YYYY-MM-DD`. */
  day: string;
  parts: PartRange[];
}[];

/** Bytes `start` up to, not including, `end` of a segment's parts object. */
export interface PartRange {
  key: string;
  start: number;
  end: number;
  rows: number;
}

/** Units of a job that are not merged yet, by their manifest, and what the machine waits before it tries again. */
export interface PendingMerges {
  units: { bucket: string; key: string };
  /** Units in it. */
  count: number;
  waitSeconds: number;
}
