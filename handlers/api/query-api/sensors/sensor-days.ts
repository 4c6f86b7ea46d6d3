import type { Dataset } from '../../../../core/dataset/dataset.ts';
import { daysOfMonth, monthOf } from '../../../../core/time/calendar.ts';
import type { StatisticsQueries } from '../../../../ports/queries.ts';
import { countsOfPeriod } from '../merged.ts';
import type { SeenSensor } from './seen-sensors.ts';

/*
 * On which days sensors were heard. Months say how many readings they have of a sensor and not when, so its first and its last day are looked for in
 * the days of its first and its last month, by counts alone, and only on the pages that the sensors are on which were not found yet.
 */

export interface SensorDays extends SeenSensor {
  /** Local, `YYYY-MM-DD`; `null` while a merge is between the month and its days. */
  readonly firstDay: string | null;
  readonly lastDay: string | null;
}

/** Sensors whose days are looked for together. */
const sensorsAtOnce = 100;
/** Days of a sensor, each a page at the most, after which a page of rows ends early. */
const mostSensorDays = 12_000;

/**
 * The first sensors, up to `limit`, with the first and the last day that they have readings of; `more` when others follow.
 * @param limit at least 1
 * @param latest the last day of which there can be readings
 */
export async function firstAndLastDays(
  queries: StatisticsQueries,
  dataset: Dataset,
  sensors: readonly SeenSensor[],
  { limit, latest }: { limit: number; latest: string },
): Promise<{ sensors: SensorDays[]; more: boolean }> {
  const found: SensorDays[] = [];
  let looked = 0;
  while (found.length < Math.min(limit, sensors.length) && looked < mostSensorDays) {
    const some = sensors.slice(found.length, Math.min(limit, found.length + sensorsAtOnce));
    const [first, last] = await Promise.all([
      daysHeard(queries, dataset, some, ({ firstMonth }) => daysOfMonth(firstMonth)),
      daysHeard(queries, dataset, some, ({ lastMonth }) =>
        daysOfMonth(lastMonth)
          .filter((day) => day <= latest || lastMonth > monthOf(latest))
          .reverse(),
      ),
    ]);
    looked += first.looked + last.looked;
    for (const sensor of some) {
      const { sensorId } = sensor;
      const [firstDay = null, lastDay = null] = [first.days.get(sensorId), last.days.get(sensorId)];
      found.push({ ...sensor, firstDay, lastDay });
    }
  }
  return { sensors: found, more: found.length < sensors.length };
}

/** The first day of each sensor's days, in their order, on which it has readings. */
async function daysHeard(
  queries: StatisticsQueries,
  dataset: Dataset,
  sensors: readonly SeenSensor[],
  daysOf: (sensor: SeenSensor) => readonly string[],
): Promise<{ days: Map<string, string>; looked: number }> {
  const days = new Map<string, string>();
  const groups = Map.groupBy(sensors, (sensor) => daysOf(sensor).join());
  let looked = 0;
  for (const group of groups.values()) {
    const wanted = new Set(group.map(({ sensorId }) => sensorId));
    const [sensor] = group;
    for (const day of sensor === undefined ? [] : daysOf(sensor)) {
      if (wanted.size === 0) break;
      looked += wanted.size;
      for (const [sensorId] of await countsOfPeriod(queries, dataset, day, named(wanted))) {
        days.set(sensorId, day);
        wanted.delete(sensorId);
      }
    }
  }
  return { days, looked };
}

/** Those of the sensors that have readings on a day, or on a later one. */
export async function heardSince(
  queries: StatisticsQueries,
  dataset: Dataset,
  sensors: readonly SeenSensor[],
  day: string,
): Promise<Set<string>> {
  const month = monthOf(day);
  const heard = new Set(sensors.filter(({ lastMonth }) => lastMonth > month).map(({ sensorId }) => sensorId));
  const wanted = new Set(
    sensors.filter(({ lastMonth }) => lastMonth === month).map(({ sensorId }) => sensorId),
  );
  for (const later of daysOfMonth(month)
    .filter((each) => each >= day)
    .reverse()) {
    if (wanted.size === 0) break;
    for (const [sensorId] of await countsOfPeriod(queries, dataset, later, named(wanted))) {
      heard.add(sensorId);
      wanted.delete(sensorId);
    }
  }
  return heard;
}

const named = (ids: ReadonlySet<string>) => ({ ids: new Set(ids), has: (id: string) => ids.has(id) });
