import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { Station } from '../../../core/dataset/stations.ts';
import { type Quantile, readQuantiles } from '../../../core/statistics/quantiles.ts';
import { mergeStatistics } from '../../../core/statistics/statistics.ts';
import type { StatisticsQueries } from '../../../ports/queries.ts';
import { type AskedSpan, checkSpan, isWithin, lengthOf, named, type Span, shift } from '../answers/span.ts';
import { completenessOf, type Summary, statisticsRow, unitsOf } from '../answers/statistics-row.ts';
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
import { hoursOf } from './set/hours.ts';
import type { ReadingsPorts } from './set/list-readings.ts';
import { withQuantiles } from './set/quantiles.ts';
import { statisticsCsv } from './statistics-csv.ts';

/** Series, of a period each, and shards after which an answer of merged statistics ends early, with a cursor: some seconds. */
const mostAnAnswer = { series: 500_000, shards: 2_000 };
/** Days of one sensor after which an answer ends early, with a cursor: each is a page of some 11 KB, whether the sensor is on it or not. */
const daysAnAnswer = 1_000;

export interface StatisticsQuery extends AskedSpan, Selection {
  readonly by?: 'sensor' | undefined;
  /** Shares, as `core/statistics/quantiles.ts` reads them. */
  readonly quantiles?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

type KeptQuery = Omit<StatisticsQuery, 'period'> & Span;

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
  const quantiles = readQuantiles(asked.quantiles ?? '') ?? [];
  const { period, from, to, by, sensor = '', tag = '' } = asked;
  const identity = ['statistics', dataset.storageName, period, from, to, by ?? '', sensor, tag];
  const found =
    period === 'hour'
      ? await hoursPage(ports, dataset, asked, { selected, quantiles, identity })
      : await keptPage(
          ports,
          dataset,
          { ...asked, ...named({ period, from, to }) },
          {
            ...{ selected, quantiles, identity },
          },
        );
  if ('problem' in found) return found;
  const { summaries, before, cursor } = found;
  const page: AnswerOf<'queryStatistics'> = {
    ...{ dataset: dataset.name, timeZone: dataset.timeZone, period, from, to },
    units: unitsOf(dataset),
    statistics: summaries.map((summary, index) =>
      by === 'sensor'
        ? statisticsRow(summary)
        : statisticsRow(summary, { before: summaries[index - 1] ?? before }),
    ),
    cursor,
  };
  return {
    value: page,
    next: page.cursor,
    csv: () => statisticsCsv(dataset, page, { bySensor: by === 'sensor', quantiles }),
  };
}

/** What an answer is made of. */
interface Answered {
  readonly summaries: readonly Summary[];
  readonly before?: Summary | undefined;
  readonly cursor: string | null;
}

interface Asked {
  readonly selected: Selected;
  readonly quantiles: readonly Quantile[];
  /** Of the cursor. */
  readonly identity: readonly string[];
}

/** Periods that statistics are kept of, or follow from such. */
async function keptPage(
  ports: ReadingsPorts,
  dataset: Dataset,
  query: KeptQuery,
  { selected, quantiles, identity }: Asked,
): Promise<Answered | Problem> {
  const tooLong = checkParts(dataset, query, selected);
  if (tooLong) return tooLong;
  const queries = withLongerPeriods(ports.statistics);
  const position = readCursor(identity, query.cursor, (parts) => isPosition(query, parts));
  if ('problem' in position) return position;
  const after = positionOf(position);
  if (after?.period === query.to && after.sensorId === undefined) {
    const found = 'cursor is after the last page';
    return problemOf('invalid-parameter', { parameter: 'cursor', found, accepted: 'the cursor of a page' });
  }
  const found = await pageOf(queries, dataset, query, { selected, after });
  if ('problem' in found) return found;
  const summaries =
    quantiles.length === 0
      ? found.summaries
      : await withQuantiles(ports, dataset, found.summaries, { selected, quantiles });
  if ('problem' in summaries) return summaries;
  const isCut = summaries.length < found.summaries.length;
  const last = isCut ? placeOf(summaries.at(-1), query.by === 'sensor') : found.last;
  const cursor = last === undefined ? null : encodeCursor(identity, partsOf(last));
  return { summaries, before: found.before, cursor };
}

/** Hours, which are computed from the readings. */
async function hoursPage(
  ports: ReadingsPorts,
  dataset: Dataset,
  { from, to, limit, by, tag, cursor }: StatisticsQuery,
  { selected, quantiles, identity }: Asked,
): Promise<Answered | Problem> {
  const position = readCursor(identity, cursor, (parts) => isHourPosition({ from, to }, parts));
  if ('problem' in position) return position;
  const [day, startMs, sensorId] = position;
  const { statistics } = ports;
  const found = await hoursOf(ports, dataset, {
    ...{ from, to, limit, selected, quantiles },
    rows: by === 'sensor' ? 'each' : tag === undefined && onlyOne(selected) !== undefined ? 'one' : 'merged',
    after:
      day === undefined
        ? undefined
        : { day, sensorId, startMs: startMs === undefined ? undefined : Number(startMs) },
    expected:
      dataset.expectedEveryMs === undefined ? undefined : expectedSensors(statistics, dataset, selected),
  });
  if ('problem' in found) return found;
  const { summaries, last } = found;
  const { ids } = selected;
  if (cursor === undefined && tag === undefined && ids !== undefined && !hasAll(summaries, ids)) {
    const unknown = await unknownAmong(statistics, dataset, [...ids]);
    if (unknown) return unknown;
  }
  const parts = last && [last.day, last.startMs, last.sensorId].filter((part) => part !== undefined);
  return { summaries, cursor: parts === undefined ? null : encodeCursor(identity, parts.map(String)) };
}

/** Of hours a cursor is behind a day, an hour of it, or a sensor of that. */
function isHourPosition({ from, to }: Pick<Span, 'from' | 'to'>, parts: readonly string[]): boolean {
  const [day, startMs] = parts;
  if (day === undefined) return true;
  const isOfSpan = isWithin({ period: 'day', from, to }, day);
  return isOfSpan && parts.length <= 3 && (startMs === undefined || /^(0|[1-9]\d{0,14})$/.test(startMs));
}

/** The place behind a row. */
function placeOf(summary: Summary | undefined, bySensor: boolean): TablePosition | undefined {
  if (summary === undefined) return undefined;
  const sensorId = bySensor && 'sensorId' in summary.of ? summary.of.sensorId : undefined;
  return { period: summary.period, sensorId };
}

/** A span as one is read whole, from every shard: it can't end early. */
function checkParts(dataset: Dataset, query: KeptQuery, selected: Selected): Problem | undefined {
  if (query.period !== 'all') return undefined;
  const shards = shardsOf(dataset, selected).length;
  const parts = partNames(query.from).length;
  if (parts * shards <= mostPagesOfShards) return undefined;
  const found = `the span has ${parts} months and days beside them, of ${shards} shards each`;
  const accepted = `at most ${mostPagesOfShards} together, or period=year`;
  return problemOf('invalid-parameter', { parameter: 'to', found, accepted });
}

/** Of a table a cursor may be behind one of a period's sensors; else it is behind a period. */
const isPosition = ({ by, ...span }: KeptQuery, parts: readonly string[]): boolean => {
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
  query: KeptQuery,
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
  if (isNamed && ids !== undefined && !hasAll(found.summaries, ids)) {
    const unknown = await unknownAmong(queries, dataset, [...ids]);
    if (unknown) return unknown;
  }
  return found;
}

/** Whether there is a row of each of the sensors, or one in which all of them are merged. */
function hasAll(summaries: readonly Summary[], ids: ReadonlySet<string>): boolean {
  const found = new Set(summaries.map(({ of }) => ('sensorId' in of ? of.sensorId : '')));
  return found.size === ids.size || summaries.some(({ of }) => 'sensors' in of && of.sensors === ids.size);
}

async function ofSeries(
  queries: StatisticsQueries,
  dataset: Dataset,
  query: KeptQuery,
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
  query: KeptQuery,
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
