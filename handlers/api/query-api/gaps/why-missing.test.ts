import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectedOf, whyMissing } from './why-missing.ts';

const times = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 20 });
const seen = fc.record({
  expected: fc.integer({ min: 0, max: 40 }),
  present: times.map((all) => new Set(all)),
  withdrawn: times.map((all) => new Set(all)),
  rejected: fc.array(fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 2 }), {
    maxLength: 20,
  }),
});

describe('why readings are missing', () => {
  test('adds up to what is missing, and no part is negative', () => {
    fc.assert(
      fc.property(seen, (day) => {
        const { missing } = whyMissing(day);
        expect(missing?.count).toBe(Math.max(0, day.expected - day.present.size));
        const parts = [missing?.rejected, missing?.withdrawn, missing?.neverSent] as number[];
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(missing?.count);
        expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('does not depend on how often a line was sent, nor on the order of lines', () => {
    fc.assert(
      fc.property(seen, (day) => {
        const single = { ...day, rejected: day.rejected.map(([time = 0]) => [time]) };
        const again = { ...single, rejected: [...single.rejected, ...single.rejected].reverse() };
        expect(whyMissing(again)).toEqual(whyMissing(single));
      }),
    );
  });

  test('counts what was rejected and is there all the same as mended, not as missing', () => {
    const day = { expected: 4, present: new Set([1, 2]), withdrawn: new Set([3]), rejected: [[1], [1], [4]] };
    expect(whyMissing(day)).toEqual({
      missing: { count: 2, rejected: 1, withdrawn: 1, neverSent: 0 },
      mended: 1,
    });
  });

  test('takes a line of an hour that the clock shows twice for the time that no other is of', () => {
    const day = { expected: 2, present: new Set<number>(), withdrawn: new Set<number>() };
    expect(
      whyMissing({
        ...day,
        rejected: [
          [1, 2],
          [1, 2],
        ],
      }).missing,
    ).toMatchObject({ rejected: 2 });
    expect(whyMissing({ ...day, present: new Set([2]), rejected: [[1, 2]] }).mended).toBe(1);
  });

  test('is not known where nothing is expected', () => {
    const day = { expected: undefined, present: new Set([1]), withdrawn: new Set<number>(), rejected: [[1]] };
    expect(whyMissing(day)).toEqual({ missing: undefined, mended: 1 });
  });
});

describe('what is expected of a day', () => {
  const hours = (count: number) => count * 3_600_000;
  const day = { startMs: hours(100), endMs: hours(124) };
  test.each([
    ['that is over is all of it', { everyMs: hours(1), nowMs: hours(200) }, 24],
    ['that is not over is what was due until now', { everyMs: hours(1), nowMs: hours(102.5) }, 2],
    ['that is to come is nothing', { everyMs: hours(1), nowMs: hours(50) }, 0],
    ['of a week each is nothing: a day without one is no gap', { everyMs: hours(168), nowMs: hours(200) }, 0],
    ['without an interval is not known', { everyMs: undefined, nowMs: hours(200) }, undefined],
  ])('%s', (_, given, expected) => {
    expect(expectedOf(day, given)).toBe(expected);
  });
});
