import type { Dataset } from '../../../../core/dataset/dataset.ts';
import type { StatisticsQueries } from '../../../../ports/queries.ts';
import { lengthOf, shift } from '../../answers/span.ts';
import { type Problem, problemOf } from '../../http/problem.ts';
import { countsOfPeriod } from '../merged.ts';
import { queriesInFlight, type Selected, shardsOf } from '../selected.ts';

/** Both included. */
export interface Months {
  readonly from: string;
  readonly to: string;
}

/** A sensor that has readings in some months. */
export interface SeenSensor {
  readonly sensorId: string;
  /** In all of these months. */
  readonly count: number;
  /** The first and the last of these months with readings. */
  readonly firstMonth: string;
  readonly lastMonth: string;
}

/** Sensors' months, and shards' months, that a request looks at: some seconds. More are refused. */
const mostSensorMonths = 2_000_000;
const mostShardMonths = 4_000;

/** The selected sensors that have readings in some months, by id, from counts alone: what a month has of a sensor is a few bytes. */
export async function seenSensors(
  queries: StatisticsQueries,
  dataset: Dataset,
  { from, to }: Months,
  selected: Selected,
): Promise<SeenSensor[] | Problem> {
  const { length: shards } = shardsOf(dataset, selected);
  const length = lengthOf({ period: 'month', from, to });
  if (shards * length > mostShardMonths) {
    const most = Math.max(1, Math.floor(mostShardMonths / shards));
    return tooMany(
      `the span has ${length} months of ${shards} shards`,
      `at most ${most} months of this dataset`,
    );
  }
  const atOnce = Math.max(1, Math.floor(queriesInFlight / Math.max(1, shards)));
  const seen = new Map<string, SeenSensor>();
  let looked = 0;
  for (let done = 0; done < length; done += atOnce) {
    const months = Array.from({ length: Math.min(atOnce, length - done) }, (_, index) =>
      shift('month', from, done + index),
    );
    const found = await Promise.all(
      months.map(async (month) => ({
        month,
        counts: await countsOfPeriod(queries, dataset, month, selected),
      })),
    );
    for (const { month, counts } of found) {
      looked += counts.length;
      for (const [sensorId, count] of counts) {
        const before = seen.get(sensorId);
        const firstMonth = before?.firstMonth ?? month;
        seen.set(sensorId, { sensorId, count: count + (before?.count ?? 0), firstMonth, lastMonth: month });
      }
    }
    if (looked > mostSensorMonths)
      return tooMany(
        `the span has more than ${mostSensorMonths} sensors' months`,
        'a later from, or sensor=',
      );
  }
  return [...seen.values()].sort((a, b) => (a.sensorId < b.sensorId ? -1 : 1));
}

const tooMany = (found: string, accepted: string): Problem =>
  problemOf('invalid-parameter', { parameter: 'from', found, accepted });
