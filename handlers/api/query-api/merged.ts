import type { Dataset } from '../../../core/dataset/dataset.ts';
import { mergeStatistics } from '../../../core/statistics/statistics.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import type { StatisticsQueries } from '../../../ports/queries.ts';
import { shift } from '../answers/span.ts';
import { completenessOf, type Summary } from '../answers/statistics-row.ts';
import { everySensor, queriesInFlight, type Selected, selectedRows, shardsOf } from './selected.ts';

/** How far back, and by how many queries, the month before is looked for when all sensors are merged. */
const monthsBack = 120;
const queriesBack = 2_000;

/**
 * The selected series of a period as one; `undefined` when there is none. Its completeness is the mean over the series and those that are
 * expected: one that reports too often does not hide one that is silent. A page at a time is in memory of each shard that is being read.
 * @param expected sensors that count as silent when they have no reading in the period; without them nobody does
 */
export async function mergedPeriod(
  queries: StatisticsQueries,
  dataset: Dataset,
  period: string,
  selected: Selected = everySensor,
  expected?: ReadonlySet<string>,
): Promise<Summary | undefined> {
  const counts: number[] = [];
  let heard = 0;
  const ofShards = await mapBounded(shardsOf(dataset, selected), queriesInFlight, async (shard) => {
    let statistics = mergeStatistics(dataset, []);
    for await (const rows of selectedRows(queries, { dataset, period, shard }, selected)) {
      for (const row of rows) {
        counts.push(row.statistics.count);
        if (expected?.has(row.sensorId)) heard += 1;
      }
      statistics = mergeStatistics(dataset, [statistics, ...rows.map((row) => row.statistics)]);
    }
    return statistics;
  });
  if (counts.length === 0) return undefined;
  const silent = expected === undefined ? undefined : expected.size - heard;
  const ofSilent = new Array<number>(silent ?? 0).fill(0);
  return {
    period,
    statistics: mergeStatistics(dataset, ofShards),
    of: { sensors: counts.length, ...(silent === undefined ? {} : { silent }) },
    completeness: completenessOf(dataset, period, [...counts, ...ofSilent]),
  };
}

/** How many readings each selected series of a period has, over all shards, in the order of their ids. */
export async function countsOfPeriod(
  queries: StatisticsQueries,
  dataset: Dataset,
  period: string,
  selected: Selected = everySensor,
): Promise<[sensorId: string, count: number][]> {
  const found = await mapBounded(shardsOf(dataset, selected), queriesInFlight, (shard) =>
    queries.countsOf({ dataset, period, shard, only: selected.ids, wants: selected.has }),
  );
  return found.flatMap((counts) => [...counts]).sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * The last month before `month` that any selected series has readings in: looked for in ten years,
 * and by at most 2,000 queries, which shortens that for datasets of more than 16 shards.
 */
export async function lastMonth(
  queries: StatisticsQueries,
  dataset: Dataset,
  month: string,
  selected: Selected = everySensor,
): Promise<string | undefined> {
  const months = Math.max(1, Math.min(monthsBack, Math.floor(queriesBack / dataset.shards)));
  const mostAtOnce = Math.max(1, Math.floor(queriesInFlight / dataset.shards));
  // Mostly it is the month right before: one is asked for, then two, four and so on at once.
  for (let back = 1, atOnce = 1; back <= months; back += atOnce, atOnce = Math.min(mostAtOnce, atOnce * 2)) {
    const asked = Array.from({ length: Math.min(atOnce, months - back + 1) }, (_, index) =>
      shift('month', month, -(back + index)),
    );
    const found = await Promise.all(asked.map((name) => hasPeriod(queries, dataset, name, selected)));
    const newest = found.indexOf(true);
    if (newest !== -1) return asked[newest];
  }
  return undefined;
}

async function hasPeriod(
  queries: StatisticsQueries,
  dataset: Dataset,
  period: string,
  selected: Selected,
): Promise<boolean> {
  if (selected !== everySensor && selected.ids === undefined)
    return (await countsOfPeriod(queries, dataset, period, selected)).length > 0;
  const found = await mapBounded(shardsOf(dataset, selected), queriesInFlight, (shard) =>
    queries.hasPeriod({ dataset, period, shard, only: selected.ids }),
  );
  return found.includes(true);
}
