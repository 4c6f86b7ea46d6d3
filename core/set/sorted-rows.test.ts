import { expect, test } from 'vitest';
import { endOfRun } from './sorted-rows.ts';

test('a run ends where looking at each number finds its end', () => {
  for (const lengths of [
    [1],
    [2],
    [7],
    [8],
    [1, 1, 1],
    [1, 2, 3, 4, 5],
    [1_000, 1, 1_023, 1_024, 1_025, 3],
  ]) {
    const numbers = Uint32Array.from(lengths.flatMap((length, number) => new Array(length).fill(number * 3)));
    for (let start = 0; start < numbers.length; start++) {
      let end = start;
      while (end < numbers.length && numbers[end] === numbers[start]) end++;
      expect(endOfRun(numbers, start)).toBe(end);
    }
  }
});
