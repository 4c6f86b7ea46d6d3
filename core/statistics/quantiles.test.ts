import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acceptedQuantiles, type Quantile, quantileOf, readQuantiles } from './quantiles.ts';

const of = (text: string): Quantile => readQuantiles(text)?.[0] as Quantile;
const quantile = (values: number[], text: string) => quantileOf(Float64Array.from(values).sort(), of(text));

describe('a quantile', () => {
  test.each<[number[], string, number]>([
    // By hand: the place is (n - 1) × q.
    [[1, 2, 3, 4], '0.5', 2.5],
    [[1, 2, 3, 4], '0.25', 1.75],
    [[15, 20, 35, 40, 50], '0.4', 29],
    [[3, 1, 2], '0.5', 2],
    [[7], '0.95', 7],
    [[10, 20], '0.05', 10.5],
    [[5, 1, 9], '0', 1],
    [[5, 1, 9], '1', 9],
    // 20 × 0.35 is 7, though not in doubles: it is the value there, and none beside it.
    [Array.from({ length: 21 }, (_, at) => at ** 3), '0.35', 343],
    // In doubles 0.1 + (0.3 - 0.1) × 0.5 is 0.2: so it is rounded once.
    [[0.1, 0.3], '0.5', 0.2],
    [[-0, -0], '0.5', 0],
    [[-0], '0.5', 0],
    // The nearest double to it is 0, from below.
    [[-5e-324, 0], '0.75', 0],
    // Their distance is no double.
    [[-1.7e308, 1.7e308], '0.5', 0],
  ])('of %j at %s is %d', (values, text, expected) => {
    expect(quantile(values, text)).toBe(expected);
  });

  test('is what the definition in doubles says, but for its roundings', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 0, max: 1_000 }),
        (values, thousandths) => {
          const sorted = values.toSorted((a, b) => a - b);
          const place = ((sorted.length - 1) * thousandths) / 1_000;
          const [lower = 0, upper = lower] = sorted.slice(Math.floor(place));
          const expected = lower + (upper - lower) * (place - Math.floor(place));
          const found = quantile(values, String(thousandths / 1_000));
          expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-9);
          expect(found).toBeGreaterThanOrEqual(sorted[0] as number);
          expect(found).toBeLessThanOrEqual(sorted.at(-1) as number);
        },
      ),
    );
  });

  test('is the value at its place where there is one, exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.nat(400), (steps, at) => {
        const values = Float64Array.from({ length: steps + 1 }, (_, index) => Math.sqrt(index));
        const exact: Quantile = { name: '', share: BigInt(at % (steps + 1)), of: BigInt(steps) };
        expect(quantileOf(values, exact)).toBe(Math.sqrt(at % (steps + 1)));
      }),
    );
  });
});

describe('a list of quantiles', () => {
  test('is named as its numbers are written in short', () => {
    expect(readQuantiles('0.050,.5,0.95,1')?.map(({ name }) => name)).toEqual(['0.05', '0.5', '0.95', '1']);
  });

  test.each([
    ['0', '0'],
    ['1', '1'],
    ['.5', '0.5'],
    ['0.123456789', '0.123456789'],
    ['.123456789', '0.123456789'],
    ['1.000000000', '1'],
    ['0.000', '0'],
  ])('may have %s', (text, name) => {
    expect(readQuantiles(text)).toMatchObject([{ name }]);
  });

  test('has at most 20 of them, which is said where it has more', () => {
    const list = (length: number) => Array.from({ length }, (_, index) => `0.${10 + index}`).join();
    expect(readQuantiles(list(20))).toHaveLength(20);
    expect(readQuantiles(list(21))).toBeUndefined();
    expect(acceptedQuantiles).toContain('at most 20');
  });

  test.each([
    '',
    '0.5,',
    '50',
    '-0.1',
    '1.01',
    '1e-3',
    'p50',
    '0.1234567891',
    '0.5,0.50',
    ' 0.5',
    '0x0',
    '.',
    '1.1',
    '1.0000000000',
  ])('%j is none', (text) => {
    expect(readQuantiles(text)).toBeUndefined();
  });
});
