import { describe, expect, test } from 'vitest';
import { drawn, type Points } from './decimate.ts';

const pointsOf = (readings: readonly (readonly [number, number])[]): Points => ({
  x: Float64Array.from(readings, ([x]) => x),
  y: Float64Array.from(readings, ([, y]) => y),
  length: readings.length,
});
const many = pointsOf(Array.from({ length: 100_000 }, (_, i) => [i, i === 54_321 ? 999 : Math.sin(i / 500)]));

describe('what is drawn of readings', () => {
  test('is every reading where they are few', () => {
    const [x, y] = drawn(
      [
        pointsOf([
          [0, 1],
          [10, 2],
          [20, 3],
        ]),
      ],
      { from: 0, to: 20, columns: 100, gapSeconds: 15 },
    );
    expect(x).toEqual([0, 10, 20]);
    expect(y).toEqual([1, 2, 3]);
  });

  test('is at most two values a column of pixels where they are many, and keeps every peak', () => {
    const [x, y] = drawn([many], { from: 0, to: 100_000, columns: 500, gapSeconds: 5 });
    expect(x).toHaveLength(1_000);
    const shown = y?.filter((value) => typeof value === 'number') ?? [];
    expect(Math.max(...shown)).toBe(999);
    expect(Math.min(...shown)).toBeCloseTo(-1, 3);
  });

  test('of a million readings is bounded by the columns, and looks at each reading in view a few times at the most', () => {
    const count = 1_000_000;
    let looks = 0;
    const counted = (values: Float64Array): Float64Array =>
      new Proxy(values, {
        get(target, name) {
          looks += 1;
          return Reflect.get(target, name);
        },
      });
    const all = pointsOf(
      Array.from({ length: count }, (_, i) => [i, i === 777_777 ? 99 : Math.sin(i / 900)]),
    );
    const points = { x: counted(all.x), y: counted(all.y), length: count };
    const columns = 1_000;
    for (const span of [count, count / 10, count / 100, 3_000, 100]) {
      looks = 0;
      const from = 777_777 - span * 0.4;
      const [x, y] = drawn([points], { from, to: from + span, columns, gapSeconds: 5 });
      expect(x.length).toBeLessThanOrEqual(2 * columns);
      expect(Math.max(...(y ?? []).map(Number))).toBe(99);
      expect(looks, `of a span of ${span}`).toBeLessThanOrEqual(4 * span + 200);
    }
  });

  test('has a gap where nothing came for longer than expected, and none where something did', () => {
    const readings = pointsOf([
      [0, 1],
      [10, 2],
      [100, 3],
      [110, 4],
    ]);
    const [x, y] = drawn([readings], { from: 0, to: 110, columns: 100, gapSeconds: 20 });
    expect(x).toEqual([0, 10, 55, 100, 110]);
    expect(y).toEqual([1, 2, null, 3, 4]);
    const dense = pointsOf([
      ...Array.from({ length: 5_000 }, (_, i) => [i, 1] as const),
      [9_000, 1] as const,
    ]);
    const [, column] = drawn([dense], { from: 0, to: 10_000, columns: 100, gapSeconds: 20 });
    expect(column?.slice(0, 100)).not.toContain(null);
    expect(column?.slice(101, 179)).toEqual(new Array(78).fill(null));
  });

  test('leaves a sensor alone at the instants of another', () => {
    const series = [
      pointsOf([
        [0, 1],
        [10, 2],
      ]),
      pointsOf([[5, 7]]),
    ];
    const [x, first, second] = drawn(series, { from: 0, to: 10, columns: 100, gapSeconds: 100 });
    expect(x).toEqual([0, 5, 10]);
    expect(first).toEqual([1, undefined, 2]);
    expect(second).toEqual([undefined, 7, undefined]);
  });
});
