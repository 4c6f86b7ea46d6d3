import type { Dataset } from '../dataset/dataset.ts';
import { mergeStates, type States, statesOfRows } from '../projections/states.ts';
import type { Columns } from '../set/columns.ts';
import { endOfRun } from '../set/sorted-rows.ts';
import { type AlertStatistics, alertsOf, mergeAlerts } from './alerts.ts';
import { addSums, deviationOf, differenceOfMeans, type ExactSums, meanOf } from './exact-sums.ts';
import { sumsOfRows } from './sum-rows.ts';

/** A measure over a period. Its mean and standard deviation follow from it: {@link mean}, {@link standardDeviation}. */
export interface MeasureStatistics {
  /** At least 1. */
  count: number;
  /** Of the values, in the measure's unit. */
  sums: ExactSums;
  /** Never -0, like `max`. */
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
  /** Of a dataset of events with lists: how many events have each text, by attribute and text. What no event has is left out. */
  counts?: ValueCounts;
  /** On a page of projections, which has nothing else but the count: the states of the entity. */
  states?: States;
}

/** By the name of an attribute, then by its text; each at least 1. */
type ValueCounts = Record<string, Record<string, number>>;

/**
 * The statistics of each series in a partition's set: equal sets give equal bits. The rows are of one local day; `columns` of
 * several days would be taken as one period. `only` spares the others.
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
    if (only?.has(sensorId) !== false && dataset.holds === 'projections') {
      const { count } = countsOf(columns, start, end);
      const states = statesOfRows(dataset, columns, start, end);
      yield [sensorId, { count, ...nothingMeasured(), states }];
    } else if (only?.has(sensorId) !== false) {
      const measures = measuresOf(dataset, counted, start, end);
      const alerts = alertsOf(dataset, counted, start, end);
      yield [
        sensorId,
        {
          ...countsOf(columns, start, end),
          measures,
          alerts,
          ...valueCountsOf(dataset, columns, start, end),
        },
      ];
    }
    start = end;
  }
}

const nothingMeasured = () => ({ contested: 0, measures: {}, alerts: {} });

/**
 * Computes the statistics of rows `start` (inclusive) to `end` (exclusive) of a set, all of one series. Without alerts: a rule is about a day,
 * and what breaks it may lie on both sides of a shorter time.
 */
export function statisticsOfRows(
  dataset: Dataset,
  columns: Columns,
): (start: number, end: number) => PeriodStatistics {
  const counted = withoutWithdrawn(columns);
  return (start, end) => ({
    ...countsOf(columns, start, end),
    measures: measuresOf(dataset, counted, start, end),
    alerts: {},
    ...valueCountsOf(dataset, columns, start, end),
  });
}

function measuresOf(
  { measureNames, measures: fields }: Dataset,
  { values, timestampMs }: Columns,
  start: number,
  end: number,
): Record<string, MeasureStatistics> {
  const measures: Record<string, MeasureStatistics> = {};
  measureNames.forEach((name, index) => {
    if (fields[name]?.type !== undefined) return; // an attribute is nothing to sum up
    const found = ofRows(values[index] as Float64Array, timestampMs, start, end); // a column a measure
    if (found) measures[name] = found;
  });
  return measures;
}

/** How many events in rows `start` (inclusive) to `end` (exclusive) have each text of the attributes that are lists; nothing where none is. */
function valueCountsOf(
  { attributeNames, attributes }: Dataset,
  columns: Columns,
  start: number,
  end: number,
): { counts?: ValueCounts } {
  let counts: ValueCounts | undefined;
  for (const [index, name] of attributeNames.entries()) {
    if (attributes[name]?.values === undefined) continue;
    const texts = columns.attributes[index] ?? [];
    const found: Record<string, number> = {};
    for (let row = start; row < end; row++) {
      const text = texts[row] ?? null;
      if (text !== null && columns.withdrawn[row] === 0) found[text] = (found[text] ?? 0) + 1;
    }
    counts ??= {};
    if (Object.keys(found).length > 0) counts[name] = sortedByKey(found);
  }
  return counts === undefined ? {} : { counts };
}

/** So that equal counts are equal as texts too. */
const sortedByKey = (counts: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));

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
function ofRows(
  values: Float64Array,
  timestampMs: Float64Array,
  start: number,
  end: number,
): MeasureStatistics | undefined {
  let count = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let minRow = start;
  let maxRow = start;
  for (let row = start; row < end; row++) {
    const value = values[row] as number; // row is a row
    if (Number.isNaN(value)) continue;
    count++;
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
  const sums = sumsOfRows(values, start, end, Math.max(Math.abs(min), Math.abs(max)));
  const at = (row: number) => timestampMs[row] as number; // a row of the range
  return { count, sums, min: min + 0, minAt: at(minRow), max: max + 0, maxAt: at(maxRow) }; // -0 + 0 is 0
}

/**
 * The statistics of a longer period from those of its days, or of many series from those of each, in any order and grouping.
 * Measures and rules that the dataset no longer has are left out. None give a count of 0. States of projections are merged in the order of the parts,
 * which then is that of time.
 */
export function mergeStatistics(dataset: Dataset, parts: readonly PeriodStatistics[]): PeriodStatistics {
  if (dataset.holds === 'projections') {
    const count = parts.reduce((sum, part) => sum + part.count, 0);
    const states = mergeStates(
      dataset,
      parts.map((part) => part.states),
    );
    return { count, ...nothingMeasured(), states };
  }
  const measures: Record<string, MeasureStatistics> = {};
  for (const name of dataset.measureNames) {
    const merged = mergeMeasure(parts.flatMap((part) => part.measures[name] ?? []));
    if (merged) measures[name] = merged;
  }
  return {
    count: parts.reduce((sum, part) => sum + part.count, 0),
    contested: parts.reduce((sum, part) => sum + part.contested, 0),
    measures,
    alerts: mergeAlerts(
      dataset,
      parts.map((part) => part.alerts),
    ),
    ...mergeCounts(dataset, parts),
  };
}

/** Counts of attributes and texts that the dataset no longer has are left out. */
function mergeCounts({ attributes }: Dataset, parts: readonly PeriodStatistics[]): { counts?: ValueCounts } {
  const lists = Object.entries(attributes).filter(([, { values }]) => values !== undefined);
  if (lists.length === 0) return {};
  const counts: ValueCounts = {};
  for (const [name, { values = [] }] of lists) {
    const sums: Record<string, number> = {};
    for (const text of [...values].sort()) {
      const sum = parts.reduce((before, part) => before + (part.counts?.[name]?.[text] ?? 0), 0);
      if (sum > 0) sums[text] = sum;
    }
    if (Object.keys(sums).length > 0) counts[name] = sums;
  }
  return { counts };
}

function mergeMeasure(parts: readonly MeasureStatistics[]): MeasureStatistics | undefined {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first;
  let [min, max] = [first, first];
  for (const part of parts) {
    // At equal extremes the earlier instant: where the clock went back over midnight, days interleave.
    if (part.min < min.min || (part.min === min.min && part.minAt < min.minAt)) min = part;
    if (part.max > max.max || (part.max === max.max && part.maxAt < max.maxAt)) max = part;
  }
  return {
    count: parts.reduce((sum, part) => sum + part.count, 0),
    sums: addSums(parts.map(({ sums }) => sums)),
    min: min.min,
    minAt: min.minAt,
    max: max.max,
    maxAt: max.maxAt,
  };
}

/** In the measure's unit, correctly rounded. */
export const mean = ({ sums, count }: MeasureStatistics): number => meanOf(sums, count);

/** Of the population, in the measure's unit, correctly rounded. */
export const standardDeviation = ({ sums, count }: MeasureStatistics): number => deviationOf(sums, count);

/** By how much the mean is above that of another period, in the measure's unit, rounded once. */
export const meanDifference = (of: MeasureStatistics, before: MeasureStatistics): number =>
  differenceOfMeans(of, before);

/**
 * The share of the expected readings that some series have in a period, 0 to 1: of each at most all of its own, so that one that
 * reports too often does not hide one that is silent. A series is expected to have one in each whole interval of `expectedEveryMs`, of
 * which there is at least one: in a month of 31 days at one reading a week, 4. `undefined` when the dataset expects nothing.
 * @param counts the readings of each series, at least one series
 */
export function completeness(
  period: { readonly startMs: number; readonly endMs: number; readonly expectedEveryMs: number | undefined },
  counts: Iterable<number>,
): number | undefined {
  if (period.expectedEveryMs === undefined) return undefined;
  const expected = Math.max(1, Math.floor((period.endMs - period.startMs) / period.expectedEveryMs));
  let series = 0;
  let found = 0;
  for (const count of counts) {
    series += 1;
    found += Math.min(count, expected);
  }
  return found / (expected * series);
}
