import { expect, test } from 'vitest';
import { formatBytes } from './format.ts';

test('sizes are short', () => {
  expect([0, 999, 1_000, 1_900_000, 2e15].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '1.9 MB',
    '2000.0 TB',
  ]);
});
