import type { DroppedCounts, RejectReason } from '../core/dataset/reading.ts';
import type { Refusal } from '../core/lines/gate.ts';
import type { PassedOver } from '../core/lines/parse-totals.ts';
import type { ColumnNotes } from '../core/lines/table/header.ts';
import type { Segment } from './keys.ts';

/**
 * What the ingestion asks of the outside, for records: statistics, alerts, jobs, notices, events. `adapters/dynamodb/`,
 * `adapters/sns.ts` and `adapters/eventbridge.ts` implement it. Every call throws `StoreUnavailable` once the service throttles,
 * answers 5xx or does not answer, and the SDK's own retries are spent. The same call succeeds later, and may be repeated: a write
 * that had its effect although its answer was lost is found by its condition or overwritten with the same.
 *
 * Days and months are local to the dataset, `YYYY-MM-DD` and `YYYY-MM`; instants are ISO 8601 in UTC, or UTC ms where the name
 * or comment says so.
 */

/** At most one alert a series, rule and day. */
export interface AlertKey {
  /** `storageName` of the dataset. */
  dataset: string;
  /** Of the series. */
  shard: number;
  sensorId: string;
  /** `YYYY-MM-DD`. */
  day: string;
  /** Name of the dataset's rule. */
  rule: string;
}

/** The day of a partition. */
export type AlertDay = Pick<AlertKey, 'dataset' | 'shard' | 'day'>;

export interface AlertContent {
  measure: string;
  /** In the measure's unit, like `worst`. */
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
  /** `sent` without `sentAt`: withdrawn before anybody was notified. */
  state: 'pending' | 'sent';
  /** ISO 8601, UTC. */
  sentAt?: string;
}

export interface AlertBook {
  /**
   * The alerts of all series of a partition's day. Strongly consistent.
   * @throws {StoreUnavailable} a retry helps
   */
  ofDay(day: AlertDay): Promise<{ key: AlertKey; alert: StoredAlert }[]>;
  /**
   * A new alert, pending. `conflict`: there is one, perhaps of this very call, whose first answer was lost.
   * @throws {StoreUnavailable} a retry helps
   */
  create(
    key: AlertKey,
    alert: { content: AlertContent; version: number; createdAt: string },
  ): Promise<'written' | 'conflict'>;
  /**
   * New content for any number of different alerts, in as few calls as can be; not together: after a fault some may have it. For each, in
   * their order, `conflict` where its state or version is no longer as `read` saw it, perhaps because of this very call, whose first answer
   * was lost.
   * @throws {StoreUnavailable} a retry helps
   */
  revise(revisions: readonly AlertRevision[]): Promise<('written' | 'conflict')[]>;
}

/** New content at a higher version. State and sent mark stay unless `reopen`, which makes the alert pending. */
export interface AlertRevision {
  readonly key: AlertKey;
  readonly read: StoredAlert;
  readonly content: AlertContent;
  readonly version: number;
  readonly reopen: boolean;
}

export interface AlertsOfRule {
  /**
   * The alerts of a rule on a day, of all series. Eventually consistent: what they are read as may have changed, and then a revision is refused.
   * @throws {StoreUnavailable} a retry helps
   */
  ofRule(of: {
    /** Storage name. */
    dataset: string;
    day: string;
    rule: string;
  }): Promise<{ key: AlertKey; alert: StoredAlert }[]>;
}

export interface AlertOutbox {
  /**
   * Keys of pending alerts, in the order of their datasets and sensors; a page at a time is in memory. Eventually consistent:
   * the index behind it may still show a sent one, and not yet a new one.
   * @throws {StoreUnavailable} while it is iterated; a retry begins at the first again
   */
  pending(): AsyncIterable<AlertKey>;
  /**
   * The alert, if it is pending and nobody else holds it; it is then `owner`'s for `leaseMs`. So two notifiers do not
   * publish the same alert, and what a crashed one held is free after the lease, or at once for the same owner.
   * @param claim `nowMs` is UTC ms, by the caller's clock: leases hold as far as the clocks of notifiers agree
   * @throws {StoreUnavailable} it may be held all the same; a retry by the same owner helps
   */
  claim(
    key: AlertKey,
    claim: { owner: string; nowMs: number; leaseMs: number },
  ): Promise<StoredAlert | undefined>;
  /**
   * Ends the pending state. Without `sentAt` (withdrawn, nobody notified) only if it is still at `version`. Where there is nothing
   * to end it does nothing.
   * @throws {StoreUnavailable} a retry helps
   */
  close(key: AlertKey, closing: { sentAt: string } | { version: number }): Promise<void>;
}

export interface Notice {
  /** Cut to 100 characters; what is not printable ASCII arrives as `?`. */
  subject: string;
  /** At most 256 KB of UTF-8, the attributes included. */
  message: string;
  /** What subscriptions filter by. */
  attributes: Readonly<Record<string, string>>;
}

export interface NoticePublisher {
  /**
   * Hands the notice over for delivery, which is at least once.
   * @throws {StoreUnavailable} it may be delivered all the same; a retry helps
   */
  publish(notice: Notice): Promise<void>;
}

/** `lines` = `valid` + `rejected`, over the segments that did not fail. */
export interface JobTotals {
  /** All of them, the failed ones included. */
  segments: number;
  failedSegments: number;
  lines: number;
  valid: number;
  rejected: number;
  /** Values left out of valid readings; empty ones are not counted. */
  dropped: number;
  /** Files of which nothing was taken; they are among `segments`, and did not fail. */
  refused: number;
  /** CSV files whose last row was kept although no newline ends it: they may have been cut. */
  unterminated: number;
  /** Of `rejected`, lines that are only counted ({@link FileNotes.withoutText}); absent where there are none. */
  withoutText?: number;
}

export interface JobStarter {
  /**
   * The job is Processing, created at `startedAt`. A second call keeps the creation time and the counts, and removes the error
   * of an earlier attempt.
   * @throws {StoreUnavailable} a retry helps
   */
  start(job: {
    jobId: string;
    executionArn: string;
    startedAt: string;
    segments: number;
    updatedAt: string;
  }): Promise<void>;
}

export interface JobCounter {
  /**
   * Overwrites the job's counts.
   * @throws {StoreUnavailable} a retry helps
   */
  count(jobId: string, totals: JobTotals, updatedAt: string): Promise<void>;
}

export interface JobFinisher {
  /**
   * The job is Completed, and the error of an earlier attempt is removed.
   * @throws {StoreUnavailable} a retry helps
   */
  finish(jobId: string, updatedAt: string): Promise<void>;
}

export interface IngestEvents {
  /**
   * Tells that an execution of the ingestion completed; delivery is at least once.
   * @throws {StoreUnavailable} it may be delivered all the same; a retry helps
   */
  completed(event: { jobId: string; executionArn: string; totals: JobTotals }): Promise<void>;
}

export interface JobMerges {
  /**
   * Records how many of a job's readings are contested after a merge of them; a repeated call overwrites. Is called only where there
   * are any, so that a job without an item has none.
   * @param merged `part` names which of the job's parts were merged: its unit, and the day after which the merge began
   * @throws {StoreUnavailable} a retry helps
   */
  contested(jobId: string, merged: { part: string; readings: number; updatedAt: string }): Promise<void>;
}

/** What a segment has readings of: one for each dataset. */
export interface Holding {
  /** The dataset's name, without its generation. */
  dataset: string;
  /** Readings, repeats included. */
  readings: number;
  /** The first and the last instant of its readings, UTC ms, both included. */
  fromMs: number;
  toMs: number;
  /** All of its series, sorted; absent when they are too many to be named. */
  sensors?: string[];
  /** Optional measures of which none of its readings has a value; absent where there are none. */
  absent?: string[];
}

/** What became of one segment's lines: `lines` = `valid` + all of `rejected`. */
export interface SegmentAccount {
  segmentId: string;
  segment: Segment;
  lines: number;
  valid: number;
  /** Only reasons that occurred. */
  rejected: Partial<Record<RejectReason, number>>;
  /** Values left out of the valid ones. */
  dropped: DroppedCounts;
  /** Of the rejected lines, in the curated bucket; absent when there are none. */
  rejectsKey?: string;
  /** Of the valid lines; absent where an answer is remembered that did not say it. */
  holds?: readonly Holding[];
  /** The rejected lines by the dataset that they are meant for, in the order in which they came; absent as `holds` is. */
  meant?: readonly MeantLines[];
  /** Nothing of the file was taken, and all counts are 0. */
  refusal?: Refusal;
  notes?: FileNotes;
}

/** What else there is to know of a file that was taken. */
export interface FileNotes {
  /** Of a CSV file: columns that nothing maps, and measures without a column. */
  columns?: ColumnNotes;
  /** Of a CSV file: rows, or sensors in a row, that are no record of their own, by why. */
  passedOver?: PassedOver;
  /** The last row of a CSV file is kept, although no newline ends it: it may have been cut. */
  unterminated?: true;
  /** Of JSON: fields of rejected lines that their dataset does not have, up to 20 of them, each by its first 64 characters. */
  unknownFields?: readonly string[];
  /** Rejected lines past the bound of what is kept of one object: they are counted, and not in its file of rejects. */
  withoutText?: number;
}

/** Rejected lines of one segment that are meant for one dataset. */
export interface MeantLines {
  /** As the lines, or the folder of their object, name it, whether or not there is such a dataset; absent where neither does. */
  dataset?: string;
  rejected: number;
}

export interface SegmentLedger {
  /**
   * Overwrites the segment's account and adds one to its attempts.
   * @throws {StoreUnavailable} a retry helps; the attempt may then be counted twice, the lines never
   */
  record(account: SegmentAccount, by: { jobId: string; updatedAt: string }): Promise<void>;
}

export interface JobSegments {
  /**
   * Overwrites the job's line about a segment that completed, or was refused; `rejected` is the sum over all reasons.
   * @throws {StoreUnavailable} a retry helps
   */
  complete(
    jobId: string,
    segment: Segment & {
      segmentId: string;
      lines: number;
      valid: number;
      rejected: number;
      refusal?: Refusal;
    },
    updatedAt: string,
  ): Promise<void>;
}
