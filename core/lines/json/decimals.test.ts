import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDecimals } from './decimals.ts';

test.each([
  [0.1, 0.2, '0.3'],
  [1_320_067_464.1, 0.2, '1320067464.3'],
  [1e21, 1e-7, '1000000000000000000000.0000001'],
  [-0.5, 0.25, '-0.25'],
  [0, -5, '-5'],
  [2, 0, '2'],
  [1.5, -1.5, '0.0'],
])('%d and %d make %s', (a, b, sum) => {
  expect(addDecimals(a, b)).toBe(sum);
});

test('thousandths add up as whole numbers do', () => {
  const thousandths = fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 });
  fc.assert(
    fc.property(thousandths, thousandths, (a, b) => {
      expect(Number(addDecimals(a / 1_000, b / 1_000))).toBe((a + b) / 1_000);
    }),
  );
});
