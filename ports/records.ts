import type { RejectReason } from '../core/dataset/reading.ts';
import type { PeriodStatistics } from '../core/statistics/statistics.ts';
import type { Segment } from './keys.ts';

/**
 * What the ingestion asks of the outside, for records: statistics, alerts, jobs, notices. `adapters/` implements it
 * over DynamoDB and SNS. Every call may throw `StoreUnavailable`.
 */

/** A series over one local day (`YYYY-MM-DD`) or month (`YYYY-MM`). */
export interface SeriesPeriod {
  /** `storageName` of the dataset. */
  dataset: string;
  sensorId: string;
  period: string;
}

export interface StoredStatistics {
  /** Positive integer. Only grows. */
  version: number;
  statistics: PeriodStatistics;
}

export interface StatisticsStore {
  /** Strongly consistent, in the order of the keys. */
  read(keys: readonly SeriesPeriod[]): Promise<(StoredStatistics | undefined)[]>;
  /** Strongly consistent, in the order of the days. */
  readDaysOfMonth(month: SeriesPeriod): Promise<StoredStatistics[]>;
  /** Writes if what is stored is older; `superseded`: it is of this version or a newer one, and stays. */
  write(key: SeriesPeriod & { shard: number }, value: StoredStatistics): Promise<'written' | 'superseded'>;
}

/** At most one alert a series, rule and day. */
export interface AlertKey {
  /** `storageName` of the dataset. */
  dataset: string;
  sensorId: string;
  day: string;
  rule: string;
}

export interface AlertContent {
  measure: string;
  threshold: number;
  /** Readings of the day beyond the threshold. */
  count: number;
  worst: number;
  /** UTC ms. */
  worstAt: number;
  /** The readings that raised it have been corrected; the rest is as it last held. */
  withdrawn: boolean;
}

export interface StoredAlert {
  content: AlertContent;
  /** Version of the partition that the content was computed from. */
  version: number;
  /** `sent` without `sentAt`: withdrawn before anybody was told. */
  state: 'pending' | 'sent';
  sentAt?: string;
}

export interface AlertBook {
  /** Strongly consistent, in the order of the keys. */
  read(keys: readonly AlertKey[]): Promise<(StoredAlert | undefined)[]>;
  /** A new alert, pending. `conflict`: there is one. */
  create(
    key: AlertKey,
    alert: { content: AlertContent; version: number; createdAt: string },
  ): Promise<'written' | 'conflict'>;
  /**
   * New content for an alert, at a higher version. Keeps state and sent mark unless `reopen`, which makes it pending.
   * `conflict`: its state or version is no longer as `read` saw it.
   */
  revise(
    key: AlertKey,
    change: { read: StoredAlert; content: AlertContent; version: number; reopen: boolean },
  ): Promise<'written' | 'conflict'>;
}

export interface AlertOutbox {
  /** Keys of pending alerts. The index behind it lags: it may still show a sent one, and not yet a new one. */
  pending(): AsyncIterable<AlertKey>;
  /**
   * The alert, if it is pending and nobody else holds it; it is then `owner`'s for `leaseMs`. So two notifiers do not
   * publish the same alert, and what a crashed one held is free after the lease, or at once for the same owner.
   */
  claim(
    key: AlertKey,
    claim: { owner: string; nowMs: number; leaseMs: number },
  ): Promise<StoredAlert | undefined>;
  /** Ends the pending state. Without `sentAt` (withdrawn, nobody told) only if it is still at `version`. */
  close(key: AlertKey, closing: { sentAt: string } | { version: number }): Promise<void>;
}

export interface Notice {
  subject: string;
  message: string;
  attributes: Readonly<Record<string, string>>;
}

export interface NoticePublisher {
  publish(notice: Notice): Promise<void>;
}

export interface JobTotals {
  segments: number;
  failedSegments: number;
  lines: number;
  valid: number;
  rejected: number;
}

export interface JobStarter {
  /** The job is Processing. A second call keeps `createdAt` and the counts. */
  start(job: {
    jobId: string;
    executionArn: string;
    startedAt: string;
    segments: number;
    updatedAt: string;
  }): Promise<void>;
}

export interface JobCounter {
  /** Overwrites the job's counts. */
  count(jobId: string, totals: JobTotals, updatedAt: string): Promise<void>;
}

/** What became of one segment's lines. */
export interface SegmentAccount {
  segmentId: string;
  segment: Segment;
  lines: number;
  valid: number;
  /** Only reasons that occurred. */
  rejected: Partial<Record<RejectReason, number>>;
  rejectsKey?: string;
}

export interface SegmentLedger {
  /** Overwrites the segment's account and adds one to its attempts. */
  record(account: SegmentAccount, by: { jobId: string; updatedAt: string }): Promise<void>;
}

export interface JobSegments {
  /** Overwrites the job's line about a segment that completed. */
  complete(
    jobId: string,
    segment: Segment & { segmentId: string; lines: number; valid: number; rejected: number },
    updatedAt: string,
  ): Promise<void>;
}
