import type { Dataset } from '../../../core/dataset/dataset.ts';
import { monthOf } from '../../../core/time/calendar.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import type { StatisticsQueries } from '../../../ports/queries.ts';
import { kindOf, shift } from '../answers/span.ts';
import { countsOfPeriod } from './merged.ts';
import { queriesInFlight, type Selected, shardsOf } from './selected.ts';

/** How long a sensor that sends nothing more is expected all the same: a station that runs in summers only is back within it. */
const monthsExpected = 12;
/** Queries for the sensors that are expected in a month, which shortens that for datasets of more than 83 shards. */
const queriesAMonth = 1_000;

/** Which of the selected sensors are expected in a period: those that had readings in the twelve months before its first month. */
export interface ExpectedSensors {
  in(period: string): Promise<ReadonlySet<string>>;
}

/**
 * Reads each month once, by counts alone, and holds no more months than the last one asked for needs. Periods are asked for in their order, some of
 * them at once.
 */
export function expectedSensors(
  queries: StatisticsQueries,
  dataset: Dataset,
  selected: Selected,
): ExpectedSensors {
  const shards = Math.max(1, shardsOf(dataset, selected).length);
  const back = Math.max(1, Math.min(monthsExpected, Math.floor(queriesAMonth / shards)));
  const atOnce = Math.max(1, Math.floor(queriesInFlight / shards));
  const ofMonths = new Map<string, Promise<readonly string[]>>();
  let last: { month: string; sensors: Promise<ReadonlySet<string>> } | undefined;

  async function ofMonth(month: string): Promise<readonly string[]> {
    const counts = await countsOfPeriod(queries, dataset, month, selected);
    return counts.map(([sensorId]) => sensorId);
  }

  async function before(month: string): Promise<ReadonlySet<string>> {
    const months = Array.from({ length: back }, (_, index) => shift('month', month, -(index + 1)));
    for (const known of ofMonths.keys()) if (known < (months.at(-1) ?? '')) ofMonths.delete(known);
    const found = await mapBounded(months, atOnce, (name) => {
      const sensors = ofMonths.get(name) ?? ofMonth(name);
      ofMonths.set(name, sensors);
      return sensors;
    });
    return new Set(found.flat());
  }

  return {
    in(period) {
      const month = kindOf(period) === 'year' ? `${period}-01` : monthOf(period);
      if (last?.month !== month) last = { month, sensors: before(month) };
      return last.sensors;
    },
  };
}
