import { dayName, parseDay } from '../../../core/time/calendar.ts';
import { type Problem, problemOf } from '../http/problem.ts';

export type PeriodKind = 'day' | 'month';

/** Days or months from `from` to `to`, both inclusive. */
export interface Span {
  readonly period: PeriodKind;
  readonly from: string;
  readonly to: string;
}

/** Most periods of a span: a hundred years of months, ten of days. */
const maxPeriods = { month: 1_200, day: 3_660 } as const;

const accepted = { month: 'a month, YYYY-MM', day: 'a day that exists, YYYY-MM-DD' } as const;

/** Checks a span's form, order and length. */
export function checkSpan(span: Span): Problem | undefined {
  const { period, from, to } = span;
  for (const [name, value] of Object.entries({ from, to })) {
    if (indexOf(period, value) === undefined) {
      return invalid(name, `${name} is ${JSON.stringify(value)}, with period=${period}`, accepted[period]);
    }
  }
  if (from > to) return invalid('from', `from (${from}) is after to (${to})`, 'from before or equal to to');
  const periods = lengthOf(span);
  if (periods > maxPeriods[period]) {
    return invalid('to', `the span has ${periods} ${period}s`, `at most ${maxPeriods[period]} ${period}s`);
  }
  return undefined;
}

const invalid = (parameter: string, found: string, accepted: string): Problem =>
  problemOf('invalid-parameter', { parameter, found, accepted });

/** How many periods a checked span has. */
export function lengthOf({ period, from, to }: Span): number {
  return (indexOf(period, to) ?? 0) - (indexOf(period, from) ?? 0) + 1;
}

/** The period `by` periods after (or, negative, before) one of a checked span. */
export function shift(period: PeriodKind, name: string, by: number): string {
  return nameOf(period, (indexOf(period, name) ?? 0) + by);
}

/** Whether a name is a period of the span. */
export function isWithin({ period, from, to }: Span, name: string): boolean {
  return indexOf(period, name) !== undefined && from <= name && name <= to;
}

/** Number of a period, by which they can be counted; `undefined` when no period has that name. */
function indexOf(period: PeriodKind, name: string): number | undefined {
  if (period === 'day') return parseDay(name);
  const day = parseDay(`${name}-01`);
  return day === undefined ? undefined : Number(name.slice(0, 4)) * 12 + Number(name.slice(5)) - 1;
}

function nameOf(period: PeriodKind, index: number): string {
  if (period === 'day') return dayName(index);
  return `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}`;
}
