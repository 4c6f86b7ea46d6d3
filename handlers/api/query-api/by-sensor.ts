import type { Dataset } from '../../../core/dataset/dataset.ts';
import { mergeStatistics } from '../../../core/statistics/statistics.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import type { PeriodOfShard, SeriesRow, StatisticsQueries } from '../../../ports/queries.ts';
import { lengthOf, type Span, shift } from '../answers/span.ts';
import { completenessOf, type Summary } from '../answers/statistics-row.ts';
import { queriesInFlight, type Selected, shardsOf } from './selected.ts';

/** Where a page of a table ended: behind a sensor of a period, or behind all of them. */
export interface TablePosition {
  readonly period: string;
  readonly sensorId?: string | undefined;
}

export interface TablePage {
  readonly summaries: readonly Summary[];
  /** `undefined` when nothing follows. */
  readonly last: TablePosition | undefined;
}

/**
 * The selected series of each period of a span, a row each, by period and then by id. A page reads the periods that its rows are of, each as a
 * whole, however many series it has; of those it holds no more than it answers with.
 * @param bounds a page ends early after so many shards, or so many series
 */
export async function tableBySensor(
  queries: StatisticsQueries,
  dataset: Dataset,
  span: Span & { readonly limit: number },
  { selected, after, ...bounds }: { selected: Selected; after: TablePosition | undefined } & Bounds,
): Promise<TablePage> {
  const { period: kind, to, limit } = span;
  const shards = shardsOf(dataset, selected);
  const mostAtOnce = Math.max(1, Math.floor(queriesInFlight / Math.max(1, shards.length)));
  const rows: SeriesRow[] = [];
  const read = { shards: 0, series: 0 };
  let behind = after?.sensorId;
  let next =
    after === undefined
      ? span.from
      : after.sensorId === undefined
        ? shift(kind, after.period, 1)
        : after.period;
  // A period may fill the page; periods that have little are read some at once.
  for (let atOnce = 1; next <= to; atOnce = Math.min(mostAtOnce, 2 * atOnce)) {
    const count = Math.min(atOnce, lengthOf({ period: kind, from: next, to }));
    const periods = Array.from({ length: count }, (_, index) => shift(kind, next, index));
    const found = await Promise.all(
      periods.map((period, index) =>
        firstOf(queries, dataset, {
          period,
          shards,
          selected,
          behind: index === 0 ? behind : undefined,
          most: limit + 1,
          answer: after === undefined ? 'first page' : 'later page',
        }),
      ),
    );
    for (const of of found) {
      rows.push(...of.rows);
      read.series += of.series;
    }
    read.shards += shards.length * count;
    if (rows.length > limit) {
      const shown = rows.slice(0, limit);
      const { period, sensorId } = shown[limit - 1] as SeriesRow; // a limit is 1 at the least
      return { summaries: shown.map((row) => summary(dataset, row)), last: { period, sensorId } };
    }
    const done = periods[count - 1] as string; // one at the least
    behind = undefined;
    next = shift(kind, done, 1);
    if (next <= to && (rows.length === limit || read.series >= bounds.series || read.shards >= bounds.shards))
      return { summaries: rows.map((row) => summary(dataset, row)), last: { period: done } };
  }
  return { summaries: rows.map((row) => summary(dataset, row)), last: undefined };
}

interface Bounds {
  readonly series: number;
  readonly shards: number;
}

/**
 * The first rows of a period by id, behind an id; and how many series were looked at. Which they are is known by the beginnings of the pages: the
 * statistics of no other series are decoded.
 */
async function firstOf(
  queries: StatisticsQueries,
  dataset: Dataset,
  of: {
    period: string;
    shards: readonly number[];
    selected: Selected;
    behind: string | undefined;
    most: number;
    answer: PeriodOfShard['answer'];
  },
): Promise<{ rows: SeriesRow[]; series: number }> {
  const { period, selected, behind, answer } = of;
  let series = 0;
  const wants = (sensorId: string): boolean => {
    series += 1;
    return (behind === undefined || sensorId > behind) && selected.has(sensorId);
  };
  const found = await mapBounded(of.shards, queriesInFlight, (shard) =>
    queries.countsOf({ dataset, period, shard, only: selected.ids, wants, answer }),
  );
  const first = found
    .flatMap((counts) => [...counts.keys()])
    .sort()
    .slice(0, of.most);
  const ids = new Set(first);
  const rows = await mapBounded(shardsOf(dataset, { ids }), queriesInFlight, (shard) =>
    Array.fromAsync(queries.ofPeriod({ dataset, period, shard, only: ids, answer: 'later page' })),
  );
  // The readings of one were withdrawn meanwhile: without another look, what follows would seem to end here.
  if (rows.flat(2).length < ids.size) return firstOf(queries, dataset, { ...of, answer: 'first page' });
  return { rows: rows.flat(2).sort((a, b) => (a.sensorId < b.sensorId ? -1 : 1)), series };
}

const summary = (dataset: Dataset, { sensorId, period, statistics }: SeriesRow): Summary => ({
  period,
  statistics: mergeStatistics(dataset, [statistics]), // in the order of declaration, without what is no longer declared
  of: { sensorId },
  completeness: completenessOf(dataset, period, [statistics.count]),
});
