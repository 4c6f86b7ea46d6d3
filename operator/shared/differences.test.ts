import { expect, test } from 'vitest';
import { addSums, sumsOfValue } from '../../core/statistics/exact-sums.ts';
import { statisticsDifference } from './differences.ts';

test('statistics differ by the first value that is unlike', () => {
  const extremes = { min: 1, minAt: 0, max: 1, maxAt: 0 };
  const of = (mean: number, count = 2) => {
    const sums = addSums(Array.from({ length: 2 }, () => sumsOfValue(mean)));
    return { count, contested: 0, measures: { temperature: { count, sums, ...extremes } }, alerts: {} };
  };
  expect(statisticsDifference(of(1), of(1))).toBeUndefined();
  expect(statisticsDifference(of(0), of(-0))).toBeUndefined();
  expect(statisticsDifference(of(1), of(2))).toBe(
    'temperature.mean is 1 where the readings give 2, and 1 more values differ',
  );
  expect(statisticsDifference(of(1), { ...of(1), contested: 2 })).toBe(
    'contested is 0 where the readings give 2',
  );
  expect(statisticsDifference(of(1, 3), of(1))).toBe(
    'count is 3 where the readings give 2, and 3 more values differ',
  );
  // Below the last bit of what is shown, and all the same another set.
  const nearly = of(1);
  const value = 2n ** 61n + 1n;
  nearly.measures.temperature.sums = { exponent: -61, sum: 2n * value, squares: 2n * value ** 2n };
  expect(statisticsDifference(nearly, of(1))).toMatch(/^temperature\.sums is .* and of squares .* where/);
});

test('sums that no values have are told as well', () => {
  const broken = { sums: { exponent: 0, sum: 5n, squares: 1n }, min: 1, minAt: 0, max: 1, maxAt: 0 };
  const of = (measure: object) => ({
    ...{ count: 2, contested: 0, alerts: {} },
    measures: { temperature: { ...broken, count: 2, ...measure } },
  });
  expect(statisticsDifference(of({}), of({ sums: { exponent: -1, sum: 10n, squares: 50n } }))).toMatch(
    /^temperature\.standardDeviation is NaN where the readings give 0/,
  );
});
