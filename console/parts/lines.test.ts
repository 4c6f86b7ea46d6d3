import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aligned, alone } from './lines.ts';

const lineOf = (values: readonly (readonly [x: number, y: number])[]) => ({
  x: values.map(([x]) => x),
  y: values.map(([, y]) => y),
  first: 0,
  last: values.length,
});

const gapSeconds = 10;
const lines = fc.array(
  fc
    .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.constantFrom(1, 2, Number.NaN)), {
      selector: ([x]) => x,
      maxLength: 12,
    })
    .map((values) => values.sort(([a], [b]) => a - b)),
  { maxLength: 4 },
);

test('a line is drawn from one value to the next where they belong together, and nowhere in a gap, whatever other lines there are', () => {
  fc.assert(
    fc.property(lines, (all) => {
      const [xs, ...columns] = aligned(all.map(lineOf), gapSeconds);
      all.forEach((values, index) => {
        const column = columns[index] ?? [];
        const at = (x: number) => column[xs.indexOf(x)];
        const known = values.filter(([, y]) => !Number.isNaN(y));
        expect(xs.flatMap((x) => (typeof at(x) === 'number' ? [[x, at(x)]] : []))).toEqual(known);
        known.slice(1).forEach(([to], place) => {
          const [from = 0] = known[place] ?? [];
          const between = column.slice(xs.indexOf(from) + 1, xs.indexOf(to));
          const came = values.map(([x]) => x).filter((x) => x >= from && x <= to);
          const isGap = came.length > 2 || to - from > gapSeconds;
          // uPlot draws as far as the instant beside a null: one of another line in the gap would be drawn up to.
          expect(between.every((each) => each === (isGap ? null : undefined))).toBe(true);
          expect(between.length > 0 || !isGap).toBe(true);
        });
      });
    }),
  );
});

test('a value that no line leads to is a point, one at the end of a line is not', () => {
  const [xs, column = []] = aligned(
    [
      lineOf([
        [0, 1],
        [5, 1],
        [50, 2],
        [100, 3],
        [100.1, 3],
        [150, 4],
      ]),
      lineOf([[7, 1]]),
    ],
    gapSeconds,
  );
  expect(alone(xs, column, (x) => x * 10).map((place) => xs[place])).toEqual([50, 100, 150]);
});
