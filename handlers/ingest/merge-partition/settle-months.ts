import type { Dataset } from '../../../core/dataset/dataset.ts';
import { mergeStatistics } from '../../../core/statistics/statistics.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import type { StatisticsStore } from '../../../ports/records.ts';

/** Series-months in work at once: each is a query and a write. */
const monthsInFlight = 32;

export interface TouchedMonth {
  sensorId: string;
  /** `YYYY-MM`. */
  month: string;
  shard: number;
  /** One of its day items was just written, so the month item is behind for certain. */
  dayWritten: boolean;
}

/**
 * Makes each touched month item say what its day items say; answers how many were written.
 *
 * A month's version is the sum of its days' versions. Days' versions only grow, so an equal sum means equal days, and whoever
 * reads the days last has the highest sum and wins, whatever the order of the writes. A `superseded` write is therefore
 * done: the one who outranks it read the same days or newer ones, or is outranked in turn by the writer of the newest day,
 * who reads after writing. The month item is read before the days: read after them it could look too new.
 */
export async function settleMonths(
  statistics: StatisticsStore,
  dataset: Dataset,
  months: readonly TouchedMonth[],
): Promise<number> {
  const written = await mapBounded(months, monthsInFlight, async ({ sensorId, month, shard, dayWritten }) => {
    const key = { dataset: dataset.storageName, sensorId, period: month };
    const stored = dayWritten ? undefined : (await statistics.read([key]))[0];
    const days = await statistics.readDaysOfMonth(key);
    const version = days.reduce((sum, day) => sum + day.version, 0);
    if (stored?.version === version || version === 0) return false;
    const merged = mergeStatistics(
      dataset,
      days.map((day) => day.statistics),
    );
    return (await statistics.write({ ...key, shard }, { version, statistics: merged })) === 'written';
  });
  return written.filter(Boolean).length;
}
