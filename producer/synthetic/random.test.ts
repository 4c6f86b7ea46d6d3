import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';

const take = (random: Random, count: number) => Array.from({ length: count }, () => random.bits());

describe('the seeded numbers', () => {
  it('are the same for the same seed, here and in every later version', () => {
    expect(take(new Random(1, 'water-temperature', 'sensor-0001'), 3)).toEqual(
      take(new Random(1, 'water-temperature', 'sensor-0001'), 3),
    );
    expect(take(new Random(1), 4)).toMatchInlineSnapshot(`
      [
        3687113345,
        191355533,
        2437887342,
        500520738,
      ]
    `);
  });

  it('differ between seeds that are alike', () => {
    const streams = [[1], [2], ['1', ''], [1, 'a'], [1, 'b'], ['1a']].map((seeds) =>
      take(new Random(...seeds), 2).join(),
    );
    expect(new Set(streams).size).toBe(streams.length);
  });

  it('spread evenly, with the moments of their distributions', () => {
    const random = new Random('moments');
    const count = 200_000;
    const buckets = new Uint32Array(64);
    let [sum, normalSum, normalSquares] = [0, 0, 0];
    for (let index = 0; index < count; index += 1) {
      const uniform = random.uniform();
      buckets[Math.floor(uniform * 64)] = (buckets[Math.floor(uniform * 64)] ?? 0) + 1;
      sum += uniform;
      const normal = random.normal();
      normalSum += normal;
      normalSquares += normal * normal;
    }
    // Chi-square with 63 degrees of freedom: over 110 has a chance of 0.0002, and the seed is fixed.
    const chi = buckets.reduce((total, found) => total + (found - count / 64) ** 2 / (count / 64), 0);
    expect(chi).toBeLessThan(110);
    expect(sum / count).toBeCloseTo(0.5, 2);
    expect(normalSum / count).toBeCloseTo(0, 1);
    expect(normalSquares / count).toBeCloseTo(1, 1);
  });

  it('stay below their bound and reach all values', () => {
    const random = new Random('below');
    expect(new Set(Array.from({ length: 500 }, () => random.below(7)))).toEqual(
      new Set([0, 1, 2, 3, 4, 5, 6]),
    );
    expect(Array.from({ length: 100 }, () => random.chance(0))).not.toContain(true);
  });
});
