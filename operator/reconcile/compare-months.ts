import type { Dataset } from '../../core/dataset/dataset.ts';
import { mergeStatistics } from '../../core/statistics/statistics.ts';
import { mapBounded, pagesOf } from '../../ports/concurrency.ts';
import { type Difference, fixOf, type Repair, statisticsDifference } from '../shared/differences.ts';
import type { ReconcilePorts } from './reconcile-ports.ts';

export interface SeriesMonth {
  readonly sensorId: string;
  /** `YYYY-MM` */
  readonly month: string;
}

/** Items that one call reads. Not more: what is written between an item's reading and its days' would look like a difference. */
const monthsAtOnce = 100;
const monthsInFlight = 16;

/** Compares month items with what their day items come to. */
export async function compareMonths(
  ports: Pick<ReconcilePorts, 'statistics' | 'statisticsTable'>,
  dataset: Dataset,
  months: readonly SeriesMonth[],
): Promise<Difference[]> {
  const differences: Difference[] = [];
  for await (const page of pagesOf(months, monthsAtOnce)) {
    differences.push(...(await comparePage(ports, dataset, page)));
  }
  return differences;
}

async function comparePage(
  ports: Pick<ReconcilePorts, 'statistics' | 'statisticsTable'>,
  dataset: Dataset,
  months: readonly SeriesMonth[],
): Promise<Difference[]> {
  const keys = months.map(({ sensorId, month }) => {
    return { dataset: dataset.storageName, sensorId, period: month };
  });
  const items = await ports.statistics.read(keys);
  const found = await mapBounded(keys, monthsInFlight, async (key, index) => {
    const { sensorId, period: month } = key;
    const stored = items[index];
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
    const replay: Repair = { kind: 'replay-readings', dataset: dataset.name, ...daysOfMonth(month) };
    // A month of the version that its days add up to is taken for right: only when it is gone it is written again.
    const removal: Repair = { kind: 'remove-statistics', table: ports.statisticsTable, of: key };
    const fix = fixOf(stored === undefined ? [replay] : [removal, replay]);
    const name = `statistics of ${dataset.storageName} ${sensorId} ${month}`;
    return [{ kind: 'month', name, what, ...fix } satisfies Difference];
  });
  return found.flat();
}

/** The first and the last day of a month `YYYY-MM`. */
function daysOfMonth(month: string): { from: string; to: string } {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const last = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return { from: `${month}-01`, to: `${month}-${last}` };
}
