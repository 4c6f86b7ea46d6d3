import type { PeriodStatistics } from '../core/statistics/statistics.ts';
import type { AlertContent } from './records.ts';

/** What the queries ask of the outside. `adapters/*-queries.ts` implement it. Every call may throw `StoreUnavailable`. */

/** A page of rows; `more` when there may be rows after the last one. A page may be empty and have more. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly more: boolean;
}

/** One series over one period, `YYYY-MM-DD` or `YYYY-MM`. */
export interface SeriesRow {
  readonly sensorId: string;
  readonly period: string;
  readonly statistics: PeriodStatistics;
}

/** `dataset` is a dataset's `storageName` throughout. */
export interface StatisticsQueries {
  /** Periods of one series from `from` to `to`, both inclusive and of one kind, in order. Strongly consistent. */
  ofSeries(query: {
    dataset: string;
    sensorId: string;
    from: string;
    to: string;
    limit: number;
  }): Promise<Page<SeriesRow>>;
  /** The last month of a series before `month`. */
  monthBefore(query: { dataset: string; sensorId: string; month: string }): Promise<SeriesRow | undefined>;
  /** Whether there is any period of the series. */
  hasSeries(query: { dataset: string; sensorId: string }): Promise<boolean>;
  /** The series of one period in one shard, in the order of their ids, after `after`. Lags by less than a second. */
  ofPeriod(query: {
    dataset: string;
    period: string;
    shard: number;
    after: string | undefined;
    limit: number;
  }): Promise<Page<SeriesRow>>;
  /** Whether any series of the shard has the period. */
  hasPeriod(query: { dataset: string; period: string; shard: number }): Promise<boolean>;
}

export interface AlertRow {
  readonly sensorId: string;
  readonly day: string;
  readonly rule: string;
  readonly content: AlertContent;
  readonly createdAt: string;
  readonly sentAt?: string;
}

/** Where a page of alerts ended. */
export type AlertPosition = Pick<AlertRow, 'day' | 'rule' | 'sensorId'>;

export interface AlertQueries {
  /** Alerts of days from `from` to `to`, both inclusive and of one month, by day and rule, after `after`. */
  ofDays(query: {
    dataset: string;
    from: string;
    to: string;
    after: AlertPosition | undefined;
    limit: number;
  }): Promise<Page<AlertRow>>;
}

/** A segment of an ingest job that failed. */
export interface FailedSegment {
  readonly key: string;
  readonly error: string;
  readonly cause: string;
}

export interface SegmentQueries {
  /** The segments of an ingest job that have ended so far, and up to `limit` of the failed ones. */
  progress(
    jobId: string,
    limit: number,
  ): Promise<{ completed: number; failed: number; failures: readonly FailedSegment[] }>;
}
