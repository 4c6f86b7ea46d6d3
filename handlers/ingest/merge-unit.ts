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
