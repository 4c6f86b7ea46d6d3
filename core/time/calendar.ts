import { dayMs } from './duration.ts';
import { readOffset } from './offset.ts';
import { timeZoneNamed, type Zone } from './time-zone.ts';

/** Timestamps are accepted from 1970-01-01T00:00:00.000Z, inclusive, ... */
export const minTimestampMs = 0;
/** ... to 2100-01-01T00:00:00.000Z, exclusive. */
export const endTimestampMs = Date.UTC(2100, 0, 1);

const dayNames = new Map<number, string>();

/** Days since 1970-01-01 as `YYYY-MM-DD`; cached, since a process names the same few days again and again. */
export function dayName(dayNumber: number): string {
  let name = dayNames.get(dayNumber);
  if (name === undefined) {
    name = new Date(dayNumber * dayMs).toISOString().slice(0, 10);
    dayNames.set(dayNumber, name);
  }
  return name;
}

/** Days since 1970-01-01 of the local date at an instant: the number behind {@link localDay}. */
export function localDayNumber(zone: Zone, instantMs: number): number {
  return Math.floor((instantMs + zone.offsetMs(instantMs)) / dayMs);
}

/** The local date, `YYYY-MM-DD`, at an instant in UTC ms. */
export function localDay(timeZone: string, instantMs: number): string {
  return dayName(localDayNumber(timeZoneNamed(timeZone), instantMs));
}

/** The month, `YYYY-MM`, of a day `YYYY-MM-DD`. */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}

/** The month so many after one, or before it where `by` is less than 0. @param month `YYYY-MM` */
export function monthAfter(month: string, by: number): string {
  const [year = 0, of = 0] = month.split('-').map(Number);
  return dayName(Math.floor(Date.UTC(year, of - 1 + by) / 86_400_000)).slice(0, 7);
}

/** The days of a month `YYYY-MM`, 28 to 31. @throws {RangeError} when there is no such month */
export function daysOfMonth(month: string): string[] {
  const first = parseDay(`${month}-01`);
  if (first === undefined) throw new RangeError(`no such month: ${month}`);
  return Array.from({ length: 31 }, (_, index) => dayName(first + index)).filter(
    (day) => monthOf(day) === month,
  );
}

/** Days since 1970-01-01 of `YYYY-MM-DD`; `undefined` when there is no such date. */
export function parseDay(day: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day);
  if (!match) return undefined;
  const dateMs = utcMs(Number(match[1]), Number(match[2]), Number(match[3]));
  return dateMs === undefined ? undefined : dateMs / dayMs;
}

/**
 * The instants, UTC ms, at which a local day `YYYY-MM-DD` begins (inclusive) and the next one begins (exclusive):
 * 23, 24 or 25 hours in most zones; nothing, equal bounds, for a day that a zone skipped. A day begins at the first of two midnights:
 * see {@link dayExtentMs} for all instants of it.
 * @throws {RangeError} when there is no such date
 */
export function dayBoundsMs(timeZone: string, day: string): { startMs: number; endMs: number } {
  const number = parseDay(day);
  if (number === undefined) throw new RangeError(`no such day: ${day}`);
  const zone = timeZoneNamed(timeZone);
  return { startMs: startOfDay(zone, number), endMs: startOfDay(zone, number + 1) };
}

/**
 * The first instant of a local day `YYYY-MM-DD`, and the one behind its last (exclusive), in UTC ms. They are the bounds of the day, but where
 * a clock went back over a midnight that it had shown: then minutes of this day come after the next one has begun, and some of the
 * next one are within.
 * @throws {RangeError} when there is no such date
 */
export function dayExtentMs(timeZone: string, day: string): { startMs: number; endMs: number } {
  const { startMs, endMs } = dayBoundsMs(timeZone, day);
  const midnights = instantsOf(timeZoneNamed(timeZone), ((parseDay(day) ?? 0) + 1) * dayMs);
  // The second one may be within the next day, as after 01:00 in Havana.
  return { startMs, endMs: midnights.findLast((ms) => localDay(timeZone, ms - 1) === day) ?? endMs };
}

/** As {@link dayBoundsMs}, for a month `YYYY-MM`. @throws {RangeError} when there is no such month */
export function monthBoundsMs(timeZone: string, month: string): { startMs: number; endMs: number } {
  const first = parseDay(`${month}-01`);
  if (first === undefined) throw new RangeError(`no such month: ${month}`);
  const date = new Date(first * dayMs);
  const next = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / dayMs;
  const zone = timeZoneNamed(timeZone);
  return { startMs: startOfDay(zone, first), endMs: startOfDay(zone, next) };
}

/**
 * An instant in UTC ms from ISO 8601 with `Z` or an offset: `2024-02-29T12:30:00.250+01:00`. Seconds and their
 * fraction may be left out; digits past the ms are cut off; 24:00 is the next day's midnight. `undefined` for anything else: another form, a date that
 * doesn't exist, a leap second, or an instant outside the years 1970 to 2099 (UTC).
 */
export function parseTimestamp(text: string): number | undefined {
  return within(readTimestamp(text));
}

/** As {@link parseTimestamp}, of the years 100 to 9999: what can be read and is no time that can be stored. */
export function readTimestamp(text: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?(Z|[+-]\d\d:\d\d)$/.exec(
    text,
  );
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, offset = ''] = match;
  const dateMs = utcMs(Number(year), Number(month), Number(day));
  const timeMs = endOrTimeOfDayMs(
    Number(hour),
    Number(minute),
    Number(second ?? 0),
    Number((fraction ?? '').padEnd(3, '0')),
  );
  const offsetMs = readOffset(offset);
  if (dateMs === undefined || timeMs === undefined || offsetMs === undefined) return undefined;
  return dateMs + timeMs - offsetMs;
}

/** The instant when it is within the accepted years. */
function within(instantMs: number | undefined): number | undefined {
  return instantMs !== undefined && isWithin(instantMs) ? instantMs : undefined;
}

/** Whether an instant is within the accepted years. */
export function isWithin(instantMs: number): boolean {
  return instantMs >= minTimestampMs && instantMs < endTimestampMs;
}

/** UTC ms of a date's midnight; `undefined` for the 30th of February and the like. */
export function utcMs(year: number, month: number, day: number): number | undefined {
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  if (year < 100 || month < 1 || month > 12 || day < 1) return undefined;
  const ms = Date.UTC(year, month - 1, day);
  return day <= 28 || new Date(ms).getUTCDate() === day ? ms : undefined;
}

/** ms since midnight; `undefined` past 23:59:59.999. */
function timeOfDayMs(hour: number, minute: number, second: number, ms: number): number | undefined {
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}

/** As {@link timeOfDayMs}, and 24:00, the end of the day. */
export function endOrTimeOfDayMs(
  hour: number,
  minute: number,
  second: number,
  ms: number,
): number | undefined {
  return hour === 24 && minute + second + ms === 0 ? dayMs : timeOfDayMs(hour, minute, second, ms);
}

/** The instants with this local time, in order: none when the zone's clock skipped it, two when the clock showed it twice. */
export function instantsOf(zone: Zone, localMs: number): readonly number[] {
  // The offset a day before and a day after: one of the two holds at the local time, the greater gives the earlier.
  const early = zone.offsetMs(localMs - dayMs);
  const late = zone.offsetMs(localMs + dayMs);
  const candidates = early === late ? [early] : [Math.max(early, late), Math.min(early, late)];
  return candidates
    .map((offset) => localMs - offset)
    .filter((instant) => instant + zone.offsetMs(instant) === localMs);
}

/** The first instant of a local day: midnight, or where the clock skipped midnight, the end of the gap. */
export function startOfDay(zone: Zone, dayNumber: number): number {
  const localMs = dayNumber * dayMs;
  const [exact] = instantsOf(zone, localMs);
  if (exact !== undefined) return exact;
  // The clock skipped midnight, in one change: an instant before it, and on to the change.
  let instant = localMs - dayMs;
  while (instant + zone.offsetMs(instant) < localMs) instant = zone.offsetUntilMs(instant);
  return instant;
}
