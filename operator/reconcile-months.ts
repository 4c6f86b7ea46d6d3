import { statisticsKey } from '../adapters/statistics-item.ts';
import type { Dataset } from '../core/dataset.ts';
import { mergeStatistics } from '../core/statistics.ts';
import { mapBounded } from '../handlers/concurrency.ts';
import { deleteItemCommand } from './mend.ts';
import type { Difference, ReconcilePorts } from './reconcile.ts';
import { statisticsDifference } from './statistics-difference.ts';

export interface SeriesMonth {
  readonly sensorId: string;
  /** `YYYY-MM` */
  readonly month: string;
}

/** Each month is two reads. */
const monthsInFlight = 16;

/** Compares month items with what their day items come to. */
export async function compareMonths(
  ports: Pick<ReconcilePorts, 'statistics' | 'statisticsTable'>,
  dataset: Dataset,
  months: readonly SeriesMonth[],
): Promise<Difference[]> {
  const found = await mapBounded(months, monthsInFlight, async ({ sensorId, month }) => {
    const key = { dataset: dataset.storageName, sensorId, period: month };
    const [stored] = await ports.statistics.read([key]);
    const days = await ports.statistics.readDaysOfMonth(key);
    const computed = mergeStatistics(
      dataset,
      days.map(({ statistics }) => statistics),
    );
    const what =
      days.length === 0
        ? stored && 'there is an item, and no day of it'
        : stored === undefined
          ? `missing, ${computed.count} readings on ${days.length} days`
          : statisticsDifference(stored.statistics, computed);
    if (what === undefined) return [];
    const replay = `replay the span in which readings of ${month} arrived`;
    // A month of the version that its days add up to is taken for right: only when it is gone it is written again.
    const mend =
      stored === undefined
        ? replay
        : `${deleteItemCommand(ports.statisticsTable, statisticsKey(key))}, then ${replay}`;
    const name = `statistics of ${dataset.storageName} ${sensorId} ${month}`;
    return [{ kind: 'month', name, what, mend } satisfies Difference];
  });
  return found.flat();
}
