import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addSums,
  deviationOf,
  differenceOfMeans,
  type ExactSums,
  meanOf,
  noSums,
  sumsOfValue,
} from '../../core/statistics/exact-sums.ts';
import { decodePage, encodePage } from '../../core/statistics/page-bytes.ts';
import { sumsOfRows } from '../../core/statistics/sum-rows.ts';
import { Random } from '../../producer/synthetic/random.ts';
import { RationalOracle } from '../support/rational-oracle.ts';

function sumsOf(values: readonly number[]): ExactSums {
  const rows = Float64Array.from(values);
  return sumsOfRows(rows, 0, rows.length, Math.max(0, ...values.map(Math.abs)));
}
const pageOf = (sums: ExactSums): Uint8Array => {
  const x = { count: 1, sums, min: 0, minAt: 0, max: 0, maxAt: 0 };
  return encodePage(new Map([['a', { count: 1, contested: 0, measures: { x }, alerts: {} }]]));
};
const bytesOf = (sums: ExactSums): string => Buffer.from(pageOf(sums)).toString('hex');

test('over two million values, the hard ones included, each mean and deviation is the true one, rounded once', () => {
  const random = new Random('exact sums');
  /** From 0 up to 1 with all 53 bits, which `uniform` has not. */
  const full = () => (random.bits() * 2 ** 21 + (random.bits() >>> 11)) / 2 ** 53;
  const signed = () => full() - 0.5;
  const kinds: [() => number, ...(() => number)[]] = [
    () => Math.round(full() * 4_000 - 1_000) / 100, // what most sensors say
    () => 17 + signed(),
    () => Math.round(full() * 100),
    () => signed() * 1e15,
    () => signed() * 1e-300,
    () => signed() * 2 ** -1_060, // subnormals
    () => Number.MIN_VALUE * Math.round(8 * full()),
    () => (random.chance(0.5) ? -0 : 0),
    () => 2 * signed() * Number.MAX_VALUE,
    () => (random.chance(0.5) ? -1 : 1) * Number.MAX_VALUE,
    () => signed() * 2 ** Math.round(full() * 2_080 - 1_060),
    () => 2 ** Math.round(full() * 2_090 - 1_074),
    () => 1e15 + Math.round(full() * 4), // what cancels
    () => 1 + Math.round(full() * 3) * 2 ** -52, // ties
  ];
  let checked = 0;
  let before = { sums: sumsOf([1]), count: 1, oracle: new RationalOracle([1]) };
  while (checked < 2_000_000) {
    const some = [random.pick(kinds), random.pick(kinds), random.pick(kinds)] as const;
    const count = random.chance(0.01) ? 1_000 : random.integer(1, 40);
    const values = Array.from({ length: count }, () => random.pick(some)());
    // All but the first cancel.
    if (random.chance(0.3)) values.push(...values.slice(1).map((value) => -value));
    const sums = sumsOf(values);
    const oracle = new RationalOracle(values);
    const of = { sums, count: values.length, oracle };
    const [mean, deviation] = [meanOf(sums, of.count), deviationOf(sums, of.count)];
    const difference = differenceOfMeans(of, before);
    if (!oracle.isMean(mean)) throw new Error(`${mean} is not the mean of ${values}`);
    if (!oracle.isDeviation(deviation)) throw new Error(`${deviation} is not the deviation of ${values}`);
    // Between opposite ends of the range there is no double.
    if (Number.isFinite(difference) && !oracle.isMeanDifference(difference, before.oracle))
      throw new Error(
        `${difference} is not by how much the mean of ${values} is above ${meanOf(before.sums, before.count)}`,
      );
    checked += of.count;
    before = of;
  }
});

/** fast-check's doubles are of all sizes, subnormals and ±0 included. */
const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 0, 1e15, 1e-300, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE),
  fc.integer({ min: -4_000, max: 4_000 }).map((hundredths) => hundredths / 100),
);
const values = fc.array(value, { maxLength: 120 });

test('equal values give equal bytes, in any order, split and grouping', () => {
  fc.assert(
    fc.property(values, fc.infiniteStream(fc.nat()), (all, chance) => {
      const next = (below: number) => (chance.next().value as number) % below;
      const expected = bytesOf(sumsOf(all));
      const shuffled = all
        .map((each) => ({ each, at: next(1_000) }))
        .sort((a, b) => a.at - b.at)
        .map(({ each }) => each);
      expect(bytesOf(sumsOf(shuffled))).toBe(expected);

      const parts = Map.groupBy(shuffled, () => next(5));
      let groups = [...[...parts.values()].map(sumsOf), noSums];
      while (groups.length > 1) {
        // Any two or three of them become one.
        const joined = groups.splice(next(groups.length - 1), 2 + next(2));
        groups.splice(next(groups.length + 1), 0, addSums(joined));
        groups = groups.map((sums) => decodePage(pageOf(sums)).get('a')?.measures.x?.sums as ExactSums);
      }
      expect(bytesOf(groups[0] as ExactSums)).toBe(expected);
      expect(bytesOf(addSums(shuffled.map(sumsOfValue)))).toBe(expected);
    }),
    { numRuns: 1_000 },
  );
});

test('adding up doubles does not give that', () => {
  const inDoubles = (all: readonly number[]) => all.reduce((sum, each) => sum + each, 0);
  const anyOrder = fc.property(values, (all) => {
    expect(inDoubles(all.toReversed())).toBe(inDoubles(all));
  });
  expect(fc.check(anyOrder, { numRuns: 300 }).failed).toBe(true);
});

test('what has no value changes nothing', () => {
  fc.assert(
    fc.property(values, fc.nat(120), (all, at) => {
      const rows = Float64Array.from(all.toSpliced(at, 0, Number.NaN, Number.NaN));
      const largest = Math.max(0, ...all.map(Math.abs));
      expect(sumsOfRows(rows, 0, rows.length, largest)).toEqual(sumsOf(all));
    }),
  );
});

test('sums with one bit less differ', () => {
  fc.assert(
    fc.property(values, value, (all, one) => {
      fc.pre(one !== 0);
      expect(bytesOf(sumsOf([...all, one]))).not.toBe(bytesOf(sumsOf(all)));
    }),
  );
});
