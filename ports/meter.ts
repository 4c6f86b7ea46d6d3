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
