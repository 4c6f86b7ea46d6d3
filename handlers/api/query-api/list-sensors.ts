import type { Dataset } from '../../../core/dataset/dataset.ts';
import { localDay, monthOf } from '../../../core/time/calendar.ts';
import type { StatisticsQueries } from '../../../ports/queries.ts';
import type { AnswerOf } from '../contract/routes.ts';
import { encodeCursor, readCursor } from '../http/cursor.ts';
import type { Outcome } from '../http/router.ts';
import { countsOfPeriod, lastMonth } from './merged.ts';
import { isWithin, shift } from './span.ts';
import { completenessOf } from './statistics-row.ts';

export interface SensorsQuery {
  readonly month?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * `GET /datasets/{dataset}/sensors`: the sensors that have readings in a month, by id. Without `month` it is the newest
 * one that has any, up to the present month and ten years back: a sensor that fell silent is found by asking for its
 * month. Later pages keep to the month of the first.
 */
export async function listSensors(
  queries: StatisticsQueries,
  dataset: Dataset,
  query: SensorsQuery,
  nowMs: number,
): Promise<Outcome<AnswerOf<'listSensors'>>> {
  const identity = ['sensors', dataset.storageName, query.month ?? ''];
  const position = readCursor(identity, query.cursor, ([name]) => name === undefined || isMonth(name));
  if ('problem' in position) return position;
  const [pageMonth, after] = position;
  const present = monthOf(localDay(dataset.timeZone, nowMs));
  const month = query.month ?? pageMonth ?? (await lastMonth(queries, dataset, shift('month', present, 1)));
  const counts = month === undefined ? [] : await countsOfPeriod(queries, dataset, month);
  const rest = after === undefined ? counts : counts.filter(([sensorId]) => sensorId > after);
  const sensors = rest.slice(0, query.limit).map(([sensorId, count]) => {
    const completeness = completenessOf(dataset, month as string, [count]); // there are sensors, so there is a month
    return { sensorId, count, ...(completeness === undefined ? {} : { completeness }) };
  });
  const more = rest.length > query.limit;
  const last = sensors.at(-1)?.sensorId;
  const page: AnswerOf<'listSensors'> = {
    dataset: dataset.name,
    month: month ?? null,
    sensors,
    cursor: more && month !== undefined && last !== undefined ? encodeCursor(identity, [month, last]) : null,
  };
  return { value: page, next: page.cursor };
}

const isMonth = (name: string): boolean =>
  isWithin({ period: 'month', from: '0000-01', to: '9999-12' }, name);
