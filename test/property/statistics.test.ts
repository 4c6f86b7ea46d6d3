import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Dataset } from '../../core/dataset/dataset.ts';
import type { AlertRule } from '../../core/dataset/definition.ts';
import type { Reading } from '../../core/dataset/reading.ts';
import type { AlertStatistics } from '../../core/statistics/alerts.ts';
import {
  type MeasureStatistics,
  mergeStatistics,
  type PeriodStatistics,
  seriesStatistics,
  statisticsByDay,
} from '../../core/statistics/statistics.ts';
import gadgetTelemetry from '../../datasets/gadget-telemetry.ts';
import { setOf } from '../support/parse-bytes.ts';

const dataset = gadgetTelemetry;
const startMs = Date.UTC(2024, 0, 3);

/** Few values, so that extremes and the distances from both limits (85 and -30) tie. */
const reading = fc.record({
  sensorId: fc.constantFrom('a', 'b', 'c'),
  second: fc.integer({ min: 0, max: 400 }),
  battery: fc.constantFrom(0, 5, 14, 15, 16, 100),
  temperature: fc.constantFrom(null, null, -45, -40, -30, 0, 17.25, 85, 95, 100),
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

/** What the definitions say, over all values at once: no running mean, nothing merged. */
function expectedOf(series: readonly Reading[]): PeriodStatistics {
  const inOrder = series.toSorted((a, b) => a.timestampMs - b.timestampMs);
  const pointsOf = (measure: string) =>
    inOrder.flatMap(({ timestampMs, values }) => {
      const value = values[dataset.measureNames.indexOf(measure)] ?? null;
      return value === null ? [] : [{ value, timestampMs }];
    });
  const measures: Record<string, MeasureStatistics> = {};
  for (const name of dataset.measureNames) {
    const points = pointsOf(name);
    if (points.length === 0) continue;
    const values = points.map(({ value }) => value);
    const [min, max] = [Math.min(...values), Math.max(...values)];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const firstAt = (wanted: number) =>
      points.find(({ value }) => value === wanted)?.timestampMs ?? Number.NaN;
    measures[name] = {
      count: values.length,
      mean,
      m2: values.reduce((sum, value) => sum + (value - mean) ** 2, 0),
      min,
      minAt: firstAt(min),
      max,
      maxAt: firstAt(max),
    };
  }
  const alerts: Record<string, AlertStatistics> = {};
  for (const [name, rule] of Object.entries(dataset.alerts)) {
    const breaches = pointsOf(rule.measure).filter(({ value }) => distance(rule, value) > 0);
    const farthest = Math.max(...breaches.map(({ value }) => distance(rule, value)));
    const worst = breaches.find(({ value }) => distance(rule, value) === farthest);
    if (worst) alerts[name] = { count: breaches.length, worst: worst.value, worstAt: worst.timestampMs };
  }
  return { count: inOrder.length, contested: 0, measures, alerts };
}

const distance = ({ above = Infinity, below = -Infinity }: AlertRule, value: number) =>
  Math.max(value - above, below - value, 0);

/** Exact but for the mean and m2, of which the last bits depend on the order of adding. */
function expectSame(found: PeriodStatistics | undefined, expected: PeriodStatistics): void {
  const rounded = (statistics: PeriodStatistics | undefined) => {
    const entries = Object.entries(statistics?.measures ?? {});
    return entries.map(([name, { mean, m2, ...exact }]) => [name, exact, mean.toFixed(9), m2.toFixed(6)]);
  };
  expect(found?.count).toBe(expected.count);
  expect(rounded(found)).toEqual(rounded(expected));
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

test('merged from any parts, even ones that interleave, they are those of the whole', () => {
  fc.assert(
    fc.property(readings, fc.array(fc.nat(4), { minLength: 60, maxLength: 60 }), (all, partOf) => {
      for (const own of seriesOf(all).values()) {
        const parts = [...Map.groupBy(own, (_, index) => partOf[index]).values()];
        const days = parts.flatMap((part) => [...statisticsOf(part).values()]);
        expectSame(mergeStatistics(dataset, days), expectedOf(own));
      }
    }),
  );
});
