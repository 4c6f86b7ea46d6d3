import type { MeasureStatistics, PeriodStatistics } from '../../core/statistics/statistics.ts';
import type { SeriesPeriod, StoredStatistics } from '../../ports/records.ts';
import type { Item, ItemKey } from './batch.ts';

/**
 * Statistics as items. Doubles are stored as their shortest decimal text: it reads back as the same bits, while
 * DynamoDB's numbers have another range (1e-130 to 1e126) and the document client refuses large ones.
 */

/** A day is `YYYY-MM-DD`, a month `YYYY-MM`. */
const kindOf = (period: string): 'day' | 'month' => (period.length === 7 ? 'month' : 'day');

export const seriesKey = (dataset: string, sensorId: string): string => `${dataset}#${sensorId}`;

export function statisticsKey({ dataset, sensorId, period }: SeriesPeriod): ItemKey {
  return { pk: seriesKey(dataset, sensorId), sk: `${kindOf(period)}#${period}` };
}

/** Partition key of the index `by-period`; the shard keeps a period of many sensors from being one hot key. */
export const periodKey = (dataset: string, period: string, shard: number): string =>
  `${dataset}#${kindOf(period)}#${period}#${shard}`;

export function toItem(
  key: SeriesPeriod & { shard: number },
  { version, statistics }: StoredStatistics,
): Item {
  return {
    ...statisticsKey(key),
    period: periodKey(key.dataset, key.period, key.shard),
    dataset: key.dataset,
    sensorId: key.sensorId,
    version,
    count: statistics.count,
    measures: mapValues(statistics.measures, ({ count, mean, m2, min, minAt, max, maxAt }) => ({
      count,
      mean: String(mean),
      m2: String(m2),
      min: String(min),
      minAt,
      max: String(max),
      maxAt,
    })),
    alerts: mapValues(statistics.alerts, ({ count, worst, worstAt }) => ({
      count,
      worst: String(worst),
      worstAt,
    })),
  };
}

export function fromItem(item: Item): StoredStatistics {
  const measures = item.measures as Record<string, Record<keyof MeasureStatistics, string | number>>;
  const alerts = item.alerts as Record<string, { count: number; worst: string; worstAt: number }>;
  const statistics: PeriodStatistics = {
    count: Number(item.count),
    measures: mapValues(measures, ({ count, mean, m2, min, minAt, max, maxAt }) => ({
      count: Number(count),
      mean: Number(mean),
      m2: Number(m2),
      min: Number(min),
      minAt: Number(minAt),
      max: Number(max),
      maxAt: Number(maxAt),
    })),
    alerts: mapValues(alerts, ({ count, worst, worstAt }) => ({
      count: Number(count),
      worst: Number(worst),
      worstAt: Number(worstAt),
    })),
  };
  return { version: Number(item.version), statistics };
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
