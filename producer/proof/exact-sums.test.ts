import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RationalOracle } from '../../test/support/rational-oracle.ts';
import {
  addValue,
  lowestExponent,
  mean,
  mergeSums,
  noSums,
  scaled,
  standardDeviation,
} from './exact-sums.ts';

function sumsOf(values: readonly number[]) {
  const exponent = Math.min(0, ...values.map(lowestExponent));
  const sums = values.reduce((known, value) => addValue(known, scaled(value, exponent)), noSums);
  return { sums, exponent, mean: mean(sums, exponent), deviation: standardDeviation(sums, exponent) };
}

const measured = fc.double({ min: -1e15, max: 1e15, noNaN: true });
const integers = fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 50 });

describe('exact arithmetic', () => {
  it('knows each double to the bit', () => {
    fc.assert(
      fc.property(measured, (value) => {
        const exponent = Math.min(0, lowestExponent(value));
        expect(mean(addValue(noSums, scaled(value, exponent)), exponent)).toBe(value + 0);
      }),
    );
    for (const value of [0, 5e-324, 2 ** -1_022, 1e15, 0.1, -0.1]) expect(sumsOf([value]).mean).toBe(value);
  });

  it('sums integers as integer arithmetic does', () => {
    fc.assert(
      fc.property(integers, (values) => {
        const total = values.reduce((sum, value) => sum + value, 0);
        expect(sumsOf(values).mean).toBe(total / values.length + 0);
      }),
    );
  });

  it('loses nothing where floating point does', () => {
    expect(sumsOf([1e15, 0.1, -1e15]).mean).toBe(0.1 / 3);
    expect(sumsOf(Array.from({ length: 10 }, () => 0.1)).mean).toBe(0.1);
    expect(sumsOf([1e-300, 1, 0]).mean).toBe(1 / 3);
  });

  it('gives equal values a deviation of exactly 0, and others the textbook one', () => {
    fc.assert(
      fc.property(measured, fc.integer({ min: 1, max: 20 }), (value, count) => {
        expect(sumsOf(Array.from({ length: count }, () => value)).deviation).toBe(0);
      }),
    );
    expect(sumsOf([2, 4, 4, 4, 5, 5, 7, 9]).deviation).toBe(2);
    expect(sumsOf([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]).deviation).toBe(Math.sqrt(22.5));
  });

  it('rounds each result once, among the largest and smallest doubles too', () => {
    const any = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), measured);
    const tiny = fc.integer({ min: -9, max: 9 }).map((steps) => steps * Number.MIN_VALUE);
    const values = fc.oneof(fc.array(any, { minLength: 1 }), fc.array(tiny, { minLength: 1 }));
    fc.assert(
      fc.property(values, (all) => {
        const oracle = new RationalOracle(all);
        const found = sumsOf(all);
        expect([oracle.isMean(found.mean), oracle.isDeviation(found.deviation)]).toEqual([true, true]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('merges in any split', () => {
    fc.assert(
      fc.property(fc.array(measured, { minLength: 2, maxLength: 30 }), fc.nat(30), (values, at) => {
        const exponent = Math.min(0, ...values.map(lowestExponent));
        const part = (of: readonly number[]) =>
          of.reduce((sums, value) => addValue(sums, scaled(value, exponent)), noSums);
        expect(mergeSums(part(values.slice(0, at)), part(values.slice(at)))).toEqual(part(values));
      }),
    );
  });
});
