import type { Dataset } from '../../../core/dataset/dataset.ts';
import { mergeStatistics } from '../../../core/statistics/statistics.ts';
import type { StatisticsQueries } from '../../../ports/queries.ts';
import type { AnswerOf } from '../contract/routes.ts';
import { encodeCursor, readCursor } from '../http/cursor.ts';
import { type Problem, problemOf } from '../http/problem.ts';
import type { Outcome } from '../http/router.ts';
import { lastMonth, mergedPeriod, queriesInFlight } from './merged.ts';
import { checkSpan, isWithin, lengthOf, type Span, shift } from './span.ts';
import { statisticsCsv } from './statistics-csv.ts';
import { completenessOf, type Summary, statisticsRow } from './statistics-row.ts';

/** Series, of a period each, and shards after which an answer of merged statistics ends early, with a cursor: some seconds. */
const seriesAnAnswer = 500_000;
const shardsAnAnswer = 2_000;
/** Days of one sensor after which an answer ends early, with a cursor: each is a page of some 11 KB, whether the sensor is on it or not. */
const daysAnAnswer = 1_000;

export interface StatisticsQuery extends Span {
  readonly sensor?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page of summaries; `last` is where the next page goes on, when there is one. */
interface Found {
  readonly summaries: readonly Summary[];
  readonly before: Summary | undefined;
  readonly last: string | undefined;
}

/** `GET /datasets/{dataset}/statistics` */
export async function queryStatistics(
  queries: StatisticsQueries,
  dataset: Dataset,
  query: StatisticsQuery,
): Promise<Outcome<AnswerOf<'queryStatistics'>>> {
  const wrong = checkSpan(query);
  if (wrong) return wrong;
  const { period, from, to, sensor } = query;
  const identity = ['statistics', dataset.storageName, period, from, to, sensor ?? ''];
  const position = readCursor(
    identity,
    query.cursor,
    ([name]) => name === undefined || isWithin(query, name),
  );
  if ('problem' in position) return position;
  const [after] = position;
  if (after === to) {
    const found = 'cursor is after the last page';
    return problemOf('invalid-parameter', { parameter: 'cursor', found, accepted: 'the cursor of a page' });
  }
  const rest = { ...query, from: after === undefined ? from : shift(period, after, 1) };
  const found = await (sensor === undefined
    ? merged(queries, dataset, rest)
    : ofSeries(queries, dataset, rest, sensor));
  if ('problem' in found) return found;
  const { summaries, last } = found;
  const page: AnswerOf<'queryStatistics'> = {
    dataset: dataset.name,
    timeZone: dataset.timeZone,
    period,
    from,
    to,
    units: Object.fromEntries(Object.entries(dataset.measures).map(([name, { unit }]) => [name, unit])),
    statistics: summaries.map((summary, index) =>
      statisticsRow(summary, summaries[index - 1] ?? found.before),
    ),
    cursor: last === undefined || last === to ? null : encodeCursor(identity, [last]),
  };
  return { value: page, next: page.cursor, csv: () => statisticsCsv(dataset, page) };
}

async function ofSeries(
  queries: StatisticsQueries,
  dataset: Dataset,
  query: StatisticsQuery,
  sensorId: string,
): Promise<Found | Problem> {
  const series = { dataset, sensorId };
  const { from, limit, period, cursor } = query;
  const to =
    period === 'day' && lengthOf(query) > daysAnAnswer ? shift(period, from, daysAnAnswer - 1) : query.to;
  // No month of the series lies between `from` and the first row: the month before is the same for both.
  const [{ rows, more }, before] = await Promise.all([
    queries.ofSeries({ ...series, from, to, limit }),
    period === 'month' ? queries.monthBefore({ ...series, month: from }) : undefined,
  ]);
  if (rows.length === 0) {
    if (cursor === undefined && !before && !(await queries.hasSeries(series))) {
      return unknownSeries(dataset, sensorId);
    }
    return { summaries: [], before: undefined, last: to };
  }
  const summary = (row: (typeof rows)[number]): Summary => ({
    period: row.period,
    statistics: mergeStatistics(dataset, [row.statistics]), // in the order of declaration, without what is no longer declared
    of: { sensorId },
    completeness: completenessOf(dataset, row.period, [row.statistics.count]),
  });
  return {
    summaries: rows.map(summary),
    before: before && summary(before),
    last: more ? rows.at(-1)?.period : to,
  };
}

async function merged(queries: StatisticsQueries, dataset: Dataset, query: StatisticsQuery): Promise<Found> {
  const length = lengthOf(query);
  const atOnce = Math.max(1, Math.floor(queriesInFlight / dataset.shards));
  const summaries: Summary[] = [];
  let done = 0;
  let series = 0;
  const isEnough = () =>
    summaries.length === query.limit || series >= seriesAnAnswer || done * dataset.shards >= shardsAnAnswer;
  while (done < length && !isEnough()) {
    const count = Math.min(atOnce, length - done, query.limit - summaries.length);
    const periods = Array.from({ length: count }, (_, index) =>
      shift(query.period, query.from, done + index),
    );
    const found = await Promise.all(periods.map((name) => mergedPeriod(queries, dataset, name)));
    summaries.push(...found.filter((summary) => summary !== undefined));
    for (const summary of found)
      series += summary !== undefined && 'sensors' in summary.of ? summary.of.sensors : 0;
    done += count;
  }
  const first = summaries[0];
  const before =
    first === undefined || query.period === 'day'
      ? undefined
      : await lastMonth(queries, dataset, first.period);
  return {
    summaries,
    before: before === undefined ? undefined : await mergedPeriod(queries, dataset, before),
    last: done < length ? shift(query.period, query.from, done - 1) : undefined,
  };
}

/** The problem that a dataset has no readings of a sensor. */
function unknownSeries(dataset: Dataset, sensorId: string): Problem {
  const detail = `${dataset.name} has no sensor ${JSON.stringify(sensorId)}`;
  const accepted = `a sensor that /datasets/${dataset.name}/sensors lists`;
  return { problem: 'not-found', detail, parameter: 'sensor', accepted };
}
