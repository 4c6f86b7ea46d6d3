import type { Dataset } from '../../../core/dataset/dataset.ts';
import { mean, type PeriodStatistics } from '../../../core/statistics/statistics.ts';
import type { StatisticsQueries } from '../../../ports/queries.ts';
import { instant } from '../answers/statistics-row.ts';
import { datasetNamed } from '../contract/fields.ts';
import type { AnswerOf } from '../contract/routes.ts';
import type { Problem } from '../http/problem.ts';
import { lastMonth, mergedPeriod } from './merged.ts';

/** The dataset and measures behind `/temp`, `/sd` and `/maxdiff`. */
const water = {
  dataset: 'water-temperature',
  temperature: 'temperature',
  deviation: 'deviation',
} as const;

export interface MonthQuery {
  readonly year: number;
  readonly month: number;
  readonly sensor?: string | undefined;
}

interface Month {
  readonly period: string;
  readonly statistics: PeriodStatistics;
}

/** `GET /temp`: the mean of a month. */
export async function meanTemperature(
  queries: StatisticsQueries,
  datasets: readonly Dataset[],
  query: MonthQuery,
): Promise<AnswerOf<'meanTemperature'> | Problem> {
  const found = await readMonth(queries, datasets, query, water.temperature);
  if ('problem' in found) return found;
  return { ...asked(query), ...found.common, mean: mean(found.measure) };
}

/** `GET /sd`: the highest deviation of a month. */
export async function maxDeviation(
  queries: StatisticsQueries,
  datasets: readonly Dataset[],
  query: MonthQuery,
): Promise<AnswerOf<'maxDeviation'> | Problem> {
  const found = await readMonth(queries, datasets, query, water.deviation);
  if ('problem' in found) return found;
  return {
    ...asked(query),
    ...found.common,
    maxDeviation: found.measure.max,
    at: instant(found.measure.maxAt),
  };
}

/**
 * `GET /maxdiff`: the maximum of a month minus that of the month before, 0 for the first. Where months are missing,
 * the month before is the last one that has readings.
 */
export async function maxDifference(
  queries: StatisticsQueries,
  datasets: readonly Dataset[],
  query: MonthQuery,
): Promise<AnswerOf<'maxDifference'> | Problem> {
  const found = await readMonth(queries, datasets, query, water.temperature);
  if ('problem' in found) return found;
  const before = await monthBefore(queries, found.dataset, query, found.period);
  const max = found.measure.max;
  const maxBefore = before?.statistics.measures[water.temperature]?.max ?? null;
  return {
    ...asked(query),
    ...found.common,
    difference: maxBefore === null ? 0 : max - maxBefore,
    max,
    monthBefore: before?.period ?? null,
    maxBefore,
  };
}

async function readMonth(
  queries: StatisticsQueries,
  datasets: readonly Dataset[],
  query: MonthQuery,
  name: string,
) {
  const dataset = datasetNamed(datasets, water.dataset);
  if ('problem' in dataset) return dataset;
  const period = `${query.year}-${String(query.month).padStart(2, '0')}`;
  const found = await monthNamed(queries, dataset, query, period);
  const measure = found?.statistics.measures[name];
  const unit = dataset.measures[name]?.unit ?? '';
  if (measure === undefined) {
    const of = query.sensor === undefined ? '' : ` of sensor ${JSON.stringify(query.sensor)}`;
    const problem: Problem = { problem: 'not-found', detail: `no readings${of} in ${period}` };
    return problem;
  }
  return { dataset, period, measure, common: { unit, count: measure.count } };
}

async function monthNamed(
  queries: StatisticsQueries,
  dataset: Dataset,
  { sensor }: MonthQuery,
  period: string,
): Promise<Month | undefined> {
  if (sensor === undefined) return mergedPeriod(queries, dataset, period);
  const series = { dataset, sensorId: sensor };
  return (await queries.ofSeries({ ...series, from: period, to: period, limit: 1 })).rows[0];
}

async function monthBefore(
  queries: StatisticsQueries,
  dataset: Dataset,
  { sensor }: MonthQuery,
  month: string,
): Promise<Month | undefined> {
  if (sensor !== undefined) {
    return queries.monthBefore({ dataset, sensorId: sensor, month });
  }
  const before = await lastMonth(queries, dataset, month);
  return before === undefined ? undefined : mergedPeriod(queries, dataset, before);
}

const asked = ({ year, month, sensor }: MonthQuery) => ({
  year,
  month,
  ...(sensor === undefined ? {} : { sensorId: sensor }),
});
