import type { Dataset } from '../../../../core/dataset/dataset.ts';
import type { Reading } from '../../../../core/dataset/reading.ts';
import { valueOfNumber } from '../../../../core/dataset/typed-field.ts';
import { windowAt, windowOf } from '../../../../core/partition/day-windows.ts';
import { type ReadingState, stateAt } from '../../../../core/set/columns.ts';
import { compareIdentities } from '../../../../core/set/identity.ts';
import {
  dayBoundsMs,
  dayName,
  endTimestampMs,
  minTimestampMs,
  monthOf,
  parseDay,
  parseTimestamp,
} from '../../../../core/time/calendar.ts';
import { dayMs } from '../../../../core/time/duration.ts';
import type { StatisticsQueries } from '../../../../ports/queries.ts';
import { shift } from '../../answers/span.ts';
import { instant, unitsOf } from '../../answers/statistics-row.ts';
import type { AnswerOf } from '../../contract/routes.ts';
import type { StoredReading } from '../../contract/stored-readings.ts';
import { csvOf } from '../../http/csv.ts';
import { encodeCursor, readCursor } from '../../http/cursor.ts';
import { type Problem, problemOf } from '../../http/problem.ts';
import type { Outcome } from '../../http/router.ts';
import { unknownAmong } from '../selected.ts';
import { rowsOfWindow, type SetPorts } from './series-rows.ts';

/** Days after which an answer ends early, with a cursor: each is a request or two. */
const daysAnAnswer = 400;
/** Days of the first window, where nothing tells how many readings a day has; of the first and of any at the most. */
const [usualDays, mostFirstDays, mostDays] = [2, 8, 32];
/**
 * Bytes of the rows of an answer, as they are once they stand in the function's result, in which each quote is two characters. A result
 * may have 6 MB (6,291,556 bytes); what else is in it are some kilobytes.
 */
const bytesAnAnswer = 5_500_000;

export interface ReadingsQuery {
  readonly sensor: string;
  readonly from: string;
  readonly to: string;
  readonly order: 'oldest' | 'newest';
  readonly withdrawn: 'true' | 'false';
  readonly limit: number;
  readonly cursor?: string | undefined;
}

interface SensorSpan {
  readonly sensorId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ReadingsPorts extends SetPorts {
  readonly statistics: StatisticsQueries;
}

/** `GET /datasets/{dataset}/readings` */
export async function listReadings(
  ports: ReadingsPorts,
  dataset: Dataset,
  query: ReadingsQuery,
): Promise<Outcome<AnswerOf<'listReadings'>>> {
  const span = spanOf(dataset, query);
  if ('problem' in span) return span;
  const { sensor, order, withdrawn } = query;
  const identity = [
    ...['readings', dataset.storageName, sensor, order, withdrawn],
    ...[String(span.fromMs), String(span.toMs)],
  ];
  const isNewest = order === 'newest';
  const position = readCursor(
    identity,
    query.cursor,
    ([at, ...more]) =>
      at === undefined ||
      (isInstant(at) &&
        (more.length === 0
          ? goesOn(span, Number(at), isNewest)
          : isWithin(span, Number(at)) && isIdentity(dataset, more))),
  );
  if ('problem' in position) return position;
  const [after, ...identityAfter] = position;
  const rest = restOf(span, after === undefined ? undefined : Number(after), {
    isNewest,
    // Others of that instant are still to come.
    isAtInstant: identityAfter.length > 0,
  });
  const found = await pageOf(
    ports,
    dataset,
    { ...query, after: afterOf(dataset, after, identityAfter) },
    rest,
  );
  if (found.readings.length === 0 && found.last === undefined && after === undefined) {
    const unknown = await unknownAmong(ports.statistics, dataset, [sensor]);
    if (unknown) return unknown;
  }
  const page: AnswerOf<'listReadings'> = {
    dataset: dataset.name,
    timeZone: dataset.timeZone,
    from: instant(span.fromMs),
    to: instant(span.toMs),
    order,
    units: unitsOf(dataset),
    readings: found.readings,
    cursor: found.last === undefined ? null : encodeCursor(identity, [String(found.last), ...found.identity]),
  };
  return {
    value: page,
    next: page.cursor,
    csv: () => readingsCsv(dataset, page, withdrawn === 'true'),
    ndjson: () => page.readings.map((reading) => `${JSON.stringify(reading)}\n`).join(''),
  };
}

/** What is left of the span behind a page. @param afterMs where it ended */
function restOf(
  span: SensorSpan,
  afterMs: number | undefined,
  { isNewest, isAtInstant }: { isNewest: boolean; isAtInstant: boolean },
): SensorSpan {
  if (afterMs === undefined) return span;
  const step = isAtInstant ? 0 : 1;
  return isNewest ? { ...span, toMs: afterMs - step } : { ...span, fromMs: afterMs + step };
}

/** An event by its place in the order of a page: its time, and what tells it from others of that time. */
type PlaceAfter = Pick<Reading, 'timestampMs' | 'values' | 'attributes'>;

/** Where an event's page ended, as the cursor has it. @param identity each part as JSON; none of readings, of which there is one a time */
function afterOf(
  { identityColumns = [], measureNames, attributeNames }: Dataset,
  at: string | undefined,
  identity: readonly string[],
): PlaceAfter | undefined {
  if (at === undefined || identity.length === 0) return undefined;
  const values: (number | null)[] = measureNames.map(() => null);
  const attributes: (string | null)[] = attributeNames.map(() => null);
  for (const [index, { of, at: column }] of identityColumns.entries()) {
    const part = JSON.parse(identity[index] as string) as never; // checked: of the column's type
    (of === 'values' ? values : attributes)[column] = part;
  }
  return { timestampMs: Number(at), values, attributes };
}

function isIdentity({ identityColumns = [] }: Dataset, parts: readonly string[]): boolean {
  if (parts.length !== identityColumns.length) return false;
  return identityColumns.every(({ of }, index) => {
    try {
      const part: unknown = JSON.parse(parts[index] as string); // as many
      return of === 'values' ? Number.isFinite(part) : typeof part === 'string';
    } catch {
      return false;
    }
  });
}

/** A whole number as a cursor has it. */
const isInstant = (text: string): boolean => /^(0|[1-9]\d{0,14})$/.test(text);

const isWithin = ({ fromMs, toMs }: SensorSpan, atMs: number): boolean => fromMs <= atMs && atMs <= toMs;

const goesOn = ({ fromMs, toMs }: SensorSpan, atMs: number, isNewest: boolean): boolean =>
  isNewest ? fromMs < atMs && atMs <= toMs : fromMs <= atMs && atMs < toMs;

function spanOf(dataset: Dataset, { sensor, from, to }: ReadingsQuery): SensorSpan | Problem {
  // Each is a day or an instant: the schema says so.
  const fromMs = parseTimestamp(from) ?? dayBoundsMs(dataset.timeZone, from).startMs;
  const toMs = parseTimestamp(to) ?? dayBoundsMs(dataset.timeZone, to).endMs - 1;
  if (fromMs > toMs) {
    const found = `from (${from}) is after to (${to})`;
    return problemOf('invalid-parameter', {
      parameter: 'from',
      found,
      accepted: 'from before or equal to to',
    });
  }
  // There are no readings beyond.
  const within = (ms: number) => Math.max(minTimestampMs, Math.min(endTimestampMs - 1, ms));
  return { sensorId: sensor, fromMs: within(fromMs), toMs: within(toMs) };
}

interface Found {
  readonly readings: StoredReading[];
  /** UTC ms: what is beyond it has not been looked at. `undefined` when all has. */
  readonly last: number | undefined;
  /** Of events: what tells the last one from others of its time, which come next. */
  readonly identity: readonly string[];
}

async function pageOf(
  ports: ReadingsPorts,
  dataset: Dataset,
  query: ReadingsQuery & { readonly after: PlaceAfter | undefined },
  span: SensorSpan,
): Promise<Found> {
  const { timeZone } = dataset;
  const isNewest = query.order === 'newest';
  const [oldest, newest] = [windowAt(timeZone, span.fromMs), windowAt(timeZone, span.toMs)];
  const readings: StoredReading[] = [];
  let bytes = 0;
  let looked = 0;
  let days = firstDays(dataset, query.limit);
  let day = isNewest ? newest : oldest;
  while (oldest <= day && day <= newest) {
    const [first, last] = isNewest
      ? [Math.max(oldest, day - days + 1), day]
      : [day, Math.min(newest, day + days - 1)];
    const before = readings.length;
    for (const state of await statesOf(ports, dataset, { ...span, first, last, isNewest })) {
      if (state.reading.withdrawn && query.withdrawn === 'false') continue;
      if (query.after && !comesAfter(dataset, state.reading, query.after, isNewest)) continue;
      const row = rowOf(dataset, state, query.withdrawn === 'true');
      const rowBytes = Buffer.byteLength(JSON.stringify(JSON.stringify(row)));
      const previous = readings.at(-1);
      if (previous && (readings.length === query.limit || bytes + rowBytes > bytesAnAnswer))
        return { readings, last: Date.parse(previous.timestamp), identity: identityIn(dataset, previous) };
      bytes += rowBytes;
      readings.push(row);
    }
    looked += last - first + 1;
    day = isNewest ? first - 1 : last + 1;
    if (readings.length === before && query.withdrawn === 'false')
      day = await nextDay(ports.statistics, dataset, {
        sensorId: query.sensor,
        day,
        oldest,
        newest,
        isNewest,
      });
    if (day < oldest || newest < day) break;
    if (looked >= daysAnAnswer) {
      const { startMs, endMs } = windowOf(timeZone, day, day);
      return { readings, last: isNewest ? endMs : startMs - 1, identity: [] };
    }
    const perDay = readings.length / looked;
    const missing = Math.ceil((query.limit + 1 - readings.length) / perDay); // infinite where there was none
    days = Math.max(1, Math.min(mostDays, days * 4, missing));
  }
  return { readings, last: undefined, identity: [] };
}

/** Whether an event is behind the one that the page before ended with. */
function comesAfter(dataset: Dataset, reading: Reading, after: PlaceAfter, isNewest: boolean): boolean {
  const order = reading.timestampMs - after.timestampMs || compareIdentities(dataset, reading, after);
  return isNewest ? order < 0 : order > 0;
}

/** What tells an event from others of its time, each part as JSON; nothing of a reading. */
function identityIn({ identity = [] }: Dataset, row: StoredReading): string[] {
  return identity.map((name) => JSON.stringify(row[name]));
}

function firstDays({ expectedEveryMs }: Dataset, limit: number): number {
  if (expectedEveryMs === undefined) return usualDays;
  return Math.max(1, Math.min(mostFirstDays, Math.ceil((limit * expectedEveryMs) / dayMs)));
}

/** The rows of some days in the order of the answer. */
async function statesOf(
  ports: SetPorts,
  dataset: Dataset,
  { isNewest, ...span }: Parameters<typeof rowsOfWindow>[2] & { readonly isNewest: boolean },
): Promise<ReadingState[]> {
  const states: ReadingState[] = [];
  for (const columns of await rowsOfWindow(ports, dataset, span)) {
    for (let row = 0; row < columns.length; row++) states.push(stateAt(columns, row));
  }
  // Sorted already as a rule, which costs a pass.
  states.sort(
    (a, b) =>
      a.reading.timestampMs - b.reading.timestampMs || compareIdentities(dataset, a.reading, b.reading),
  );
  return isNewest ? states.reverse() : states;
}

/**
 * The next day to look at from `day` on, after a stretch without a reading: the months of the series say where it has any. Its
 * months are those of its days, so the first day of a month is looked at, or the last.
 */
async function nextDay(
  statistics: StatisticsQueries,
  dataset: Dataset,
  from: { sensorId: string; day: number; oldest: number; newest: number; isNewest: boolean },
): Promise<number> {
  const { sensorId, day, oldest, newest, isNewest } = from;
  if (day < oldest || newest < day) return day;
  const series = { dataset, sensorId };
  // A day on: where a clock went back over midnight, the day before has instants of this window.
  if (isNewest) {
    const month = monthOf(dayName(day));
    const { rows } = await statistics.ofSeries({ ...series, from: month, to: month, limit: 1 });
    if (rows.length > 0) return day;
    const before = await statistics.monthBefore({ ...series, month });
    return before === undefined ? oldest - 1 : Math.min(day, firstOf(shift('month', before.period, 1)));
  }
  const { rows } = await statistics.ofSeries({
    ...series,
    from: monthOf(dayName(day - 1)),
    to: monthOf(dayName(newest)),
    limit: 1,
  });
  return rows[0] === undefined ? newest + 1 : Math.max(day, firstOf(rows[0].period));
}

const firstOf = (month: string): number => parseDay(`${month}-01`) ?? 0; // a month that is stored

function rowOf(dataset: Dataset, { reading, contested }: ReadingState, isAsked: boolean): StoredReading {
  const row: Record<string, unknown> = {
    sensorId: reading.sensorId,
    timestamp: instant(reading.timestampMs),
  };
  dataset.measureNames.forEach((name, at) => {
    const value = reading.values[at] ?? null;
    row[name] = value === null ? null : valueOfNumber(dataset.measures[name]?.type, value);
  });
  dataset.attributeNames.forEach((name, at) => {
    row[name] = reading.attributes[at] ?? null;
  });
  row.revision = reading.revision;
  row.contested = contested;
  if (isAsked) row.withdrawn = reading.withdrawn ?? false;
  return row as StoredReading; // all of its members are there, and no measure or attribute has such a name
}

/** A row a reading; the columns are named as the members in JSON. */
function readingsCsv(
  { measureNames, attributeNames }: Dataset,
  { readings }: AnswerOf<'listReadings'>,
  isAsked: boolean,
): string {
  const names = [
    ...['sensorId', 'timestamp', ...measureNames, ...attributeNames, 'revision', 'contested'],
    ...(isAsked ? ['withdrawn'] : []),
  ];
  return csvOf([names, ...readings.map((reading) => names.map((name) => reading[name]))]);
}
