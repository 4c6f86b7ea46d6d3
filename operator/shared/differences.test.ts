import { expect, test } from 'vitest';
import { statisticsDifference } from './differences.ts';

test('statistics differ by the first value that is unlike', () => {
  const of = (mean: number, count = 2) => ({
    count,
    contested: 0,
    measures: { temperature: { count, mean, m2: 0, min: 1, minAt: 0, max: 1, maxAt: 0 } },
    alerts: {},
  });
  expect(statisticsDifference(of(1), of(1))).toBeUndefined();
  expect(statisticsDifference(of(0), of(-0))).toBeUndefined();
  expect(statisticsDifference(of(1), of(2))).toBe('temperature.mean is 1 where the readings give 2');
  expect(statisticsDifference(of(1), { ...of(1), contested: 2 })).toBe(
    'contested is 0 where the readings give 2',
  );
  expect(statisticsDifference(of(1, 3), of(1))).toBe(
    'count is 3 where the readings give 2, and 1 more values differ',
  );
});
