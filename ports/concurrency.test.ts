import { describe, expect, test } from 'vitest';
import { collect } from '../test/support/collect.ts';
import { createGate, mapBounded, pagesOf } from './concurrency.ts';

describe('mapBounded', () => {
  test('keeps the order, and never has more under way than it may', async () => {
    let underWay = 0;
    let most = 0;
    const results = await mapBounded([5, 1, 4, 2, 3], 2, async (item) => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, item));
      underWay--;
      return item * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
  });

  test('begins nothing after a failure, and leaves nothing running behind it', async () => {
    const done: number[] = [];
    const failing = mapBounded([1, 2, 3, 4], 2, async (item) => {
      if (item === 1) throw new Error('one');
      await new Promise((resolve) => setTimeout(resolve, 5));
      done.push(item);
    });
    await expect(failing).rejects.toThrow('one');
    expect(done).toEqual([2]);
  });
});

test('a gate bounds the calls of all who share it, and a failure leaves its place to the next', async () => {
  const gate = createGate(3);
  let underWay = 0;
  let most = 0;
  const calls = Array.from({ length: 20 }, (_, n) =>
    gate(async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 1));
      underWay--;
      if (n % 2 === 0) throw new Error('even');
      return n;
    }),
  );
  const results = await Promise.allSettled(calls);
  expect(most).toBe(3);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
});

test('pages hold at most so many, and the last one the rest', async () => {
  expect(await collect(pagesOf([1, 2, 3, 4, 5], 2))).toEqual([[1, 2], [3, 4], [5]]);
  expect(await collect(pagesOf([], 2))).toEqual([]);
});
