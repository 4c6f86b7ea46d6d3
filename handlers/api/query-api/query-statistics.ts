import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { Station } from '../../../core/dataset/stations.ts';
import { readQuantiles } from '../../../core/statistics/quantiles.ts';
import { mergeStatistics } from '../../../core/statistics/statistics.ts';
import type { StatisticsQueries } from '../../../ports/queries.ts';
import type { AnswerOf } from '../contract/routes.ts';
import { encodeCursor, readCursor } from '../http/cursor.ts';
import { type Problem, problemOf } from '../http/problem.ts';
import type { Outcome } from '../http/router.ts';
import { type TablePosition, tableBySensor } from './by-sensor.ts';
import { expectedSensors } from './expected.ts';
import { partNames, withLongerPeriods } from './longer-periods.ts';
import { lastMonth, mergedPeriod } from './merged.ts';
import {
  onlyOne,
  queriesInFlight,
  type Selected,
  type Selection,
  selectedBy,
  shardsOf,
  unknownAmong,
} from './selected.ts';
import type { ReadingsPorts } from './set/list-readings.ts';
import { withQuantiles } from './set/quantiles.ts';
import { checkSpan, isWithin, lengthOf, named, type Span, shift } from './span.ts';
import { statisticsCsv } from './statistics-csv.ts';
import { completenessOf, type Summary, statisticsRow } from './statistics-row.ts';

/** Series, of a period each, and shards after which an answer of merged statistics ends early, with a cursor: some seconds. */
const mostAnAnswer = { series: 500_000, shards: 2_000 };
/** Days of one sensor after which an answer ends early, with a cursor: each is a page of some 11 KB, whether the sensor is on it or not. */
const daysAnAnswer = 1_000;

export interface StatisticsQuery extends Span, Selection {
  readonly by?: 'sensor' | undefined;
  /** Shares, as `core/statistics/quantiles.ts` reads them. */
  readonly quantiles?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page of summaries; `last` is where the next page goes on, when there is one. */
interface Found {
  readonly summaries: readonly Summary[];
  /** The period before the first one that differences are to; absent where there are none. */
  readonly before?: Summary | undefined;
  readonly last: TablePosition | undefined;
}

/** Pages of a shard's period that are read for one period of an answer: some seconds. */
const mostPagesOfShards = 10_000;

/** `GET /datasets/{dataset}/statistics` */
export async function queryStatistics(
  ports: ReadingsPorts,
  dataset: Dataset,
  asked: StatisticsQuery,
  stations: readonly Station[],
): Promise<Outcome<AnswerOf<'queryStatistics'>>> {
  const wrong = checkSpan(asked);
  if (wrong) return wrong;
  const selected = selectedBy(asked, stations);
  if ('problem' in selected) return selected;
  const tooLong = checkParts(dataset, asked, selected);
  if (tooLong) return tooLong;
  const queries = withLongerPeriods(ports.statistics);
  const query = { ...asked, ...named(asked) };
  const { period, from, to, by, sensor = '', tag = '' } = query;
  const identity = ['statistics', dataset.storageName, period, from, to, by ?? '', sensor, tag];
  const position = readCursor(identity, query.cursor, (parts) => isPosition(query, parts));
  if ('problem' in position) return position;
  const after = positionOf(position);
  if (after?.period === to && after.sensorId === undefined) {
    const found = 'cursor is after the last page';
    return problemOf('invalid-parameter', { parameter: 'cursor', found, accepted: 'the cursor of a page' });
  }
  const found = await pageOf(queries, dataset, query, { selected, after });
  if ('problem' in found) return found;
  const quantiles = readQuantiles(query.quantiles ?? '') ?? [];
  const summaries =
    quantiles.length === 0
      ? found.summaries
      : await withQuantiles(ports, dataset, found.summaries, { selected, quantiles });
  if ('problem' in summaries) return summaries;
  const isCut = summaries.length < found.summaries.length;
  const last = isCut ? placeOf(summaries.at(-1), by === 'sensor') : found.last;
  const page: AnswerOf<'queryStatistics'> = {
    dataset: dataset.name,
    timeZone: dataset.timeZone,
    period,
    from: asked.from,
    to: asked.to,
    units: Object.fromEntries(Object.entries(dataset.measures).map(([name, { unit }]) => [name, unit])),
    statistics: summaries.map((summary, index) =>
      by === 'sensor'
        ? statisticsRow(summary)
        : statisticsRow(summary, { before: summaries[index - 1] ?? found.before }),
    ),
    cursor: last === undefined ? null : encodeCursor(identity, partsOf(last)),
  };
  return {
    value: page,
    next: page.cursor,
    csv: () => statisticsCsv(dataset, page, { bySensor: by === 'sensor', quantiles }),
  };
}

/** The place behind a row. */
function placeOf(summary: Summary | undefined, bySensor: boolean): TablePosition | undefined {
  if (summary === undefined) return undefined;
  const sensorId = bySensor && 'sensorId' in summary.of ? summary.of.sensorId : undefined;
  return { period: summary.period, sensorId };
}

/** A span as one is read whole, from every shard: it can't end early. */
function checkParts(dataset: Dataset, query: StatisticsQuery, selected: Selected): Problem | undefined {
  if (query.period !== 'all') return undefined;
  const shards = shardsOf(dataset, selected).length;
  const parts = partNames(named(query).from).length;
  if (parts * shards <= mostPagesOfShards) return undefined;
  const found = `the span has ${parts} months and days beside them, of ${shards} shards each`;
  const accepted = `at most ${mostPagesOfShards} together, or period=year`;
  return problemOf('invalid-parameter', { parameter: 'to', found, accepted });
}

/** Of a table a cursor may be behind one of a period's sensors; else it is behind a period. */
const isPosition = ({ by, ...span }: StatisticsQuery, parts: readonly string[]): boolean => {
  const [period] = parts;
  if (period === undefined) return true;
  return isWithin(span, period) && parts.length <= (by === 'sensor' ? 2 : 1);
};
const positionOf = ([period, sensorId]: readonly string[]): TablePosition | undefined =>
  period === undefined ? undefined : { period, sensorId };
const partsOf = ({ period, sensorId }: TablePosition): string[] =>
  sensorId === undefined ? [period] : [period, sensorId];

async function pageOf(
  queries: StatisticsQueries,
  dataset: Dataset,
  query: StatisticsQuery,
  { selected, after }: { selected: Selected; after: TablePosition | undefined },
): Promise<Found | Problem> {
  // With tags the shape of the answer would depend on how many stations have them.
  const sensorId = query.tag === undefined ? onlyOne(selected) : undefined;
  const rest = { ...query, from: after === undefined ? query.from : shift(query.period, after.period, 1) };
  if (query.by === undefined && sensorId !== undefined) return ofSeries(queries, dataset, rest, sensorId);
  const found =
    query.by === 'sensor'
      ? await tableBySensor(queries, dataset, query, { selected, after, ...mostAnAnswer })
      : await merged(queries, dataset, rest, selected);
  const { ids } = selected;
  // A station may have a tag and no readings yet.
  const isNamed = query.cursor === undefined && query.tag === undefined;
  if (isNamed && ids !== undefined && !hasAll(found, ids)) {
    const unknown = await unknownAmong(queries, dataset, [...ids]);
    if (unknown) return unknown;
  }
  return found;
}

/** Whether there is a row of each of the sensors, or one in which all of them are merged. */
function hasAll({ summaries }: Found, ids: ReadonlySet<string>): boolean {
  const found = new Set(summaries.map(({ of }) => ('sensorId' in of ? of.sensorId : '')));
  return found.size === ids.size || summaries.some(({ of }) => 'sensors' in of && of.sensors === ids.size);
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
    const unknown = cursor === undefined && !before && (await unknownAmong(queries, dataset, [sensorId]));
    if (unknown) return unknown;
    return { summaries: [], before: undefined, last: lastOf(query, to) };
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
    last: lastOf(query, more ? rows.at(-1)?.period : to),
  };
}

/** The place behind a period of a span; `undefined` behind its last one. */
const lastOf = ({ to }: Span, period = to): TablePosition | undefined =>
  period === to ? undefined : { period };

async function merged(
  queries: StatisticsQueries,
  dataset: Dataset,
  query: StatisticsQuery,
  selected: Selected,
): Promise<Found> {
  const length = lengthOf(query);
  const { length: shards } = shardsOf(dataset, selected);
  const atOnce = Math.max(1, Math.floor(queriesInFlight / Math.max(1, shards)));
  const expected =
    dataset.expectedEveryMs === undefined ? undefined : expectedSensors(queries, dataset, selected);
  const summaries: Summary[] = [];
  let done = 0;
  let series = 0;
  const isEnough = () =>
    summaries.length === query.limit || series >= mostAnAnswer.series || done * shards >= mostAnAnswer.shards;
  while (done < length && !isEnough()) {
    const count = Math.min(atOnce, length - done, query.limit - summaries.length);
    const periods = Array.from({ length: count }, (_, index) =>
      shift(query.period, query.from, done + index),
    );
    const found = await Promise.all(
      periods.map(async (name) => mergedPeriod(queries, dataset, name, selected, await expected?.in(name))),
    );
    summaries.push(...found.filter((summary) => summary !== undefined));
    for (const summary of found)
      series += summary !== undefined && 'sensors' in summary.of ? summary.of.sensors : 0;
    done += count;
  }
  const first = summaries[0];
  const before =
    first === undefined || query.period !== 'month'
      ? undefined
      : await lastMonth(queries, dataset, first.period, selected);
  return {
    summaries,
    before: before === undefined ? undefined : await mergedPeriod(queries, dataset, before, selected),
    last: done < length ? { period: shift(query.period, query.from, done - 1) } : undefined,
  };
}
