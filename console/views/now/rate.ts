import { addDays, startOf } from '../../parts/time.ts';

/**
 * Readings a minute of a day: of one that is not over by the minutes until now, so that it is the rate of what has come and not of what is to come.
 * @param day local to the zone, `2024-01-31`
 */
export function perMinute(
  readings: number,
  { day, timeZone, nowMs }: { readonly day: string; readonly timeZone: string; readonly nowMs: number },
): number {
  const begin = startOf(day, timeZone) * 1_000;
  const end = Math.min(nowMs, startOf(addDays(day, 1), timeZone) * 1_000);
  return readings / Math.max(1, (end - begin) / 60_000);
}
