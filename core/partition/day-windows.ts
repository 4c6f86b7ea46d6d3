import { dayExtentMs, dayName, localDayNumber, startOfDay } from '../time/calendar.ts';
import { timeZoneNamed } from '../time/time-zone.ts';

/*
 * Time cut at the beginnings of local days, so that each instant is in one window. A day's partition mostly holds the instants of its
 * window; where a clock went back over a midnight that it had shown, minutes of the day before are within.
 */

/** Instants, UTC ms, `startMs` (inclusive) to `endMs` (exclusive), and the days of the partitions that they are in, in order. */
export interface DayWindow {
  readonly startMs: number;
  readonly endMs: number;
  readonly days: readonly string[];
}

/** The number of the day whose window an instant is in. */
export function windowAt(timeZone: string, instantMs: number): number {
  const zone = timeZoneNamed(timeZone);
  const day = localDayNumber(zone, instantMs);
  return startOfDay(zone, day + 1) <= instantMs ? day + 1 : day;
}

/** The windows from the day numbered `first` to `last`, as one. */
export function windowOf(timeZone: string, first: number, last: number): DayWindow {
  const zone = timeZoneNamed(timeZone);
  const startMs = startOfDay(zone, first);
  const days = Array.from({ length: last - first + 1 }, (_, index) => dayName(first + index));
  const before = dayName(first - 1);
  if (dayExtentMs(timeZone, before).endMs > startMs) days.unshift(before);
  return { startMs, endMs: startOfDay(zone, last + 1), days };
}
