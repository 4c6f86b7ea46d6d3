import { instantsOf, isWithin, startOfDay, timeOfDayMs, utcMs } from './calendar.ts';
import { dayMs } from './duration.ts';
import { timeZoneNamed } from './time-zone.ts';

/** Regular expression of each token: a single letter takes one or two digits, a double one exactly two. */
const tokens: Readonly<Record<string, string>> = {
  yyyy: '\\d{4}',
  MM: '\\d{2}',
  M: '\\d{1,2}',
  dd: '\\d{2}',
  d: '\\d{1,2}',
  HH: '\\d{2}',
  H: '\\d{1,2}',
  mm: '\\d{2}',
  ss: '\\d{2}',
  SSS: '\\d{3}',
};

/** What is wrong with a date format, as a text of what is accepted; `undefined` when it is sound. */
export function checkFormat(format: unknown): string | undefined {
  const accepted =
    'iso, or yyyy, M or MM, d or dd, and optionally H or HH, mm, ss, SSS, each once, with separators';
  if (format === 'iso') return undefined;
  if (typeof format !== 'string') return accepted;
  const words = format.match(/[A-Za-z]+/g) ?? [];
  const kinds = words.map((word) => (Object.hasOwn(tokens, word) ? word.charAt(0) : undefined));
  const sound =
    !kinds.includes(undefined) &&
    new Set(kinds).size === kinds.length &&
    ['y', 'M', 'd'].every((kind) => kinds.includes(kind)) &&
    (!kinds.includes('m') || kinds.includes('H')) &&
    (!kinds.includes('s') || kinds.includes('m')) &&
    (!kinds.includes('S') || kinds.includes('s'));
  return sound ? undefined : accepted;
}

interface Pattern {
  readonly expression: RegExp;
  readonly hasTime: boolean;
}
const patterns = new Map<string, Pattern>();

function patternOf(format: string): Pattern {
  let pattern = patterns.get(format);
  if (pattern === undefined) {
    const source = format.replace(/[A-Za-z]+|[^A-Za-z]/g, (piece) =>
      tokens[piece]
        ? `(?<${piece.charAt(0)}>${tokens[piece]})`
        : piece.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'),
    );
    pattern = { expression: new RegExp(`^${source}$`), hasTime: format.includes('H') };
    patterns.set(format, pattern);
  }
  return pattern;
}

/**
 * The instants, UTC ms in order, of a local date, or date and time, written in `format` (see {@link checkFormat}): two for a time that
 * the clock showed twice, in the hour that is repeated when summer time ends. A date alone is the first instant of its day. None
 * when the text has another form, the date doesn't exist, the clock skipped the time, or the year is outside 1970 to 2099.
 */
export function parseLocal(text: string, format: string, timeZone: string): readonly number[] {
  return readLocal(text, format, timeZone).filter(isWithin);
}

/**
 * As {@link parseLocal}, of the years 100 to 9999: what can be read and is no time that can be stored. More than a day outside of 1970 to
 * 2099 it is taken for UTC, since nothing but that is asked of it.
 */
export function readLocal(text: string, format: string, timeZone: string): readonly number[] {
  const { expression, hasTime } = patternOf(format);
  const groups = expression.exec(text)?.groups;
  if (!groups) return [];
  const dateMs = utcMs(Number(groups.y), Number(groups.M), Number(groups.d));
  if (dateMs === undefined) return [];
  const timeMs = timeOfDayMs(
    Number(groups.H ?? 0),
    Number(groups.m ?? 0),
    Number(groups.s ?? 0),
    Number(groups.S ?? 0),
  );
  if (timeMs === undefined) return [];
  const isFar = !isWithin(dateMs - dayMs) && !isWithin(dateMs + 2 * dayMs);
  if (isFar) return [dateMs + timeMs];
  const zone = timeZoneNamed(timeZone);
  if (hasTime) return instantsOf(zone, dateMs + timeMs);
  const start = startOfDay(zone, dateMs / dayMs);
  return start + zone.offsetMs(start) < dateMs + dayMs ? [start] : [];
}
