import type { Dataset } from '../../../core/dataset/dataset.ts';
import {
  completeness,
  type MeasureStatistics,
  mean,
  meanDifference,
  type PeriodStatistics,
  standardDeviation,
} from '../../../core/statistics/statistics.ts';
import type { StatisticsRow } from '../contract/datasets.ts';
import { boundsMs } from './span.ts';

/** The statistics of a period: of one series, or of all of them merged. */
export interface Summary {
  readonly period: string;
  readonly statistics: PeriodStatistics;
  readonly of:
    | { readonly sensorId: string }
    | {
        readonly sensors: number;
        /** Sensors that are expected and have no reading; absent where the dataset expects none. */
        readonly silent?: number;
      };
  /** 0 to 1; `undefined` where the dataset expects nothing. */
  readonly completeness: number | undefined;
  /** By measure, and by the name of the quantile; only where they were asked for. */
  readonly quantiles?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** The share of the expected readings that series with these counts have in a period. */
export function completenessOf(
  dataset: Dataset,
  period: string,
  counts: readonly number[],
): number | undefined {
  const { expectedEveryMs } = dataset;
  return completeness({ ...boundsMs(dataset.timeZone, period), expectedEveryMs }, counts);
}

/**
 * A period as the API answers it. What follows from the stored statistics is computed here, so that late data never
 * leaves it stale.
 * @param to the last earlier month with readings, of the same series, that differences are to: only months have them, and only where it is known
 */
export function statisticsRow(
  summary: Summary,
  to?: { readonly before: Summary | undefined },
): StatisticsRow {
  const { period, statistics } = summary;
  const before = to?.before;
  const hasDifferences = period.length === 7 && to !== undefined;
  const measures = Object.entries(statistics.measures).map(([name, of]) => {
    const difference = hasDifferences
      ? { difference: differenceTo(before?.statistics.measures[name], of) }
      : {};
    const { [name]: quantiles } = summary.quantiles ?? {};
    return [name, { ...measureRow(of), ...(quantiles ? { quantiles } : {}), ...difference }];
  });
  const alerts = Object.entries(statistics.alerts).map(([rule, { count, worst, worstAt }]) => [
    rule,
    { count, worst, worstAt: instant(worstAt) },
  ]);
  return {
    period,
    ...summary.of,
    count: statistics.count,
    contested: statistics.contested,
    ...(summary.completeness === undefined ? {} : { completeness: summary.completeness }),
    ...(hasDifferences ? { monthBefore: before?.period ?? null } : {}),
    measures: Object.fromEntries(measures),
    alerts: Object.fromEntries(alerts),
    ...(statistics.counts === undefined ? {} : { counts: statistics.counts }),
  };
}

/** The unit of each measure; what is an attribute has none. */
export const unitsOf = ({ measures }: Dataset): Record<string, string> =>
  Object.fromEntries(
    Object.entries(measures).flatMap(([name, { unit, type }]) => (type === undefined ? [[name, unit]] : [])),
  );

/** Instants that were written last, each at a place of its own number: sensors report at the same times, and an answer has thousands. */
const written: { readonly ms: number; readonly text: string }[] = [];
const places = 4_093; // a prime: times are multiples of minutes and hours

/** UTC ms as ISO 8601 with ms. */
export function instant(ms: number): string {
  const place = Math.abs(ms) % places;
  const known = written[place];
  if (known?.ms === ms) return known.text;
  const text = new Date(ms).toISOString();
  written[place] = { ms, text };
  return text;
}

function measureRow(of: MeasureStatistics) {
  const { count, min, minAt, max, maxAt } = of;
  return {
    count,
    mean: mean(of),
    standardDeviation: standardDeviation(of),
    min,
    minAt: instant(minAt),
    max,
    maxAt: instant(maxAt),
  };
}

function differenceTo(before: MeasureStatistics | undefined, now: MeasureStatistics) {
  if (before === undefined) return null;
  return { mean: meanDifference(now, before), min: now.min - before.min, max: now.max - before.max };
}
