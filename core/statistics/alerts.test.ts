import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineDataset, withTags } from '../dataset/dataset.ts';
import { ColumnsBuilder } from '../set/row-buffer.ts';
import { statisticsByDay } from './statistics.ts';

test('a rule counts the breaches of the sensors that it is for, and of no other', () => {
  const dataset = defineDataset({
    name: 'levels',
    timeZone: 'UTC',
    shards: 1,
    measures: { level: { unit: 'm', min: 0, max: 100 } },
    alerts: {
      all: { measure: 'level', above: 8 },
      some: { measure: 'level', above: 8, sensors: 'weir,river-*' },
    },
  });
  const builder = new ColumnsBuilder(dataset);
  for (const sensorId of ['river-1', 'river-2', 'sea', 'weir']) {
    const reading = {
      sensorId,
      timestampMs: 0,
      revision: 0,
      values: [sensorId === 'river-2' ? 7 : 9],
      attributes: [],
    };
    builder.add(reading);
  }
  const found = [...statisticsByDay(dataset, builder.build())].map(([sensorId, { alerts }]) => [
    sensorId,
    Object.keys(alerts),
  ]);
  expect(found).toEqual([
    ['river-1', ['all', 'some']],
    ['river-2', []],
    ['sea', ['all']],
    ['weir', ['all', 'some']],
  ]);
});

test('a rule about a value is broken above and below its limits alone, by each reading that has one', () => {
  const dataset = defineDataset({
    name: 'levels',
    timeZone: 'UTC',
    shards: 1,
    measures: { level: { unit: 'm', min: -100, max: 100, optional: true } },
    alerts: {
      high: { measure: 'level', above: 2 },
      low: { measure: 'level', below: -2 },
      either: { measure: 'level', above: 3, below: -1 },
      silent: { measure: 'level', noDataFor: '1 hour' },
    },
  });
  const levels = fc.array(fc.constantFrom<(number | null)[]>(null, -4, -2, -1, -0, 0, 2, 3, 4), {
    minLength: 1,
    maxLength: 12,
  });
  const breachesOf = (of: readonly (number | null)[], limits: { above?: number; below?: number }) => {
    const { above = Number.POSITIVE_INFINITY, below = Number.NEGATIVE_INFINITY } = limits;
    const past = of.flatMap((level, at) => {
      if (level === null || (level <= above && level >= below)) return [];
      return [{ level, at, excess: level > above ? level - above : below - level }];
    });
    const [worst] = past.toSorted((a, b) => b.excess - a.excess || a.at - b.at);
    return worst && { count: past.length, worst: worst.level, worstAt: worst.at };
  };
  fc.assert(
    fc.property(levels, levels, (ofA, ofB) => {
      const builder = new ColumnsBuilder(dataset);
      const all = { a: ofA, b: ofB };
      for (const [sensorId, of] of Object.entries(all))
        for (const [timestampMs, level] of of.entries())
          builder.add({ sensorId, timestampMs, revision: 0, values: [level], attributes: [] });
      for (const [sensorId, { alerts }] of statisticsByDay(dataset, builder.build())) {
        const of = all[sensorId as keyof typeof all];
        const expected = {
          high: breachesOf(of, { above: 2 }),
          low: breachesOf(of, { below: -2 }),
          either: breachesOf(of, { above: 3, below: -1 }),
        };
        expect(alerts).toEqual(Object.fromEntries(Object.entries(expected).filter(([, found]) => found)));
      }
    }),
  );
});

describe('a rule about changes', () => {
  const dataset = defineDataset({
    name: 'levels',
    timeZone: 'UTC',
    shards: 1,
    measures: { level: { unit: 'm', min: -100, max: 100, optional: true } },
    alerts: { jump: { measure: 'level', changesBy: 5, within: '10 minutes' } },
  });
  type Point = readonly [minute: number, level: number | null];
  const jumpsOf = (points: readonly Point[]) => {
    const builder = new ColumnsBuilder(dataset);
    // Neighbours, whose levels are no change of this sensor's.
    const each = [
      ['0', [[-1, 90]]],
      ['a', points],
      ['b', [[61, -90]]],
    ] as const;
    for (const [sensorId, of] of each)
      for (const [minute, level] of of) {
        const timestampMs = minute * 60_000;
        builder.add({ sensorId, timestampMs, revision: 0, values: [level], attributes: [] });
      }
    const jump = statisticsByDay(dataset, builder.build()).get('a')?.alerts.jump;
    return jump && { ...jump, worstAt: jump.worstAt / 60_000 };
  };

  test('tells the greatest change, with the sign of a fall, and when it was reached', () => {
    expect(
      jumpsOf([
        [0, 10],
        [5, 12],
        [9, 16],
      ]),
    ).toEqual({ count: 1, worst: 6, worstAt: 9 });
    expect(
      jumpsOf([
        [0, 10],
        [5, 3],
        [6, 1],
      ]),
    ).toEqual({ count: 2, worst: -9, worstAt: 6 });
  });

  test('takes a change of just so much, and one that took longer, for none', () => {
    expect(
      jumpsOf([
        [0, 10],
        [5, 15],
      ]),
    ).toBeUndefined();
    expect(
      jumpsOf([
        [0, 10],
        [10, 15.5],
      ]),
    ).toMatchObject({ count: 1 });
    expect(
      jumpsOf([
        [0, 10],
        [10.1, 15.5],
      ]),
    ).toBeUndefined();
  });

  const points = fc.uniqueArray(
    fc.tuple(
      fc.integer({ min: 0, max: 60 }),
      fc.option(fc.integer({ min: -9, max: 9 }), { freq: 9, nil: null }),
    ),
    {
      selector: ([minute]) => minute,
      minLength: 1,
    },
  );

  test('is what comparing each reading with all of the time before it comes to', () => {
    fc.assert(
      fc.property(points, (all) => {
        const seen = all.flatMap(([at, level]) => (level === null ? [] : [{ at, level }]));
        const changes = seen.flatMap(({ at, level }) => {
          const before = seen.filter((other) => other.at < at && other.at >= at - 10);
          const [greatest = 0] = before
            .map((other) => level - other.level)
            .sort((a, b) => Math.abs(b) - Math.abs(a) || b - a);
          return Math.abs(greatest) > 5 ? [{ at, change: greatest }] : [];
        });
        const [worst] = changes.toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change) || a.at - b.at);
        expect(jumpsOf(all)).toEqual(
          worst && { count: changes.length, worst: worst.change, worstAt: worst.at },
        );
      }),
      { numRuns: 500 },
    );
  });

  test('is told of any set that holds one of which it is told: no late reading takes it away', () => {
    fc.assert(
      fc.property(points, fc.infiniteStream(fc.boolean()), (all, kept) => {
        const some = all.filter(() => kept.next().value);
        if (some.length === 0) return;
        const [of, ofSome] = [jumpsOf(all), jumpsOf(some)];
        expect(of?.count ?? 0).toBeGreaterThanOrEqual(ofSome?.count ?? 0);
        expect(Math.abs(of?.worst ?? 0)).toBeGreaterThanOrEqual(Math.abs(ofSome?.worst ?? 0));
      }),
    );
  });
});

test('a rule with tags is for the sensors whose station has all of them', () => {
  const dataset = defineDataset({
    name: 'levels',
    timeZone: 'UTC',
    shards: 1,
    measures: { level: { unit: 'm', min: 0, max: 100 } },
    alerts: {
      coast: { measure: 'level', above: 8, tag: 'coast' },
      both: { measure: 'level', above: 8, tag: 'coast,city' },
      named: { measure: 'level', above: 8, tag: 'coast', sensors: 'pier-*' },
    },
  });
  const stations = [
    { sensorId: 'pier-1', tags: ['coast', 'city'] },
    { sensorId: 'cliff', tags: ['coast'] },
    { sensorId: 'roof', tags: ['city'] },
  ];
  const builder = new ColumnsBuilder(dataset);
  for (const sensorId of ['cliff', 'elsewhere', 'pier-1', 'roof'])
    builder.add({ sensorId, timestampMs: 0, revision: 0, values: [9], attributes: [] });
  const found = statisticsByDay(withTags(dataset, stations), builder.build());
  expect([...found].map(([sensorId, { alerts }]) => [sensorId, Object.keys(alerts)])).toEqual([
    ['cliff', ['coast']],
    ['elsewhere', []],
    ['pier-1', ['coast', 'both', 'named']],
    ['roof', []],
  ]);
  expect(() => withTags(dataset, [])).toThrow('alerts.coast.tag is "coast"; accepted: none');
  expect(() => withTags(dataset, stations.slice(1, 2))).toThrow('alerts.both.tag is "city"; accepted: coast');
});

describe('a rule about how long a limit is broken', () => {
  const minuteMs = 60_000;
  const dataset = defineDataset({
    name: 'levels',
    timeZone: 'UTC',
    shards: 1,
    measures: { level: { unit: 'm', min: -100, max: 100, optional: true } },
    alerts: { long: { measure: 'level', above: 5, below: -5, lasting: '30 minutes', maxGap: '15 minutes' } },
  });
  type Point = readonly [minute: number, level: number | null];
  const longOf = (points: readonly Point[]) => {
    const builder = new ColumnsBuilder(dataset);
    // Neighbours, whose levels make no run of this sensor's longer.
    const each = [
      ['0', [[-10, 9]]],
      ['a', points.toSorted(([a], [b]) => a - b)],
      ['b', [[130, 9]]],
    ] as const;
    for (const [sensorId, of] of each)
      for (const [minute, level] of of)
        builder.add({
          ...{ sensorId, timestampMs: minute * minuteMs, revision: 0 },
          ...{ values: [level], attributes: [] },
        });
    const long = statisticsByDay(dataset, builder.build()).get('a')?.alerts.long;
    return long && { ...long, worstAt: long.worstAt / minuteMs };
  };
  const run = (from: number, to: number): Point[] =>
    Array.from({ length: (to - from) / 10 + 1 }, (_, index) => [from + index * 10, 6 + index]);

  test('counts the readings of runs whose first and last are at least so long apart', () => {
    expect(longOf(run(0, 20))).toBeUndefined();
    expect(longOf(run(0, 30))).toEqual({ count: 4, worst: 9, worstAt: 30 });
    expect(longOf([...run(0, 30), [40, 0], ...run(50, 70), [80, 0], ...run(90, 130)])).toEqual({
      ...{ count: 4 + 5, worst: 10, worstAt: 130 },
    });
  });

  test('takes a gap, a reading within the limit and one past the other limit for the end of a run', () => {
    const before = run(0, 20);
    expect(longOf([...before, ...run(35, 45)])).toMatchObject({ count: 5 });
    expect(longOf([...before, ...run(36, 46)])).toBeUndefined();
    expect(longOf([...before, [25, 5], [30, 7]])).toBeUndefined();
    expect(longOf([...before, [25, -6], [30, 7]])).toBeUndefined();
    // No value is no reading of the measure: it ends nothing, and fills no gap.
    expect(longOf([...before, [25, null], [30, 7]])).toMatchObject({ count: 4 });
    expect(longOf([...before, [28, null], ...run(36, 46)])).toBeUndefined();
  });

  test('tells of any run of twice the time and a gap, wherever midnight cuts it', () => {
    const whole = run(0, 80);
    for (let cut = 0; cut <= whole.length; cut++)
      expect([whole.slice(0, cut), whole.slice(cut)].map(longOf).some(Boolean)).toBe(true);
  });

  test('is the union of all stretches that its definition allows, in any order', () => {
    const points = fc.uniqueArray(
      fc.tuple(
        fc.integer({ min: 0, max: 120 }),
        fc.constantFrom<(number | null)[]>(null, -9, -5, 0, 6, 6, 7, 8),
      ),
      { selector: ([minute]) => minute, minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(points, (all) => {
        const seen = all
          .filter((point): point is [number, number] => point[1] !== null)
          .sort(([a], [b]) => a - b);
        const told = new Set<readonly [number, number]>();
        for (let from = 0; from < seen.length; from++)
          for (let to = from; to < seen.length; to++) {
            const stretch = seen.slice(from, to + 1);
            const isPast = [(level: number) => level > 5, (level: number) => level < -5].some((past) =>
              stretch.every(([, level]) => past(level)),
            );
            const isDense = stretch.every(([at], index) => at - (stretch[index - 1]?.[0] ?? at) <= 15);
            const [[first = 0] = [], [last = 0] = []] = [stretch[0], stretch.at(-1)];
            if (isPast && isDense && last - first >= 30) for (const point of stretch) told.add(point);
          }
        const excess = ([, level]: readonly [number, number]) => Math.abs(level) - 5;
        const [worst] = [...told].sort((a, b) => excess(b) - excess(a) || a[0] - b[0]);
        expect(longOf(all)).toEqual(
          worst === undefined ? undefined : { count: told.size, worst: worst[1], worstAt: worst[0] },
        );
      }),
      { numRuns: 500 },
    );
  });
});
