import type { Dataset } from '../../../core/dataset/dataset.ts';
import { mergeStatistics } from '../../../core/statistics/statistics.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import type { Page, SeriesRow, StatisticsQueries } from '../../../ports/queries.ts';
import { type Problem, problemOf } from '../http/problem.ts';
import { shift } from './span.ts';
import { completenessOf, type Summary } from './statistics-row.ts';

/** Queries of the index that a request has under way at once. */
export const queriesInFlight = 32;
/** Rows that a period's readers hold at once, over all shards: about 8 MiB. */
const rowsHeld = 4_096;
/** Most series of one period that are merged in one request: about 100 pages of 1 MiB, some seconds. */
const maxSeries = 100_000;
/** How far back, and by how many queries, the month before is looked for when all sensors are merged. */
const monthsBack = 120;
const queriesBack = 4_000;

/** A period has more series than one request may merge: the caller asks for one sensor instead. */
class TooManySeries extends Error {
  override readonly name = 'TooManySeries';
}

/** What a query that merges comes to, or the problem that it has too much to merge. */
export async function bounded<Found>(query: Promise<Found>): Promise<Found | Problem> {
  try {
    return await query;
  } catch (fault) {
    if (!(fault instanceof TooManySeries)) throw fault;
    const found = `${fault.message} has more than ${maxSeries} sensors, too many to merge in one request`;
    return problemOf('invalid-parameter', { parameter: 'sensor', found, accepted: 'the id of one sensor' });
  }
}

/** The series of one period over all shards, in the order of their ids, after `after`. Pages are read as they are needed. */
export async function* seriesOfPeriod(
  queries: StatisticsQueries,
  dataset: Dataset,
  { period, after, limit = rowsHeld }: { period: string; after?: string | undefined; limit?: number },
): AsyncGenerator<SeriesRow> {
  const pageRows = Math.min(1_000, Math.max(16, Math.ceil(limit / dataset.shards)));
  const read = (shard: number, from: string | undefined): Promise<Page<SeriesRow>> =>
    queries.ofPeriod({ dataset: dataset.storageName, period, shard, after: from, limit: pageRows });
  const first = await mapBounded([...Array(dataset.shards).keys()], queriesInFlight, (shard) =>
    read(shard, after),
  );
  const readers = first.map((page, shard) => ({ shard, page, next: 0 }));
  for (;;) {
    for (const reader of readers) {
      while (reader.next === reader.page.rows.length && reader.page.more) {
        const last = reader.page.rows.at(-1)?.sensorId;
        if (last === undefined) break; // a page with more after it has a last row
        reader.page = await read(reader.shard, last);
        reader.next = 0;
      }
    }
    let least: (typeof readers)[number] | undefined;
    for (const reader of readers) {
      const row = reader.page.rows[reader.next];
      const best = least?.page.rows[least.next];
      if (row !== undefined && (best === undefined || row.sensorId < best.sensorId)) least = reader;
    }
    const row = least?.page.rows[least.next];
    if (least === undefined || row === undefined) return;
    least.next += 1;
    yield row;
  }
}

/**
 * All series of a period as one; `undefined` when there is none. Its completeness is the mean over the series: one that reports too
 * often does not hide one that is silent.
 * @throws what `bounded` turns into a problem when there are more than `maxSeries`
 */
export async function mergedPeriod(
  queries: StatisticsQueries,
  dataset: Dataset,
  period: string,
): Promise<Summary | undefined> {
  let statistics = mergeStatistics(dataset, []);
  const counts: number[] = [];
  for await (const row of seriesOfPeriod(queries, dataset, { period })) {
    counts.push(row.statistics.count);
    if (counts.length > maxSeries) throw new TooManySeries(period);
    statistics = mergeStatistics(dataset, [statistics, row.statistics]);
  }
  if (counts.length === 0) return undefined;
  const completeness = completenessOf(dataset, period, counts);
  return { period, statistics, of: { sensors: counts.length }, completeness };
}

/**
 * The last month before `month` that any series has readings in: looked for in ten years,
 * and by at most 4,000 queries, which shortens that for datasets of more than 33 shards.
 */
export async function lastMonth(
  queries: StatisticsQueries,
  dataset: Dataset,
  month: string,
): Promise<string | undefined> {
  const months = Math.max(1, Math.min(monthsBack, Math.floor(queriesBack / dataset.shards)));
  const mostAtOnce = Math.max(1, Math.floor(queriesInFlight / dataset.shards));
  // Mostly it is the month right before: one is asked for, then two, four and so on at once.
  for (let back = 1, atOnce = 1; back <= months; back += atOnce, atOnce = Math.min(mostAtOnce, atOnce * 2)) {
    const asked = Array.from({ length: Math.min(atOnce, months - back + 1) }, (_, index) =>
      shift('month', month, -(back + index)),
    );
    const found = await Promise.all(asked.map((name) => hasPeriod(queries, dataset, name)));
    const newest = found.indexOf(true);
    if (newest !== -1) return asked[newest];
  }
  return undefined;
}

async function hasPeriod(queries: StatisticsQueries, dataset: Dataset, period: string): Promise<boolean> {
  const found = await mapBounded([...Array(dataset.shards).keys()], queriesInFlight, (shard) =>
    queries.hasPeriod({ dataset: dataset.storageName, period, shard }),
  );
  return found.includes(true);
}
