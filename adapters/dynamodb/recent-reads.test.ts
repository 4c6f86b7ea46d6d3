import { expect, test } from 'vitest';
import { createRecentReads } from './recent-reads.ts';

test('what was read is kept for a time, and only so much of it', () => {
  let nowMs = 0;
  const reads = createRecentReads<string>({ maxBytes: 10, maxAgeMs: 1_000, nowMs: () => nowMs });
  reads.keep('a', 'A', 4);
  nowMs = 999;
  expect(reads.find('a')).toBe('A');
  nowMs = 1_000;
  expect(reads.find('a')).toBeUndefined();
  reads.keep('a', 'A', 4);
  reads.keep('b', 'B', 4);
  reads.keep('a', 'again', 4); // the same once more takes no more room, and is the newest
  reads.keep('c', 'C', 4);
  expect(['a', 'b', 'c'].map(reads.find)).toEqual(['again', undefined, 'C']);
  reads.keep('d', 'too large', 11);
  expect(['a', 'c', 'd'].map(reads.find)).toEqual(['again', 'C', undefined]);
  reads.keep('c', 'too large now', 11);
  expect(reads.find('c')).toBeUndefined();
});
