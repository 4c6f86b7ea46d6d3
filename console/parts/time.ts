/** Local times of a dataset's zone, in seconds since 1970 and back. */

const formats = new Map<string, Intl.DateTimeFormat>();

function partsFormat(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(timeZone, format);
  return format;
}

/** What the clock of the zone shows, as if it were UTC. */
function shownMs(ms: number, timeZone: string): number {
  const parts = Object.fromEntries(
    partsFormat(timeZone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, value]),
  );
  return Date.parse(
    `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}:${parts.second}Z`,
  );
}

/** When a day, month or year of the zone begins, or an hour that has its offset. */
export function startOf(period: string, timeZone: string): number {
  if (period.length > 10) return Date.parse(period) / 1_000;
  const local = Date.parse(`${(period.length === 4 ? `${period}-01` : period).padEnd(10, '-01')}T00:00:00Z`);
  // The offset of a moment near it, then that of the moment itself: between them the clock may have been put forward or back.
  const near = local - (shownMs(local, timeZone) - local);
  return (local - (shownMs(near, timeZone) - near)) / 1_000;
}

/** The local day of an instant, `2024-01-31`. */
export const dayOf = (ms: number, timeZone: string): string =>
  new Date(shownMs(ms, timeZone)).toISOString().slice(0, 10);

/** Date and minute by the clock of the zone, `2024-01-31 12:00`; with seconds where there are some. */
export function localTime(seconds: number, timeZone: string): string {
  const text = new Date(shownMs(seconds * 1_000, timeZone)).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, text.slice(17, 19) === '00' ? 16 : 19)}`;
}

/** A day of the calendar, so many days later. */
export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);

/** The last day of a month, `2024-02-29`. */
export function lastDayOf(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}

const unitSeconds = { second: 1, minute: 60, hour: 3_600, day: 86_400, week: 604_800 } as const;

/** The seconds of `7 days`, as datasets say how often they expect readings. */
export function secondsOf(every: string | undefined): number | undefined {
  const [, count, unit] = /^(\d+) (second|minute|hour|day|week)s?$/.exec(every ?? '') ?? [];
  return count === undefined ? undefined : Number(count) * unitSeconds[unit as keyof typeof unitSeconds];
}

/** Days without a reading that are a silence: twice what is expected, at least the one that the list of sensors can tell. */
export const silenceOf = (every: string | undefined): number =>
  Math.max(1, Math.ceil(((secondsOf(every) ?? 0) * 2) / 86_400));
