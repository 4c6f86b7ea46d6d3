import type { MetricName } from '../core/metrics.ts';

/**
 * Where a function says what it did, for people who watch an installation. It never throws and nothing waits for it. It is told once the
 * fact is durable; a run that is repeated tells it again, so that metrics may count twice what statistics count once.
 */
export interface Meter {
  /** @param dataset for the metrics that are by dataset, and for those alone */
  emit(values: Partial<Record<MetricName, number>>, dataset?: string): void;
}

/** Of an installation that is not watched, and of tests. */
export const noMeter: Meter = { emit: () => undefined };

/** A metric, and how its values of a period are made one. */
export interface MetricQuery {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** As CloudWatch names it: `Sum`, `Minimum`, `Maximum`, `p99`. */
  readonly statistic: string;
}

/** From an instant up to another, without it, in periods; both are beginnings of periods. */
export interface MetricWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly periodSeconds: number;
}

/** Where metrics are read again. It lags by some minutes. */
export interface MetricReader {
  /**
   * Values by period, the oldest first; `null` for one without data.
   * @param queries up to 500
   * @throws StoreUnavailable when CloudWatch throttles, answers 5xx or does not answer
   */
  read(
    queries: readonly MetricQuery[],
    window: MetricWindow,
  ): Promise<readonly (readonly (number | null)[])[]>;
}
