import { localTime } from './time.ts';

/** Numbers and times as the page's language writes them. */

/** The page's language, as the person's own country writes it where that is known: 4/11 is not the same day everywhere. */
function language(): string {
  const chosen = document.documentElement.lang || 'en';
  return navigator.languages.find((each) => each.split('-')[0] === chosen) ?? chosen;
}
const made = new Map<string, Intl.NumberFormat>();

function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language()} ${JSON.stringify(options)}`;
  const known = made.get(key);
  if (known) return known;
  const format = new Intl.NumberFormat(language(), options);
  made.set(key, format);
  return format;
}

/** A count, in full. */
export const count = (value: number): string => numberFormat({}).format(value);

/** A measured value: six digits say more than sensors know. The API and the CSV have all of them. */
export const measured = (value: number): string =>
  numberFormat({ maximumSignificantDigits: 6 }).format(value === 0 ? 0 : value);

/** A share from 0 to 1. Never 100 % where something is missing, nor 0 % where there is something. */
export function share(value: number): string {
  const shown = value < 1 && value > 0.999 ? 0.999 : value > 0 && value < 0.001 ? 0.001 : value;
  return numberFormat({ style: 'percent', maximumFractionDigits: 1 }).format(shown);
}

/** An instant by the clock of a time zone, to the second, with its digits in the order of all dates here: `2024-01-31 12:00:00`. */
export function instant(when: string, timeZone: string): string {
  const text = localTime(Date.parse(when) / 1_000, timeZone);
  return text.length === 16 ? `${text}:00` : text;
}

/** The same where nothing beside it says of which clock it is. */
export const zoned = (when: string, timeZone: string): string => `${instant(when, timeZone)} (${timeZone})`;

/** How long ago: `3 minutes ago`. */
export function ago(when: string | number | Date, nowMs: number): string {
  const seconds = Math.round((new Date(when).getTime() - nowMs) / 1_000);
  const steps = [
    ['year', 31_556_952],
    ['month', 2_629_746],
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const;
  const format = new Intl.RelativeTimeFormat(language(), { numeric: 'auto' });
  for (const [unit, length] of steps)
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit);
  return format.format(seconds, 'second');
}

/** A duration: `850 ms`, `12.4 s`, `3 min 5 s`, `2 h 10 min`, `56 d 16 h`. */
export function took(ms: number): string {
  const whole = (value: number) => numberFormat({ maximumFractionDigits: 0 }).format(value);
  if (ms < 1_000) return `${whole(Math.max(0, ms))} ms`;
  const seconds = Math.round(ms / 1_000);
  if (ms < 60_000) return `${numberFormat({ maximumFractionDigits: 1 }).format(ms / 1_000)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 2 * 86_400)
    return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
  return `${whole(Math.floor(seconds / 86_400))} d ${Math.floor((seconds % 86_400) / 3_600)} h`;
}

/** How long `7 days` are, as datasets say it, in the page's words. */
export function spelled(every: string): string {
  const [, number, unit] = /^(\d+) (second|minute|hour|day|week)s?$/.exec(every) ?? [];
  if (number === undefined || unit === undefined) return every;
  return numberFormat({ style: 'unit', unit, unitDisplay: 'long' }).format(Number(number));
}

/** An instant, in UTC as the executions' names and logs have it: `2026-11-26 21:14:05`. */
export const clock = (instant: string): string => instant.slice(0, 19).replace('T', ' ');

/** `12 bytes`, `3.4 MiB`. */
export function sizeOf(bytes: number): string {
  if (bytes < 1_024) return `${count(bytes)} bytes`;
  const [size, unit] = bytes < 2 ** 20 ? [bytes / 1_024, 'KiB'] : [bytes / 2 ** 20, 'MiB'];
  return `${count(Math.round(size * 10) / 10)} ${unit}`;
}
