import { describe, expect, test } from 'vitest';
import { perMinute } from './rate.ts';

describe('readings a minute', () => {
  const zone = { timeZone: 'Europe/Madrid' };
  const later = Date.parse('2025-01-01T00:00:00Z');
  test.each([
    ['of a day that is over are of all of it', 2_880, { day: '2024-06-03', nowMs: later }, 2],
    ['of a day of 25 hours are of 1,500 minutes', 3_000, { day: '2024-10-27', nowMs: later }, 2],
    ['of a day of 23 hours are of 1,380 minutes', 2_760, { day: '2024-03-31', nowMs: later }, 2],
    ['of today are until now', 120, { day: '2024-06-03', nowMs: Date.parse('2024-06-02T23:00:00Z') }, 2],
    [
      'at midnight are of a minute at least',
      5,
      { day: '2024-06-03', nowMs: Date.parse('2024-06-02T22:00:01Z') },
      5,
    ],
    ['of a clock ahead are of a minute at least', 5, { day: '2024-06-03', nowMs: 0 }, 5],
  ])('%s', (_, readings, when, rate) => {
    expect(perMinute(readings, { ...zone, ...when })).toBeCloseTo(rate, 9);
  });
});
