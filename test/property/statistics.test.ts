import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Dataset } from '../../core/dataset/dataset.ts';
import type { AlertRule } from '../../core/dataset/definition.ts';
import type { Reading } from '../../core/dataset/reading.ts';
import type { AlertStatistics } from '../../core/statistics/alerts.ts';
import {
  type MeasureStatistics,
  mean,
  mergeStatistics,
  type PeriodStatistics,
  seriesStatistics,
  standardDeviation,
  statisticsByDay,
} from '../../core/statistics/statistics.ts';
import { parseDuration } from '../../core/time/duration.ts';
import gadgetTelemetry from '../../datasets/gadget-telemetry.ts';
import { setOf } from '../support/parse-bytes.ts';
import { RationalOracle } from '../support/rational-oracle.ts';

const dataset = gadgetTelemetry;
const startMs = Date.UTC(2024, 0, 3);

/** Few values, so that extremes and the distances from both limits (85 and -30) tie. */
const reading = fc.record({
  sensorId: fc.constantFrom('a', 'b', 'c'),
  second: fc.integer({ min: 0, max: 400 }),
  battery: fc.constantFrom(0, 5, 14, 15, 16, 100),
  temperature: fc.constantFrom(null, null, -45, -40, -30, 0, -0, 17.1, 17.25, 85, 95, 100),
});
const readings = fc
  .uniqueArray(reading, {
    selector: ({ sensorId, second }) => `${sensorId} ${second}`,
    minLength: 1,
    maxLength: 60,
  })
  .map((all) =>
    all.map(
      ({ sensorId, second, battery, temperature }): Reading => ({
        sensorId,
        timestampMs: startMs + second * 1_000,
        revision: 0,
        values: [battery, -70, temperature],
        attributes: [null],
      }),
    ),
  );

type Expected = Omit<PeriodStatistics, 'measures'> & {
  measures: Record<string, Omit<MeasureStatistics, 'sums'> & { oracle: RationalOracle }>;
};

/** What the definitions say, over all values at once: nothing merged. */
function expectedOf(series: readonly Reading[], of: Dataset = dataset): Expected {
  const inOrder = series.toSorted((a, b) => a.timestampMs - b.timestampMs);
  const pointsOf = (measure: string) =>
    inOrder.flatMap(({ timestampMs, values }) => {
      const value = values[dataset.measureNames.indexOf(measure)] ?? null;
      return value === null ? [] : [{ value, timestampMs }];
    });
  const measures: Expected['measures'] = {};
  for (const name of dataset.measureNames) {
    const points = pointsOf(name);
    if (points.length === 0) continue;
    const values = points.map(({ value }) => value);
    const [min, max] = [Math.min(...values) + 0, Math.max(...values) + 0]; // -0 + 0 is 0
    const firstAt = (wanted: number) =>
      points.find(({ value }) => value === wanted)?.timestampMs ?? Number.NaN;
    measures[name] = {
      count: values.length,
      oracle: new RationalOracle(values),
      min,
      minAt: firstAt(min),
      max,
      maxAt: firstAt(max),
    };
  }
  const alerts: Record<string, AlertStatistics> = {};
  for (const [name, rule] of Object.entries(of.alerts)) {
    const points =
      rule.changesBy === undefined ? pointsOf(rule.measure) : changesOf(pointsOf(rule.measure), rule);
    const breaches = points.filter(({ value }) => distance(rule, value) > 0);
    const farthest = Math.max(...breaches.map(({ value }) => distance(rule, value)));
    const [worst] = breaches
      .filter(({ value }) => distance(rule, value) === farthest)
      .sort((a, b) => a.timestampMs - b.timestampMs || b.value - a.value);
    if (worst) alerts[name] = { count: breaches.length, worst: worst.value, worstAt: worst.timestampMs };
  }
  return { count: inOrder.length, contested: 0, measures, alerts };
}

const distance = ({ above = Infinity, below = -Infinity, changesBy }: AlertRule, value: number) =>
  changesBy === undefined
    ? Math.max(value - above, below - value, 0)
    : Math.max(Math.abs(value) - changesBy, 0);

/** Each value with the greatest change to it from any earlier one within the time of the rule. */
function changesOf(points: readonly { value: number; timestampMs: number }[], { within = '' }: AlertRule) {
  return points.flatMap(({ value, timestampMs }) => {
    const sinceMs = timestampMs - (parseDuration(within) ?? Number.NaN);
    const earlier = points.filter((other) => other.timestampMs < timestampMs && other.timestampMs >= sinceMs);
    const changes = earlier.map((other) => value - other.value);
    const [change] = changes.sort((a, b) => Math.abs(b) - Math.abs(a) || b - a);
    return change === undefined ? [] : [{ value: change + 0, timestampMs }];
  });
}

function expectSame(found: PeriodStatistics | undefined, expected: Expected): void {
  expect(found?.count).toBe(expected.count);
  expect(Object.keys(found?.measures ?? {})).toEqual(Object.keys(expected.measures));
  for (const [name, of] of Object.entries(found?.measures ?? {})) {
    const { oracle, ...exact } = expected.measures[name] as (typeof expected.measures)[string]; // both have the same names
    expect(of).toEqual({ sums: of.sums, ...exact });
    expect([name, oracle.isMean(mean(of)), oracle.isDeviation(standardDeviation(of))]).toEqual([
      name,
      true,
      true,
    ]);
  }
  expect(found?.alerts).toEqual(expected.alerts);
  expect(Object.keys(found?.alerts ?? {})).toEqual(Object.keys(expected.alerts));
}

const seriesOf = (all: readonly Reading[]) => Map.groupBy(all, ({ sensorId }) => sensorId);
const statisticsOf = (all: readonly Reading[], of: Dataset = dataset) => statisticsByDay(of, setOf(of, all));

test('the statistics of each series are those of all its values at once', () => {
  fc.assert(
    fc.property(readings, (all) => {
      const found = statisticsOf(all);
      const series = seriesOf(all);
      expect([...found.keys()]).toEqual([...series.keys()].sort());
      for (const [sensorId, own] of series) expectSame(found.get(sensorId), expectedOf(own));
    }),
  );
});

test('of some series only, they are what they are among all', () => {
  fc.assert(
    fc.property(readings, fc.subarray(['a', 'b', 'c', 'd']), (all, wanted) => {
      const only = new Set(wanted);
      const found = statisticsByDay(dataset, setOf(dataset, all), only);
      expect([...found]).toEqual([...statisticsOf(all)].filter(([sensorId]) => only.has(sensorId)));
      expect([...seriesStatistics(dataset, setOf(dataset, all), only)]).toEqual([...found]);
    }),
  );
});

/** Without the rules about changes, which are of a whole day: its parts do not add up to it, but days do to months, and series to all. */
const limits: Dataset = {
  ...dataset,
  alerts: Object.fromEntries(
    Object.entries(dataset.alerts).filter(([, { changesBy }]) => changesBy === undefined),
  ),
};

const parts = fc.array(fc.nat(4), { minLength: 60, maxLength: 60 });

/** Merged two by two, the last first, until one is left: no order of time, and none of ids. */
function mergedByPairs(all: readonly PeriodStatistics[]): PeriodStatistics {
  const left = [...all];
  while (left.length > 1)
    left.unshift(mergeStatistics(limits, [left.pop() as PeriodStatistics, left.pop() as PeriodStatistics]));
  return mergeStatistics(limits, left);
}

test('merged from any parts, even ones that interleave, they are those of the whole', () => {
  fc.assert(
    fc.property(readings, parts, (all, partOf) => {
      for (const own of seriesOf(all).values()) {
        const split = [...Map.groupBy(own, (_, index) => partOf[index]).values()];
        const days = split.flatMap((part) => [...statisticsOf(part, limits).values()]);
        const whole = statisticsOf(own, limits).get(own[0]?.sensorId ?? '');
        expectSame(whole, expectedOf(own, limits));
        for (const merged of [mergeStatistics(limits, days), mergedByPairs(days)])
          expect(merged).toEqual(whole);
      }
    }),
  );
});

test('all sensors merged, in any order and grouping, are one: to the bit', () => {
  fc.assert(
    fc.property(readings, parts, (all, partOf) => {
      const split = [...Map.groupBy(all, (_, index) => partOf[index]).values()];
      const series = split.flatMap((part) => [...statisticsOf(part, limits).values()]);
      const merged = mergeStatistics(limits, series);
      // Two sensors may have a time in common: times and counts of readings are those of all series, not of a set.
      expectSame(merged, expectedOf(all, limits));
      expect(mergeStatistics(limits, series.toReversed())).toEqual(merged);
      expect(mergedByPairs(series)).toEqual(merged);
    }),
  );
});
