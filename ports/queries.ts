import type { Dataset } from '../core/dataset/dataset.ts';
import type { DroppedCounts } from '../core/dataset/reading.ts';
import type { Refusal } from '../core/lines/gate.ts';
import type { PeriodStatistics } from '../core/statistics/statistics.ts';
import type { Segment } from './keys.ts';
import type { AlertContent, FileNotes, Holding, MeantLines } from './records.ts';

/**
 * What the queries ask of the outside. `adapters/dynamodb/` implements it. Every call throws `StoreUnavailable` once DynamoDB
 * throttles, answers 5xx or does not answer, and the SDK's own retries are spent: the same call succeeds later. Nothing here
 * writes, so a repeated call changes nothing. A `dataset` that is a text is a dataset's `storageName`.
 */

/**
 * A page of rows; `more` when there may be rows after the last one. A page ends at the query's `limit` or at DynamoDB's 1 MB,
 * whichever comes first; it may be empty and have more.
 */
interface Page<Row> {
  readonly rows: readonly Row[];
  readonly more: boolean;
}

/** One series over one period: a local day `YYYY-MM-DD` or month `YYYY-MM`. */
export interface SeriesRow {
  readonly sensorId: string;
  readonly period: string;
  readonly statistics: PeriodStatistics;
}

/** One period of one shard. */
export interface PeriodOfShard {
  readonly dataset: Dataset;
  readonly period: string;
  /** 0 to the dataset's `shards` - 1. */
  readonly shard: number;
  /** Only these series; pages that none of them can be on are not read. */
  readonly only?: ReadonlySet<string> | undefined;
  /**
   * Only these as well; asked while pages are read, of each series once or more often, so that it may come to want fewer. What it does not
   * want is not decoded.
   */
  readonly wants?: ((sensorId: string) => boolean) | undefined;
  /** Of an answer that comes in pages, each of which reads all of a period: a later one may be of what the one before it read of all series, up to 10 s ago. */
  readonly answer?: 'first page' | 'later page' | undefined;
}

/**
 * Statistics are read by pages of some hundred series. A series has no row of a period in which all of its readings were withdrawn.
 * Everything is strongly consistent page by page, not a snapshot of several. Throws {@link StatisticsFormatUnknown} for a page that a
 * newer version wrote.
 */
export interface StatisticsQueries {
  /**
   * Periods of one series from `from` to `to`, both inclusive and of one kind, in order, at most `limit` (at least 1).
   * @throws {StoreUnavailable} a retry helps
   */
  ofSeries(query: {
    dataset: Dataset;
    sensorId: string;
    from: string;
    to: string;
    limit: number;
  }): Promise<Page<SeriesRow>>;
  /**
   * The last month of a series before `month` (`YYYY-MM`) that has readings.
   * @throws {StoreUnavailable} a retry helps
   */
  monthBefore(query: { dataset: Dataset; sensorId: string; month: string }): Promise<SeriesRow | undefined>;
  /**
   * Whether there is any month of the series.
   * @throws {StoreUnavailable} a retry helps
   */
  hasSeries(query: { dataset: Dataset; sensorId: string }): Promise<boolean>;
  /**
   * All series of a period in one shard, a page after the other, in no order.
   * @throws {StoreUnavailable} while it is iterated; a retry begins at the first again
   */
  ofPeriod(period: PeriodOfShard): AsyncIterable<readonly SeriesRow[]>;
  /**
   * How many readings each series of a period in one shard has, in no order: a tenth of the work of {@link ofPeriod}.
   * @throws {StoreUnavailable} a retry helps
   */
  countsOf(period: PeriodOfShard): Promise<ReadonlyMap<string, number>>;
  /**
   * Whether any series of the shard has readings in the period.
   * @throws {StoreUnavailable} a retry helps
   */
  hasPeriod(period: PeriodOfShard): Promise<boolean>;
}

export interface AlertRow {
  readonly sensorId: string;
  /** Local, `YYYY-MM-DD`. */
  readonly day: string;
  readonly rule: string;
  readonly content: AlertContent;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** ISO 8601, UTC; absent while the alert is pending, and when it was withdrawn before it was sent. */
  readonly sentAt?: string;
}

/** Where a page of alerts ended. */
export type AlertPosition = Pick<AlertRow, 'day' | 'rule' | 'sensorId'>;

/**
 * `pending`: nobody was told yet; `sent`: somebody was; `withdrawn`: the readings that caused it have been corrected since, whether somebody was told or
 * not.
 */
export type AlertState = 'pending' | 'sent' | 'withdrawn';

/** The state of an alert, of which it has one. */
export const alertStateOf = ({ content, sentAt }: Pick<AlertRow, 'content' | 'sentAt'>): AlertState =>
  content.withdrawn ? 'withdrawn' : sentAt === undefined ? 'pending' : 'sent';

export interface AlertQueries {
  /**
   * Alerts of days from `from` to `to` (`YYYY-MM-DD`), both inclusive and of one month, by day and rule, after `after`, at
   * most `limit` (at least 1). What the sensors, the rule and the state leave out is read all the same, up to 500 alerts or 1 MB a call: a page may be short or empty
   * and have a `last`, where the next one begins. Eventually consistent: from an index that lags by less than a second as a rule.
   * @throws {StoreUnavailable} a retry helps
   */
  ofDays(query: {
    dataset: Dataset;
    from: string;
    to: string;
    /** Which sensors' alerts; without it all sensors'. */
    wants?: ((sensorId: string) => boolean) | undefined;
    rule?: string | undefined;
    state?: AlertState | undefined;
    after: AlertPosition | undefined;
    limit: number;
  }): Promise<{ readonly rows: readonly AlertRow[]; readonly last?: AlertPosition }>;
}

/** Alerts that nobody was told of yet. */
export interface PendingAlerts {
  readonly count: number;
  /** When the oldest of them was raised: ISO 8601, UTC; absent when there is none. */
  readonly oldest?: string;
}

export interface PendingAlertQueries {
  /**
   * All pending alerts, counted. Eventually consistent: from the index that the notifier reads.
   * @throws {StoreUnavailable} a retry helps
   */
  pending(): Promise<PendingAlerts>;
}

/** `lines = valid + rejected` */
interface LedgerCounts {
  readonly lines: number;
  readonly valid: number;
  readonly rejected: number;
}

/** What is known of one raw object, whatever job validated it last. */
export interface LedgerEntry {
  readonly state: 'Completed' | 'Refused' | 'Failed';
  /** Counts of the last run that completed; absent when none did. */
  readonly counts?: LedgerCounts;
  /** Only reasons that occurred. */
  readonly rejectedByReason: Readonly<Record<string, number>>;
  /** Values left out of the valid ones. */
  readonly dropped: DroppedCounts;
  /** Of a refused file. */
  readonly refusal?: Refusal;
  readonly notes?: FileNotes;
  /** In the curated bucket; absent when no line was rejected. */
  readonly rejectsKey?: string;
  /** What its valid lines are readings of; absent where that was not recorded, and then it may be anything. */
  readonly holds?: readonly Holding[];
  /** Its rejected lines by the dataset that they are meant for; absent where that was not recorded. */
  readonly meant?: readonly MeantLines[];
  readonly jobId: string;
  readonly attempts: number;
  /** ISO 8601, UTC. */
  readonly updatedAt: string;
  /** Of a failed run. */
  readonly error?: string;
  readonly cause?: string;
}

/** Whether an object may have valid lines of what is wanted: it may, too, where its ledger does not tell. */
export function mayHold(entry: LedgerEntry | undefined, isWanted: (held: Holding) => boolean): boolean {
  if (entry?.state !== 'Completed' || entry.holds === undefined) return true;
  return entry.holds.some(isWanted);
}

/** Reads the ledgers of segments. Strongly consistent. */
export interface LedgerReader {
  /**
   * The counts of a segment that is validated; `undefined` when it never was, or failed.
   * @throws {StoreUnavailable} a retry helps
   */
  ledger(segment: Segment): Promise<LedgerCounts | undefined>;
  /**
   * In the order of the segments; `undefined` where nothing was recorded yet.
   * @throws {StoreUnavailable} a retry helps
   */
  ledgers(segments: readonly Segment[]): Promise<(LedgerEntry | undefined)[]>;
}

/** A segment of an ingest job that failed. */
export interface FailedSegment {
  /** Of the raw object. */
  readonly key: string;
  /** Name of the fault; empty where the state machine recorded none. */
  readonly error: string;
  readonly cause: string;
}

/** A file of an ingest job of which nothing was taken. */
export interface RefusedSegment extends Pick<Refusal, 'reason' | 'detail' | 'cause'> {
  /** Of the raw object. */
  readonly key: string;
}

export interface SegmentQueries {
  /**
   * The segments of an ingest job that have ended so far, and up to `limit` of the failed ones, in the order of their ids.
   * Zeros for a job that there is not. Eventually consistent, and over a large job no snapshot: it is read in pages of 1 MB.
   * @throws {StoreUnavailable} a retry helps
   */
  progress(
    jobId: string,
    limit: number,
  ): Promise<{
    /** The refused ones included. */
    completed: number;
    failed: number;
    failures: readonly FailedSegment[];
    refused: number;
    refusals: readonly RefusedSegment[];
  }>;
}

export interface FailedSegmentQueries {
  /**
   * The failed segments of an ingest job, at most `limit` of them, in the order of their ids. Eventually consistent.
   * @throws {StoreUnavailable} a retry helps
   */
  failed(jobId: string, limit: number): Promise<readonly (Segment & FailedSegment)[]>;
}
