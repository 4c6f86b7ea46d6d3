import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineDataset } from '../dataset/dataset.ts';
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

describe('a rule about changes', () => {
  const dataset = defineDataset({
    name: 'levels',
    timeZone: 'UTC',
    shards: 1,
    measures: { level: { unit: 'm', min: -100, max: 100 } },
    alerts: { jump: { measure: 'level', changesBy: 5, within: '10 minutes' } },
  });
  type Point = readonly [minute: number, level: number];
  const jumpsOf = (points: readonly Point[]) => {
    const builder = new ColumnsBuilder(dataset);
    for (const [minute, level] of points) {
      const timestampMs = minute * 60_000;
      builder.add({ sensorId: 'a', timestampMs, revision: 0, values: [level], attributes: [] });
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

  test('is told of any set that holds one of which it is told: no late reading takes it away', () => {
    const points = fc.uniqueArray(
      fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: -9, max: 9 })),
      {
        selector: ([minute]) => minute,
        minLength: 1,
      },
    );
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
