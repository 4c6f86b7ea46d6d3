import type { Dataset } from '../../../../core/dataset/dataset.ts';
import { endOfRun } from '../../../../core/set/sorted-rows.ts';
import type { Quantile } from '../../../../core/statistics/quantiles.ts';
import {
  completeness,
  mergeStatistics,
  type PeriodStatistics,
  statisticsOfRows,
} from '../../../../core/statistics/statistics.ts';
import { dayName, parseDay } from '../../../../core/time/calendar.ts';
import { type LocalHour, localHour } from '../../../../core/time/hours.ts';
import { timeZoneNamed } from '../../../../core/time/time-zone.ts';
import type { Summary } from '../../answers/statistics-row.ts';
import type { Problem } from '../../http/problem.ts';
import type { ExpectedSensors } from '../expected.ts';
import { type Selected, shardsOf } from '../selected.ts';
import { mostBehindQuantiles, tooMany, Values } from './quantiles.ts';
import { type SetPorts, TooManyRows, takeRowsOfDays } from './series-rows.ts';

/** Partitions, and readings, after which an answer ends early, with a cursor. */
const mostAnAnswer = { partitions: 400, readings: 1_000_000 };
/** Days that are read at once of one sensor; of several it is one. */
const daysAtOnce = 8;

/** Where a page of hours ended: behind a day, an hour of it, or a sensor of the hour. */
interface HourPosition {
  readonly day: string;
  /** UTC ms. */
  readonly startMs?: number | undefined;
  readonly sensorId?: string | undefined;
}

export interface HoursPage {
  readonly summaries: readonly Summary[];
  /** `undefined` when nothing follows. */
  readonly last: HourPosition | undefined;
}

interface HoursQuery {
  /** Local days, both included. */
  readonly from: string;
  readonly to: string;
  readonly limit: number;
  readonly selected: Selected;
  /** A row of each sensor, of the one that there is, or one of all. */
  readonly rows: 'each' | 'one' | 'merged';
  readonly quantiles: readonly Quantile[];
  readonly after: HourPosition | undefined;
  /** Absent where the dataset expects nothing. */
  readonly expected: ExpectedSensors | undefined;
}

/** One row of an answer while its parts come in. */
interface HourRow {
  readonly hour: LocalHour;
  /** Empty where sensors are merged. */
  readonly sensorId: string;
  /** Of which each is of one sensor. */
  readonly parts: Map<string, PeriodStatistics[]>;
}

/**
 * The hours of the local clock in which the selected sensors have readings, in order, computed from the partitions of their days: an hour's
 * readings are all in that of its day. A problem where a single day has too many.
 * @throws what {@link takeRowsOfDays} throws
 */
export async function hoursOf(
  ports: SetPorts,
  dataset: Dataset,
  query: HoursQuery,
): Promise<HoursPage | Problem> {
  const { after, limit, rows: kind } = query;
  const shards = shardsOf(dataset, query.selected);
  const last = parseDay(query.to) ?? 0; // checked days
  let day = parseDay(after?.day ?? query.from) ?? 0;
  if (after !== undefined && after.startMs === undefined) day += 1;
  let atOnce = kind === 'one' ? daysAtOnce : 1;
  const taken: { row: HourRow; summary: Summary }[] = [];
  const looked = { partitions: 0, readings: 0 };
  const page = (behind?: HourPosition): HoursPage => ({
    summaries: taken.map(({ summary }) => summary),
    last: behind,
  });
  while (day <= last) {
    const days = Array.from({ length: Math.min(atOnce, last - day + 1) }, (_, index) => dayName(day + index));
    const values = new Values(dataset);
    let rows: HourRow[];
    try {
      rows = await rowsOfDays(ports, dataset, { ...query, days, shards, values });
    } catch (fault) {
      if (!(fault instanceof TooManyRows)) throw fault;
      if (days.length === 1) return tooMany(dataset);
      atOnce = 1;
      continue;
    }
    for (const row of rows) {
      if (after !== undefined && !isBehind(row, after)) continue;
      const previous = taken.at(-1)?.row;
      if (previous !== undefined && taken.length === limit) return page(positionOf(previous, kind));
      const summary = await summaryOf(dataset, row, query, values);
      taken.push({ row, summary });
      looked.readings += summary.statistics.count;
    }
    day += days.length;
    looked.partitions += days.length * shards.length;
    const isEnough =
      taken.length === limit ||
      looked.partitions >= mostAnAnswer.partitions ||
      looked.readings >= mostAnAnswer.readings;
    if (day <= last && isEnough) return page({ day: dayName(day - 1) });
  }
  return page();
}

/** The rows of some days with readings that count, by hour and then by id. */
async function rowsOfDays(
  ports: SetPorts,
  dataset: Dataset,
  of: HoursQuery & { days: readonly string[]; shards: readonly number[]; values: Values },
): Promise<HourRow[]> {
  const { days, shards, selected: sensors, values, rows: kind, quantiles } = of;
  const zone = timeZoneNamed(dataset.timeZone);
  const found = new Map<string, HourRow>();
  // Withdrawn ones are read too.
  const most = 3 * mostBehindQuantiles(dataset);
  await takeRowsOfDays(ports, dataset, { days, shards, sensors, most }, (_, columns) => {
    const { sensor, timestampMs } = columns;
    const statisticsOf = statisticsOfRows(dataset, columns);
    for (let start = 0; start < columns.length; ) {
      const sensorId = columns.sensors[sensor[start] as number] as string; // start is a row
      const endOfSeries = endOfRun(sensor, start);
      while (start < endOfSeries) {
        const hour = localHour(zone, timestampMs[start] as number);
        let end = start + 1;
        while (end < endOfSeries && (timestampMs[end] as number) < hour.endMs) end++;
        const statistics = statisticsOf(start, end);
        if (statistics.count > 0) {
          const row = { hour, sensorId: kind === 'merged' ? '' : sensorId, parts: new Map() };
          const key = keyOf(row);
          const known = found.get(key) ?? row;
          found.set(key, known);
          // A series may lie in two row groups.
          known.parts.set(sensorId, [...(known.parts.get(sensorId) ?? []), statistics]);
          if (quantiles.length > 0) values.add(key, columns, start, end);
        }
        start = end;
      }
    }
  });
  return [...found.values()].sort(
    (a, b) => a.hour.startMs - b.hour.startMs || (a.sensorId < b.sensorId ? -1 : 1),
  );
}

/** No id holds a line break. */
const keyOf = ({ hour, sensorId }: HourRow): string => `${hour.name}\n${sensorId}`;

async function summaryOf(
  dataset: Dataset,
  row: HourRow,
  { rows: kind, quantiles, expected }: HoursQuery,
  values: Values,
): Promise<Summary> {
  const { hour, parts } = row;
  const ofSensors = [...parts.values()].map((of) => mergeStatistics(dataset, of));
  const awaited = kind === 'merged' ? await expected?.in(hour.name) : undefined;
  const silent = awaited && [...awaited].filter((sensorId) => !parts.has(sensorId)).length;
  const counts = [...ofSensors.map(({ count }) => count), ...new Array<number>(silent ?? 0).fill(0)];
  return {
    period: hour.name,
    statistics: mergeStatistics(dataset, ofSensors),
    of:
      kind === 'merged'
        ? { sensors: parts.size, ...(silent === undefined ? {} : { silent }) }
        : { sensorId: row.sensorId },
    completeness: completeness({ ...hour, expectedEveryMs: dataset.expectedEveryMs }, counts),
    ...(quantiles.length === 0 ? {} : { quantiles: values.quantiles(keyOf(row), quantiles) }),
  };
}

function positionOf({ hour, sensorId }: HourRow, kind: HoursQuery['rows']): HourPosition {
  const position = { day: hour.name.slice(0, 10), startMs: hour.startMs };
  return kind === 'each' ? { ...position, sensorId } : position;
}

/** Whether a row comes after a position. */
function isBehind({ hour, sensorId }: HourRow, after: HourPosition): boolean {
  const { startMs = Number.NEGATIVE_INFINITY, sensorId: behind } = after;
  if (hour.startMs !== startMs) return hour.startMs > startMs;
  return behind !== undefined && sensorId > behind;
}
