import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import gadgetTelemetry from '../../datasets/gadget-telemetry.ts';
import waterTemperature from '../../datasets/water-temperature.ts';
import { parseBytes, setOf } from '../../test/support/parse-bytes.ts';
import { RationalOracle } from '../../test/support/rational-oracle.ts';
import type { Reading } from '../dataset/reading.ts';
import { splitByPartition } from '../partition/partition.ts';
import { monthBoundsMs, monthOf } from '../time/calendar.ts';
import { limitBroken } from './alerts.ts';
import { addSums, sumsOfValue } from './exact-sums.ts';
import {
  completeness,
  type MeasureStatistics,
  mean,
  meanDifference,
  mergeStatistics,
  type PeriodStatistics,
  standardDeviation,
  statisticsByDay,
} from './statistics.ts';

const fixture = (name: string) => readFileSync(new URL(`../../test/fixtures/${name}`, import.meta.url));

interface Expected {
  year: number;
  month: number;
  count: number;
  temperature: { mean: number; min: number; max: number; standardDeviation: number };
  deviation: { max: number };
  maxdiff: number;
}

describe('the fixture', () => {
  const expected: Expected[] = JSON.parse(fixture('aquasense-2023-11.expected.json').toString());

  async function readAll(): Promise<Reading[]> {
    const { outcomes } = await parseBytes(fixture('aquasense-2023-11.csv'), {
      key: 'landing/water-temperature/aquasense-2023-11.csv',
    });
    return outcomes.flatMap(({ reading }) => (reading ? [reading] : []));
  }

  async function statisticsByMonth(): Promise<Map<string, PeriodStatistics>> {
    const partitions = splitByPartition(waterTemperature, setOf(waterTemperature, await readAll()));
    const days = partitions.map(({ id, columns }) => ({
      month: monthOf(id.day),
      statistics: statisticsByDay(waterTemperature, columns).get('aquasense') as PeriodStatistics,
    }));
    const months = Map.groupBy(days, ({ month }) => month);
    return new Map(
      [...months].map(([month, group]) => {
        const ofDays = group.map(({ statistics }) => statistics);
        return [month, mergeStatistics(waterTemperature, ofDays)];
      }),
    );
  }

  test('has the five months and fourteen readings', async () => {
    const months = await statisticsByMonth();
    expect(await readAll()).toHaveLength(14);
    expect([...months.keys()]).toEqual(['2023-11', '2023-12', '2024-01', '2024-02', '2024-03']);
  });

  test.each(expected)('$year-$month agrees with exact arithmetic', async (want) => {
    const months = await statisticsByMonth();
    const key = (year: number, month: number) => `${year}-${String(month).padStart(2, '0')}`;
    const month = months.get(key(want.year, want.month));
    const { temperature, deviation } = month?.measures ?? {};
    if (!month || !temperature || !deviation) throw new Error('the month is missing');
    expect(month.count).toBe(want.count);
    expect(mean(temperature)).toBe(want.temperature.mean);
    expect(standardDeviation(temperature)).toBe(want.temperature.standardDeviation);
    expect(temperature.min).toBe(want.temperature.min);
    expect(temperature.max).toBe(want.temperature.max);
    expect(deviation.max).toBe(want.deviation.max);
    const before = new Date(Date.UTC(want.year, want.month - 2));
    const previous = months.get(key(before.getUTCFullYear(), before.getUTCMonth() + 1))?.measures.temperature;
    expect(previous ? temperature.max - previous.max : 0).toBe(want.maxdiff);
  });

  test('has one alert, on 2024-01-23', async () => {
    const alerts = [...(await statisticsByMonth())].flatMap(([month, { alerts }]) =>
      Object.entries(alerts).map(([rule, at]) => [month, rule, at]),
    );
    const worstAt = Date.UTC(2024, 0, 22, 23);
    expect(alerts).toEqual([['2024-01', 'high-deviation', { count: 1, worst: 0.593878096193998, worstAt }]]);
  });
});

describe('a day', () => {
  const at = Date.UTC(2024, 0, 3);
  const gadget = (sensorId: string, second: number, temperature: number | null, battery = 50): Reading => ({
    sensorId,
    timestampMs: at + second * 1_000,
    revision: 0,
    values: [battery, -70, temperature],
    attributes: [null],
  });
  const statistics = () =>
    statisticsByDay(
      gadgetTelemetry,
      setOf(gadgetTelemetry, [
        gadget('a', 3, 4),
        gadget('a', 1, 2),
        gadget('a', 2, null, 10),
        gadget('a', 4, 4, 5),
        gadget('a', 5, 2, 5),
        gadget('b', 1, null),
        gadget('c', 1, 95),
        gadget('c', 2, -45),
        gadget('c', 3, 100),
      ]),
    );

  test('counts by measure, with the first time of each extreme', () => {
    const days = statistics();
    expect(days.get('a')?.count).toBe(5);
    expect(days.get('a')?.measures.temperature).toEqual({
      count: 4,
      sums: { exponent: 1, sum: 6n, squares: 10n },
      min: 2,
      minAt: at + 1_000,
      max: 4,
      maxAt: at + 3_000,
    });
    expect(days.get('b')?.measures.temperature).toBeUndefined();
    expect(days.get('b')?.count).toBe(1);
  });

  test('counts the breaches of each rule, and the worst, by its distance from the limit', () => {
    const days = statistics();
    expect(days.get('a')?.alerts).toEqual({
      'low-battery': { count: 3, worst: 5, worstAt: at + 4_000 },
      'battery-jump': { count: 2, worst: -45, worstAt: at + 4_000 },
    });
    expect(days.get('b')?.alerts).toEqual({});
    // 100 is 15 above 85, and so is -45 below -30: of the two the earlier.
    const rule = days.get('c')?.alerts['temperature-out-of-bounds'];
    expect(rule).toEqual({ count: 3, worst: -45, worstAt: at + 2_000 });
  });

  test('counts no withdrawn reading, in nothing, and tells how many of the others are contested', () => {
    const withdrawn = (...of: Parameters<typeof gadget>): Reading => ({ ...gadget(...of), withdrawn: true });
    const of = (readings: Reading[]) =>
      statisticsByDay(gadgetTelemetry, setOf(gadgetTelemetry, readings)).get('a');
    const counted = [
      gadget('a', 1, 4),
      gadget('a', 3, 6),
      gadget('a', 3, 8),
      gadget('a', 5, 5),
      gadget('a', 5, 7),
    ];
    const gone = [0, 2, 4, 6].map((second) => withdrawn('a', second, 100, 5));
    const contestedAndGone = [withdrawn('a', 2, 90, 5), withdrawn('a', 7, -40, 1), withdrawn('a', 7, -41, 1)];
    const all = of([...counted, ...gone, ...contestedAndGone]);
    expect(all).toMatchObject({ count: 3, contested: 2, alerts: {} });
    expect(all?.measures.temperature?.count).toBe(3);
    expect(all).toEqual(of(counted));
    expect(of(gone)).toEqual({ count: 0, contested: 0, measures: {}, alerts: {} });
  });

  test('adds up with another to all of both', () => {
    const day = (second: number) =>
      statisticsByDay(
        gadgetTelemetry,
        setOf(gadgetTelemetry, [gadget('a', second, 4), gadget('a', second, 6), gadget('a', second + 1, 6)]),
      );
    const days = [day(1), day(3), day(5)].map((each) => each.get('a') as PeriodStatistics);
    expect(mergeStatistics(gadgetTelemetry, days)).toMatchObject({ count: 6, contested: 3 });
  });

  test('a value at its limit breaks nothing', () => {
    const rule = { measure: 'x', above: 5, below: 1 };
    expect([5, 5.1, 1, 0.9, Number.NaN].map((value) => limitBroken(rule, value))).toEqual([
      undefined,
      5,
      undefined,
      1,
      undefined,
    ]);
  });

  test('merged with no other is itself; no days are a count of 0', () => {
    const day = statistics().get('a') as PeriodStatistics;
    expect(mergeStatistics(gadgetTelemetry, [day])).toEqual(day);
    expect(mergeStatistics(gadgetTelemetry, [])).toEqual({
      count: 0,
      contested: 0,
      measures: {},
      alerts: {},
    });
  });

  test('merges without the measures and rules that are gone', () => {
    const day = statistics().get('a') as PeriodStatistics;
    expect(mergeStatistics(waterTemperature, [day])).toMatchObject({ count: 5, alerts: {} });
    expect(Object.keys(mergeStatistics(waterTemperature, [day]).measures)).toEqual(['temperature']);
  });
});

test('completeness is the share of the whole intervals in a period', () => {
  const october = monthBoundsMs('Europe/Madrid', '2024-10');
  const [quarter, week] = [900_000, 604_800_000];
  expect(completeness({ ...october, expectedEveryMs: quarter }, [31 * 96 + 4])).toBe(1);
  expect(completeness({ ...october, expectedEveryMs: quarter }, [31 * 48 + 2])).toBe(0.5);
  expect(completeness({ ...october, expectedEveryMs: week }, [3])).toBe(0.75);
  expect(completeness({ ...october, expectedEveryMs: week }, [9])).toBe(1);
  expect(completeness({ startMs: 0, endMs: 86_400_000, expectedEveryMs: week }, [1])).toBe(1);
  expect(completeness({ ...october, expectedEveryMs: undefined }, [9])).toBeUndefined();
});

test('completeness of several series is the mean of theirs, rounded once, in any order', () => {
  const period = { startMs: 0, endMs: 30_000, expectedEveryMs: 1_000 };
  expect(completeness(period, [90, 15])).toBe(0.75);
  expect(
    completeness(
      period,
      Array.from({ length: 10 }, () => 3),
    ),
  ).toBe(0.1);
  expect(completeness(period, [3, 1, 30, 7])).toBe(41 / 120);
});

test('of sensors that break both limits at one instant as far, the same is the worst in any order', () => {
  const at = Date.UTC(2024, 0, 3);
  const of = (worst: number): PeriodStatistics => ({
    ...{ count: 1, contested: 0, measures: {} },
    alerts: { 'temperature-out-of-bounds': { count: 1, worst, worstAt: at } },
  });
  const worst = { 'temperature-out-of-bounds': { count: 2, worst: 95, worstAt: at } }; // 10 above 85, as -40 is below -30
  expect(mergeStatistics(gadgetTelemetry, [of(95), of(-40)]).alerts).toEqual(worst);
  expect(mergeStatistics(gadgetTelemetry, [of(-40), of(95)]).alerts).toEqual(worst);
});

test('by how much a mean is above another is rounded once, and nothing else of them', () => {
  const of = (...values: number[]): MeasureStatistics => {
    const extremes = { min: values[0] ?? 0, minAt: 1, max: values[1] ?? 0, maxAt: 2 };
    return { count: values.length, sums: addSums(values.map(sumsOfValue)), ...extremes };
  };
  const [before, now] = [of(0.1, 0.3), of(0.1, 0.2, 0.4)];
  const oracle = new RationalOracle([0.1, 0.2, 0.4]);
  expect(oracle.isMeanDifference(meanDifference(now, before), new RationalOracle([0.1, 0.3]))).toBe(true);
  expect(meanDifference(now, now)).toBe(0);
});

test('an extreme is never -0', () => {
  const readings = [-0, 0].map((temperature, second): Reading => {
    const timestampMs = Date.UTC(2024, 0, 3) + second;
    return { sensorId: 'a', timestampMs, revision: 0, values: [50, -70, temperature], attributes: [null] };
  });
  const found = statisticsByDay(gadgetTelemetry, setOf(gadgetTelemetry, readings)).get('a')?.measures;
  expect([found?.temperature?.min, found?.temperature?.max]).toEqual([0, 0]); // toEqual tells -0 apart
});
