import { expect, test } from 'vitest';
import { failed } from './record.ts';

test('a failure tells its reason and detail', () => {
  expect(failed('corrupt', 'no end of image')).toEqual({
    kind: 'failed',
    reason: 'corrupt',
    detail: 'no end of image',
  });
});

test('a detail of more than 500 characters is cut to 500, and shows that it was', () => {
  expect(failed('corrupt', 'x'.repeat(500)).detail).toBe('x'.repeat(500));
  expect(failed('corrupt', 'x'.repeat(501)).detail).toBe(`${'x'.repeat(499)}…`);
});
