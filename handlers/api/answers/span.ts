import { dayBoundsMs, dayName, monthBoundsMs, parseDay } from '../../../core/time/calendar.ts';
import { type Problem, problemOf } from '../http/problem.ts';

/** Kinds of periods that statistics are kept of, or follow from such; `all` is a span of days as one. */
export type PeriodKind = 'day' | 'month' | 'year' | 'all';

/** Periods from `from` to `to`, both inclusive. */
export interface Span {
  readonly period: PeriodKind;
  readonly from: string;
  readonly to: string;
}

/** A span as it is asked for: the hours of some days too, which are computed from the readings. */
export interface AskedSpan {
  readonly period: PeriodKind | 'hour';
  readonly from: string;
  readonly to: string;
}

/** Most periods of a span: a hundred years of months, ten of days. Of a span as one, and of hours, it is the days. */
const maxPeriods = { year: 200, month: 1_200, day: 3_660, hour: 3_660, all: 73_200 } as const;

const accepted = {
  year: 'a year, YYYY',
  month: 'a month, YYYY-MM',
  day: 'a day that exists, YYYY-MM-DD',
  all: 'a day that exists, YYYY-MM-DD',
} as const;

/** Checks a span's form, order and length. `from` and `to` of a span as one, and of hours, are still its days. */
export function checkSpan(span: AskedSpan): Problem | undefined {
  const { from, to } = span;
  const period = span.period === 'all' || span.period === 'hour' ? 'day' : span.period;
  for (const [name, value] of Object.entries({ from, to })) {
    if (indexOf(period, value) === undefined) {
      return invalid(
        name,
        `${name} is ${JSON.stringify(value)}, with period=${span.period}`,
        accepted[period],
      );
    }
  }
  if (from > to) return invalid('from', `from (${from}) is after to (${to})`, 'from before or equal to to');
  const periods = lengthOf({ period, from, to });
  const most = maxPeriods[span.period];
  if (periods > most)
    return invalid('to', `the span has ${periods} ${period}s`, `at most ${most} ${period}s`);
  return undefined;
}

const invalid = (parameter: string, found: string, accepted: string): Problem =>
  problemOf('invalid-parameter', { parameter, found, accepted });

/** A checked span as its periods are named: of a span as one there is a single period, named by both of its days. */
export function named({ period, from, to }: Span): Span {
  if (period !== 'all') return { period, from, to };
  return { period, from: `${from}/${to}`, to: `${from}/${to}` };
}

/** How many periods a checked span has. */
export function lengthOf({ period, from, to }: Span): number {
  return (indexOf(period, to) ?? 0) - (indexOf(period, from) ?? 0) + 1;
}

/** The period `by` periods after (or, negative, before) one of a checked span. */
export function shift(period: PeriodKind, name: string, by: number): string {
  if (period === 'all') return by === 0 ? name : behindAll;
  return nameOf(period, (indexOf(period, name) ?? 0) + by);
}

/** Comes behind every name: a span as one has no next period. */
const behindAll = '~';

/** Whether a name is a period of the span. */
export function isWithin({ period, from, to }: Span, name: string): boolean {
  return indexOf(period, name) !== undefined && from <= name && name <= to;
}

/** Number of a period, by which they can be counted; `undefined` when no period has that name. */
function indexOf(period: PeriodKind, name: string): number | undefined {
  if (period === 'day') return parseDay(name);
  if (period === 'all') return daysOf(name) && 0;
  const day = parseDay(period === 'year' ? `${name}-01-01` : `${name}-01`);
  if (day === undefined) return undefined;
  return period === 'year' ? Number(name) : Number(name.slice(0, 4)) * 12 + Number(name.slice(5)) - 1;
}

function nameOf(period: 'day' | 'month' | 'year', index: number): string {
  if (period === 'day') return dayName(index);
  if (period === 'year') return String(index).padStart(4, '0');
  return `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}`;
}

/** The kind of a period by its name. */
export function kindOf(period: string): PeriodKind {
  return ({ 4: 'year', 7: 'month', 10: 'day' } as const)[period.length] ?? 'all';
}

/** The first and the last day, by number, of a period, whatever its kind. `undefined` when no period has that name. */
export function daysOf(period: string): { first: number; last: number } | undefined {
  const [from = '', to = from] = period.split('/');
  const first = parseDay(`${from}-01-01`.slice(0, 10));
  const last = lastDayOf(to);
  return first === undefined || last === undefined ? undefined : { first, last };
}

function lastDayOf(period: string): number | undefined {
  if (period.length === 10) return parseDay(period);
  const month = period.length === 4 ? `${period}-12` : period;
  const first = parseDay(`${month}-01`);
  const next = first === undefined ? undefined : parseDay(`${shift('month', month, 1)}-01`);
  return next === undefined ? undefined : next - 1;
}

/** The instants, UTC ms, at which a period begins (inclusive) and ends (exclusive). @throws {RangeError} when there is no such period */
export function boundsMs(timeZone: string, period: string): { startMs: number; endMs: number } {
  if (period.length === 10) return dayBoundsMs(timeZone, period);
  if (period.length === 7) return monthBoundsMs(timeZone, period);
  const days = daysOf(period);
  if (days === undefined) throw new RangeError(`no such period: ${period}`);
  const { startMs } = dayBoundsMs(timeZone, dayName(days.first));
  return { startMs, endMs: dayBoundsMs(timeZone, dayName(days.last)).endMs };
}
