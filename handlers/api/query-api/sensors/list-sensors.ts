import type { Dataset } from '../../../../core/dataset/dataset.ts';
import type { Station } from '../../../../core/dataset/stations.ts';
import { completeness } from '../../../../core/statistics/statistics.ts';
import { dayBoundsMs, localDay, monthBoundsMs, monthOf } from '../../../../core/time/calendar.ts';
import { dayMs, parseDuration } from '../../../../core/time/duration.ts';
import type { StatisticsQueries } from '../../../../ports/queries.ts';
import { isWithin, lengthOf, shift } from '../../answers/span.ts';
import type { AnswerOf } from '../../contract/routes.ts';
import { csvOf } from '../../http/csv.ts';
import { encodeCursor, readCursor } from '../../http/cursor.ts';
import { type Problem, problemOf } from '../../http/problem.ts';
import type { Outcome } from '../../http/router.ts';
import { lastMonth } from '../merged.ts';
import { type Selection, selectedBy } from '../selected.ts';
import { type Months, type SeenSensor, seenSensors } from './seen-sensors.ts';
import { firstAndLastDays, heardSince } from './sensor-days.ts';

export interface SensorsQuery extends Selection {
  readonly month?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Whole days, as a duration. */
  readonly silentFor?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

type Page = AnswerOf<'listSensors'>;

/** Months that are shown when none is named, and that can be asked for at once. */
const monthsShown = 12;
const mostMonths = 120;

/**
 * `GET /datasets/{dataset}/sensors`: the sensors that have readings in some months, by id. Reads these months by their counts, and of the
 * sensors that it answers the days on which they began and ended. Later pages keep to the months of the first.
 */
export async function listSensors(
  queries: StatisticsQueries,
  dataset: Dataset,
  query: SensorsQuery,
  { stations, nowMs }: { stations: readonly Station[]; nowMs: number },
): Promise<Outcome<Page>> {
  const { month, silentFor, limit } = query;
  const identity = [
    ...['sensors', dataset.storageName, month ?? '', query.from ?? '', query.to ?? ''],
    ...[query.sensor ?? '', query.tag ?? '', silentFor ?? ''],
  ];
  const position = readCursor(
    identity,
    query.cursor,
    (parts) => parts.length === 0 || (parts.length === 3 && parts.slice(0, 2).every(isMonth)),
  );
  if ('problem' in position) return position;
  const [pageFrom, pageTo, after] = position;
  const selected = selectedBy(query, stations);
  if ('problem' in selected) return selected;
  const present = monthOf(localDay(dataset.timeZone, nowMs));
  const named = monthsNamed(query, present);
  if (named && 'problem' in named) return named;
  const to = pageTo ?? named?.to ?? (await lastMonth(queries, dataset, shift('month', present, 1)));
  if (to === undefined)
    return answered({ dataset: dataset.name, from: null, to: null, sensors: [], cursor: null });
  const from = pageFrom ?? named?.from ?? shift('month', to, 1 - monthsShown);
  // The last month is not the query's: that nothing has come since is an answer, and no fault of who asks.
  if (named?.to === undefined && from > to)
    return answered({ dataset: dataset.name, from, to: from, sensors: [], cursor: null });
  const months = { from, to };
  const wrong = checkMonths(months);
  if (wrong) return wrong;

  const found = await seenSensors(queries, dataset, months, selected);
  if ('problem' in found) return found;
  const isUpToDate = named?.to === undefined || to >= present;
  const today = localDay(dataset.timeZone, nowMs);
  const rest = found.filter(({ sensorId }) => after === undefined || sensorId > after);
  const wanted =
    silentFor === undefined ? rest : await silentAmong(queries, dataset, rest, { silentFor, today });
  const { sensors, more } = await firstAndLastDays(queries, dataset, wanted, {
    limit,
    latest: localDay(dataset.timeZone, nowMs + dataset.maxAheadMs),
  });
  const stationOf = new Map(stations.map((station) => [station.sensorId, station]));
  const endMs = Math.min(nowMs, monthBoundsMs(dataset.timeZone, to).endMs);
  const rows = sensors.map(({ sensorId, count, firstDay, lastDay }) => {
    const share = firstDay === null ? undefined : completenessSince(dataset, firstDay, endMs, count);
    return {
      ...shown(stationOf.get(sensorId) ?? { sensorId }),
      ...{ firstDay, lastDay, count },
      ...(share === undefined ? {} : { completeness: share }),
      ...(isUpToDate && lastDay !== null ? { silentDays: Math.max(0, daysBetween(lastDay, today)) } : {}),
    };
  });
  const last = rows.at(-1)?.sensorId;
  return answered({
    ...{ dataset: dataset.name, from, to, sensors: rows },
    cursor: more && last !== undefined ? encodeCursor(identity, [from, to, last]) : null,
  });
}

const answered = (page: Page): Outcome<Page> => ({
  value: page,
  next: page.cursor,
  csv: () =>
    csvOf([
      columns,
      ...page.sensors.map((row) =>
        columns.map((name) => (name === 'tags' ? row.tags?.join(';') : row[name])),
      ),
    ]),
  geojson: () => geojsonOf(page),
});

const columns = [
  ...(['sensorId', 'name', 'latitude', 'longitude', 'elevation', 'tags'] as const),
  ...(['firstDay', 'lastDay', 'count', 'completeness', 'silentDays'] as const),
];

/** What is said of a station that has no table's row, or no tags, is left out. */
const shown = ({ tags, ...station }: Pick<Station, 'sensorId'> & Partial<Station>) => ({
  ...station,
  ...(tags === undefined || tags.length === 0 ? {} : { tags: [...tags] }),
});

/** The rows as points of RFC 7946, one without a place where it is not known; the cursor beside them. */
function geojsonOf({ sensors, cursor, ...of }: Page): string {
  const features = sensors.map(({ latitude, longitude, elevation, ...properties }) => {
    const place = [longitude, latitude, elevation].filter((value) => value !== undefined);
    const geometry = latitude === undefined ? null : { type: 'Point', coordinates: place };
    return {
      type: 'Feature',
      id: properties.sensorId,
      geometry,
      properties: { ...properties, ...(elevation === undefined ? {} : { elevation }) },
    };
  });
  return JSON.stringify({ type: 'FeatureCollection', ...of, features, cursor });
}

/** The months that a query names, all or one of them; a problem where that makes no sense. */
function monthsNamed(
  { month, from, to, silentFor }: SensorsQuery,
  present: string,
): Partial<Months> | Problem | undefined {
  if (month !== undefined && (from !== undefined || to !== undefined)) {
    const found = 'month is given beside from or to';
    return problemOf('invalid-parameter', { parameter: 'month', found, accepted: 'month, or from and to' });
  }
  const last = month ?? to;
  if (silentFor !== undefined && last !== undefined && last < present) {
    const found = `silentFor is given for months up to ${last}, after which there may be readings`;
    const accepted = 'silentFor without to, or with the present month';
    return problemOf('invalid-parameter', { parameter: 'silentFor', found, accepted });
  }
  const first = month ?? from;
  return { ...(first === undefined ? {} : { from: first }), ...(last === undefined ? {} : { to: last }) };
}

function checkMonths({ from, to }: Months): Problem | undefined {
  const wrong = (parameter: string, found: string, accepted: string) =>
    problemOf('invalid-parameter', { parameter, found, accepted });
  if (from > to)
    return wrong('from', `from (${from}) is after the last month (${to})`, `a month up to ${to}`);
  const months = lengthOf({ period: 'month', from, to });
  if (months > mostMonths)
    return wrong('from', `the span has ${months} months`, `at most ${mostMonths} months`);
  return undefined;
}

/** Those whose last reading is at least so old, by days of the calendar. */
async function silentAmong(
  queries: StatisticsQueries,
  dataset: Dataset,
  sensors: readonly SeenSensor[],
  { silentFor, today }: { silentFor: string; today: string },
): Promise<SeenSensor[]> {
  const days = (parseDuration(silentFor) as number) / dayMs; // of the contract's form
  const heard = await heardSince(queries, dataset, sensors, shift('day', today, 1 - days));
  return sensors.filter(({ sensorId }) => !heard.has(sensorId));
}

function completenessSince(dataset: Dataset, day: string, endMs: number, count: number): number | undefined {
  const { startMs } = dayBoundsMs(dataset.timeZone, day);
  return completeness({ startMs, endMs, expectedEveryMs: dataset.expectedEveryMs }, [count]);
}

const daysBetween = (from: string, to: string): number => lengthOf({ period: 'day', from, to }) - 1;

const isMonth = (name: string): boolean =>
  isWithin({ period: 'month', from: '0000-01', to: '9999-12' }, name);
