import type { Dataset } from '../dataset/dataset.ts';
import type { Columns } from '../set/columns.ts';
import { endOfRun } from '../set/sorted-rows.ts';
import { type AlertStatistics, alertsOf, mergeAlerts } from './alerts.ts';

/** A measure over a period. `m2` is the sum of squared differences from the mean, in the unit squared. */
export interface MeasureStatistics {
  /** At least 1. */
  count: number;
  mean: number;
  m2: number;
  min: number;
  /** UTC ms of the first reading with the minimum. */
  minAt: number;
  max: number;
  /** UTC ms of the first reading with the maximum. */
  maxAt: number;
}

/** One series over a day or month. */
export interface PeriodStatistics {
  /** Readings, whether or not they have each optional measure. Withdrawn ones do not count, here or below. */
  count: number;
  /** Readings among them that are contested: others said something else with the same right. */
  contested: number;
  /** By name, in the order of declaration; a measure without a value is left out. */
  measures: Record<string, MeasureStatistics>;
  /** By rule, in the order of declaration; a rule without a breach is left out. */
  alerts: Record<string, AlertStatistics>;
}

/**
 * The statistics of each series in a partition's set, in timestamp order (Welford), so that equal sets give equal
 * bits. The rows are of one local day; `columns` of several days would be taken as one period. `only` spares the others.
 */
export function statisticsByDay(
  dataset: Dataset,
  columns: Columns,
  only?: ReadonlySet<string>,
): Map<string, PeriodStatistics> {
  return new Map(seriesStatistics(dataset, columns, only));
}

/** As {@link statisticsByDay}, a series at a time, for callers that have other things to do in between. */
export function* seriesStatistics(
  dataset: Dataset,
  columns: Columns,
  only?: ReadonlySet<string>,
): Generator<[sensorId: string, PeriodStatistics]> {
  const counted = withoutWithdrawn(columns);
  let start = 0;
  while (start < columns.length) {
    const sensor = columns.sensor[start] as number; // start is a row
    const end = endOfRun(columns.sensor, start);
    const sensorId = columns.sensors[sensor] as string; // sensor is an index
    if (only?.has(sensorId) !== false) {
      const measures: Record<string, MeasureStatistics> = {};
      dataset.measureNames.forEach((name, index) => {
        const found = ofRows(counted.values[index] as Float64Array, columns.timestampMs, start, end); // a column a measure
        if (found) measures[name] = found;
      });
      const alerts = alertsOf(dataset, counted, start, end);
      yield [sensorId, { ...countsOf(columns, start, end), measures, alerts }];
    }
    start = end;
  }
}

/** The same rows, in which withdrawn readings have no value. */
function withoutWithdrawn(columns: Columns): Columns {
  const { withdrawn } = columns;
  if (!withdrawn.includes(1)) return columns;
  const values = columns.values.map((column) =>
    column.map((value, row) => (withdrawn[row] === 1 ? Number.NaN : value)),
  );
  return { ...columns, values };
}

/** Readings in rows `start` (inclusive) to `end` (exclusive). */
function countsOf(columns: Columns, start: number, end: number): { count: number; contested: number } {
  const withdrawn = columns.withdrawn.subarray(start, end);
  const contested = columns.contested.subarray(start, end);
  const counts = { count: end - start, contested: 0 };
  for (let row = withdrawn.indexOf(1); row !== -1; row = withdrawn.indexOf(1, row + 1)) counts.count--;
  for (let row = contested.indexOf(1); row !== -1; row = contested.indexOf(1, row + 1)) {
    if (withdrawn[row] === 0) counts.contested++;
  }
  return counts;
}

/** Rows `start` (inclusive) to `end` (exclusive) of a measure; `undefined` when all are absent. */
function ofRows(values: Float64Array, timestampMs: Float64Array, start: number, end: number) {
  let count = 0;
  let mean = 0;
  let m2 = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let minRow = start;
  let maxRow = start;
  for (let row = start; row < end; row++) {
    const value = values[row] as number; // row is a row
    if (Number.isNaN(value)) continue;
    count++;
    const delta = value - mean;
    mean += delta / count;
    m2 += delta * (value - mean);
    if (value < min) {
      min = value;
      minRow = row;
    }
    if (value > max) {
      max = value;
      maxRow = row;
    }
  }
  if (count === 0) return undefined;
  const at = (row: number) => timestampMs[row] as number; // a row of the range
  return { count, mean, m2, min, minAt: at(minRow), max, maxAt: at(maxRow) };
}

/**
 * The statistics of a longer period from those of its days, given in day order (Chan et al.). Measures and rules that
 * the dataset no longer has are left out. No days give a count of 0.
 */
export function mergeStatistics(dataset: Dataset, days: readonly PeriodStatistics[]): PeriodStatistics {
  const measures: Record<string, MeasureStatistics> = {};
  for (const name of dataset.measureNames) {
    const merged = days.reduce<MeasureStatistics | undefined>(
      (sum, day) => mergeMeasure(sum, day.measures[name]),
      undefined,
    );
    if (merged) measures[name] = merged;
  }
  return {
    count: days.reduce((sum, day) => sum + day.count, 0),
    contested: days.reduce((sum, day) => sum + day.contested, 0),
    measures,
    alerts: mergeAlerts(
      dataset,
      days.map((day) => day.alerts),
    ),
  };
}

function mergeMeasure(a: MeasureStatistics | undefined, b: MeasureStatistics | undefined) {
  if (!a || !b) return a ?? b;
  const count = a.count + b.count;
  const delta = b.mean - a.mean;
  // At equal extremes the earlier instant: where the clock went back over midnight, days interleave.
  const min = b.min < a.min || (b.min === a.min && b.minAt < a.minAt) ? b : a;
  const max = b.max > a.max || (b.max === a.max && b.maxAt < a.maxAt) ? b : a;
  return {
    count,
    mean: a.mean + (delta * b.count) / count,
    m2: a.m2 + b.m2 + (delta * delta * a.count * b.count) / count,
    min: min.min,
    minAt: min.minAt,
    max: max.max,
    maxAt: max.maxAt,
  };
}

/** Of the population, in the measure's unit. */
export function standardDeviation({ m2, count }: Pick<MeasureStatistics, 'm2' | 'count'>): number {
  return Math.sqrt(m2 / count);
}

/**
 * The share of the expected readings that are there, 0 to 1: `count` over the whole intervals of `expectedEveryMs`
 * in the period, of which there is at least one. A month of 31 days at one reading a week expects 4.
 * `undefined` when the dataset expects nothing.
 */
export function completeness(period: {
  readonly startMs: number;
  readonly endMs: number;
  readonly count: number;
  readonly expectedEveryMs: number | undefined;
}): number | undefined {
  if (period.expectedEveryMs === undefined) return undefined;
  const expected = Math.max(1, Math.floor((period.endMs - period.startMs) / period.expectedEveryMs));
  return Math.min(1, period.count / expected);
}
