import { describe, expect, test } from 'vitest';
import { RationalOracle } from '../../test/support/rational-oracle.ts';
import {
  addSums,
  deviationOf,
  differenceOfMeans,
  type ExactSums,
  meanOf,
  noSums,
  sumsOfValue,
} from './exact-sums.ts';
import { sumsOfRows } from './sum-rows.ts';

const largest = Number.MAX_VALUE;
const smallest = Number.MIN_VALUE;

/** 1,024 of 2,049 are one more than the rest, which are odd: rounded to 53 bits first, the mean would be a tie, and go up. */
const subnormals = Array.from(
  { length: 2_049 },
  (_, index) => (2 ** 51 + (index < 1_024 ? 2 : 1)) * smallest,
);

const sumsOf = (values: readonly number[]): ExactSums => {
  const rows = Float64Array.from(values);
  return sumsOfRows(rows, 0, rows.length, Math.max(...values.map(Math.abs)));
};
const shown = (values: readonly number[]) => {
  const sums = sumsOf(values);
  return { mean: meanOf(sums, values.length), deviation: deviationOf(sums, values.length) };
};

describe('what is shown is the true value, correctly rounded', () => {
  test.each([
    ['quarters', Array.from({ length: 100 }, (_, index) => index / 4), 12.375],
    ['decimals', [9.8, 20, 55.5, 21, 30], 27.26],
    ['ten tenths', Array.from({ length: 10 }, () => 0.1), 0.1],
    ['what cancels', [1e15, 0.1, -1e15], 0.1 / 3],
    ['the very large beside the very small', [1e15, 1e-300, -1e15, 0], 1e-300 / 4],
    ['the largest', [largest, largest], largest],
    ['the largest and its opposite', [largest, -largest, 1], 1 / 3],
    ['the smallest', [smallest, smallest, 0], smallest],
    ['a tie below the smallest, to even', [smallest, 0], 0],
    ['a tie above it, to even', [smallest, 2 * smallest], 2 * smallest],
    ['a tie of normal doubles, to even', [1, 1 + 2 ** -52], 1],
    ['another', [1 + 2 ** -52, 1 + 2 ** -51], 1 + 2 ** -51],
    ['what is above a tie by very little', [2, 2 ** -52 + 2 ** -104], 1 + 2 ** -52],
    ['what is below a tie of subnormals by very little', subnormals, subnormals[2_048] as number],
  ])('the mean of %s', (_, values, mean) => {
    expect(shown(values).mean).toBe(mean);
    expect(shown(values.map((value) => -value)).mean).toBe(0 - mean);
  });

  test.each([
    ['the textbook', [2, 4, 4, 4, 5, 5, 7, 9], 2],
    ['equal values', Array.from({ length: 7 }, () => 0.1), 0],
    ['small differences of large values', [1e15 + 1, 1e15 + 2, 1e15 + 3], Math.sqrt(2 / 3)],
    ['values of which the squares are no doubles', [2 ** 700, 3 * 2 ** 700], 2 ** 700],
    ['the largest and its opposite', [largest, -largest], largest],
    ['values of which the squares are 0 as doubles', [2 ** -1_000, 3 * 2 ** -1_000], 2 ** -1_000],
    ['subnormals', [2 * smallest, 4 * smallest], smallest],
    ['one bit', [1, 1 + 2 ** -52], 2 ** -53],
    ['a tie, to even', [2, -(2 ** -52)], 1],
    ['what is above a tie by very little', [2, -(2 ** -52) - 2 ** -104], 1 + 2 ** -52],
    ['a tie below the smallest, to even', [smallest, 0], 0],
    ['what is above it', [smallest, smallest, 0, 0, 0].map((value) => 2 * value), smallest],
  ])('the deviation of %s', (_, values, deviation) => {
    expect(shown(values).deviation).toBe(deviation);
  });

  test('a variance that rounds up to a square has not its root', () => {
    // √(1 + 2^-52 - a little): rounding the variance first gives 1 + 2^-52 and then 1, or the like; the oracle knows.
    for (let step = 1; step < 2_000; step++) {
      const values = [0, step * 2 ** -40, 1 + step * 2 ** -52];
      expect(new RationalOracle(values).isDeviation(shown(values).deviation)).toBe(true);
    }
  });

  test('zeros of either sign are 0, and so is a mean that rounds to nothing', () => {
    expect(sumsOf([-0, -0])).toEqual(noSums);
    expect(sumsOf([-0, 1])).toEqual(sumsOf([1, 0]));
    for (const values of [[-0, -0], [0], [-smallest, 0, 0]])
      expect(shown(values).mean, String(values)).toBe(0); // toBe tells -0 apart
  });

  test('after 2^52 times the same values they are as exact', () => {
    let sums = sumsOf([9.8, 20, 55.5, 21, 30]);
    for (let doubled = 0; doubled < 50; doubled++) sums = addSums([sums, sums]);
    expect(meanOf(sums, 5 * 2 ** 50)).toBe(27.26);
    expect(deviationOf(sums, 5 * 2 ** 50)).toBe(shown([9.8, 20, 55.5, 21, 30]).deviation);
  });

  test('thousands of values of which all pieces are large, and of one sign, are added as they are one by one', () => {
    // Beside 1 they are split into pieces of 7, 22 and 22 bits: the sums of the products of these pass 2^53 unless they are carried on.
    const large = 2 ** 22 - 1;
    const split = (index: number) =>
      (2 ** 6 * 2 ** 46 + (large - (index % 5)) * 2 ** 23 + large - 2 * index) * 2 ** -69;
    const values = [1 - 2 ** -53, ...Array.from({ length: 3_000 }, (_, index) => split(index))];
    for (const all of [values, values.map((value) => -value)])
      expect(sumsOf(all)).toEqual(addSums(all.map(sumsOfValue)));
  });

  test('the difference of two means is rounded once', () => {
    const [a, b] = [
      [0.1, 0.2, 0.4],
      [0.1, 0.3],
    ] as const;
    const found = differenceOfMeans({ sums: sumsOf(a), count: 3 }, { sums: sumsOf(b), count: 2 });
    expect(new RationalOracle(a).isMeanDifference(found, new RationalOracle(b))).toBe(true);
    expect(found).not.toBe(shown(a).mean - shown(b).mean);
  });

  test('an infinite value has no sums', () => {
    expect(() => sumsOf([1, Number.POSITIVE_INFINITY])).toThrow(/no exact sum with Infinity/);
    expect(() => sumsOfValue(Number.NaN)).toThrow(RangeError);
  });
});
