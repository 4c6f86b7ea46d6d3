import { expect, test } from 'vitest';
import { startOf } from '../../parts/time.ts';
import { placeOf } from './statistics-source.ts';

const timeZone = 'Europe/Madrid';

test('a day lies over the day that it is compared with, though the clock was put forward between them', () => {
  // 2026-03-29 has 23 hours.
  expect(placeOf('2026-03-27', 4, timeZone)).toBe(startOf('2026-03-31', timeZone));
  expect(placeOf('2026-03', 364, timeZone)).toBe(startOf('2027-02-28', timeZone));
});

test('an hour lies over the same hour by the clock', () => {
  expect(placeOf('2026-03-27T13:00:00+01:00', 4, timeZone)).toBe(
    startOf('2026-03-31T13:00:00+02:00', timeZone),
  );
});

test('each hour of the day on which the clock is put back has a place of its own', () => {
  const hours = Array.from({ length: 25 }, (_, hour) =>
    new Date(Date.parse('2025-10-25T22:00:00Z') + hour * 3_600_000).toISOString(),
  );
  expect(new Set(hours.map((hour) => placeOf(hour, 7, timeZone))).size).toBe(25);
});

test('what is not compared is where it was', () => {
  expect(placeOf('2026-03-29T03:00:00+02:00', 0, timeZone)).toBe(Date.parse('2026-03-29T01:00:00Z') / 1_000);
});
