import { describe, expect, test } from 'vitest';
import { metrics } from '../../core/metrics.ts';
import { shownMetrics } from '../../core/shown-metrics.ts';
import type { MetricQuery, MetricWindow } from '../../ports/meter.ts';
import { createMetricsReport } from './metrics-report.ts';

const datasets = ['water-temperature', 'gadget-telemetry'];

/** A reader that has for each metric what `valuesOf` says, and remembers what it was asked. */
function world(valuesOf: (query: MetricQuery) => (number | null)[] = () => [], isFull = true) {
  const asked: { queries: readonly MetricQuery[]; window: MetricWindow }[] = [];
  const clock = { now: Date.UTC(2026, 10, 27, 10, 20, 30), nowMs: () => clock.now };
  const report = createMetricsReport({
    reader: {
      async read(queries, window) {
        asked.push({ queries, window });
        return queries.map(valuesOf);
      },
    },
    clock,
    datasets,
    namespace: 'Caudal-one',
    subjects: {
      stream: 'readings',
      source: 'caudal-kinesis-new',
      queue: 'objects',
      machine: 'arn:machine',
      api: 'caudal-one',
    },
    isFull,
  });
  return { asked, clock, report };
}

describe('metrics of a span', () => {
  test.each([
    ['hour', '2026-11-27T09:21:00.000Z', '2026-11-27T10:21:00.000Z', 60],
    ['day', '2026-11-26T10:30:00.000Z', '2026-11-27T10:30:00.000Z', 96],
  ] as const)('of the last %s are those of whole periods, up to the one that has begun', async (...row) => {
    const [span, from, to, periods] = row;
    const { asked, report } = world();
    const answer = await report(span);
    expect(answer).toMatchObject({ from, to });
    for (const { values, value } of answer.metrics) {
      expect(values).toHaveLength(periods);
      expect(value).toBeNull();
    }
    expect(asked[0]?.window).toEqual({
      fromMs: Date.parse(from),
      toMs: Date.parse(to),
      periodSeconds: answer.periodSeconds,
    });
  });

  test('are all that functions write, and those by dataset once for each', async () => {
    const { asked, report } = world();
    const answer = await report('hour');
    const own = asked[0]?.queries.filter(({ namespace }) => namespace === 'Caudal-one') ?? [];
    expect(new Set(own.map(({ name }) => name))).toEqual(new Set(Object.keys(metrics)));
    const ages = answer.metrics.filter(({ name }) => name === 'readingAge');
    expect(ages.map(({ dataset }) => dataset)).toEqual(datasets);
    expect(answer.metrics).toHaveLength(Object.keys(shownMetrics).length + 2 * (datasets.length - 1));
  });

  test('of what is read from Kinesis are there where something is, by the delivery stream that reads it', async () => {
    const names = ['sourceRecords', 'sourceBytes', 'sourceBehind'];
    const { asked, report } = world();
    const answer = await report('hour');
    expect(answer.metrics.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    const queries = asked[0]?.queries.filter(
      ({ dimensions }) => dimensions.DeliveryStreamName === 'caudal-kinesis-new',
    );
    expect(queries).toHaveLength(names.length);
    const without = createMetricsReport({
      reader: { read: async (queries) => queries.map(() => []) },
      clock: { nowMs: () => Date.UTC(2026, 10, 27) },
      datasets,
      namespace: 'Caudal',
      subjects: {
        stream: 'readings',
        source: undefined,
        queue: 'objects',
        machine: 'arn:machine',
        api: 'caudal',
      },
      isFull: true,
    });
    for (const { name } of (await without('hour')).metrics) expect(names).not.toContain(name);
  });

  test('of an installation that watches itself little are those that it writes', async () => {
    const { asked, report } = world(() => [], false);
    await report('hour');
    const own = asked[0]?.queries.filter(({ namespace }) => namespace === 'Caudal-one') ?? [];
    expect(own.map(({ name }) => name).sort()).toEqual(
      Object.entries(metrics)
        .flatMap(([name, of]) => ('basic' in of ? name : []))
        .sort(),
    );
  });

  test('have one value: counts together, the newest age, the longest delay', async () => {
    const { report } = world(() => [4, null, 9, 2]);
    const answer = await report('hour');
    const shownOf = (wanted: string) => answer.metrics.find(({ name }) => name === wanted)?.value;
    expect([shownOf('lines'), shownOf('readingAge'), shownOf('arrivalDelay'), shownOf('latency')]).toEqual([
      15, 2, 9, 9,
    ]);
  });

  test('are read once a minute, however many ask, and anew after a fault', async () => {
    const { asked, clock, report } = world();
    await Promise.all([report('hour'), report('hour'), report('day')]);
    clock.now += 59_999;
    await report('hour');
    expect(asked).toHaveLength(2);
    clock.now += 1;
    await report('hour');
    expect(asked).toHaveLength(3);
    let fails = true;
    const failing = world(() => {
      if (fails) throw new Error('throttled');
      return [];
    });
    await expect(failing.report('hour')).rejects.toThrow('throttled');
    fails = false;
    await expect(failing.report('hour')).resolves.toBeDefined();
  });
});
