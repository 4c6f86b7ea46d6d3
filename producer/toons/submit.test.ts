import { expect, test } from 'vitest';
import { wayFor } from './submit.ts';

test('a job travels the simplest way that takes it', () => {
  expect([1, 5 * 2 ** 20, 40 * 2 ** 20].map(wayFor)).toEqual(['request', 'manifest', 'files']);
});
