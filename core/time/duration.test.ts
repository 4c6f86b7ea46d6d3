import { expect, test } from 'vitest';
import { parseDuration } from './duration.ts';

test.each([
  ['10 seconds', 10_000],
  ['1 minute', 60_000],
  ['1 hour', 3_600_000],
  ['7 days', 604_800_000],
  ['2 weeks', 1_209_600_000],
  ['0 days', undefined],
  ['1.5 hours', undefined],
  ['-1 hour', undefined],
  ['1 month', undefined],
  ['hour', undefined],
  ['in 1 hour', undefined],
  ['1 hour long', undefined],
  ['999999999 weeks', 999_999_999 * 604_800_000],
  ['1000000000 weeks', undefined],
])('the duration %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});
