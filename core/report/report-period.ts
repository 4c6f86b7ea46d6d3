import { daysOfMonth, monthAfter } from '../time/calendar.ts';

/** Of which time a report is. Days are `YYYY-MM-DD`. */
export interface ReportPeriod {
  readonly kind: 'month' | 'year';
  /** As it was typed: `2026-05`, `2026`. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly start: string;
  /** The first day behind it. */
  readonly end: string;
  /** The first day of the one before it. */
  readonly before: string;
  readonly days: readonly string[];
  /** First days of the twelve months up to its end. */
  readonly months: readonly string[];
}

/**
 * The month or year of a name.
 * @returns undefined for what is neither `YYYY-MM` nor `YYYY`: it goes into SQL
 */
export function reportPeriod(name: string): ReportPeriod | undefined {
  const [, year, month] = /^(\d{4})(?:-(0[1-9]|1[0-2]))?$/.exec(name) ?? [];
  if (year === undefined) return undefined;
  const kind = month === undefined ? 'year' : 'month';
  const first = `${year}-${month ?? '01'}`;
  const length = kind === 'year' ? 12 : 1;
  const last = monthAfter(first, length - 1);
  const months = Array.from({ length }, (_, index) => monthAfter(first, index));
  const monthName = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });
  return {
    ...{ kind, name },
    title: kind === 'year' ? year : monthName.format(new Date(`${first}-01T00:00:00Z`)),
    start: `${first}-01`,
    end: `${monthAfter(last, 1)}-01`,
    before: `${monthAfter(first, -length)}-01`,
    days: months.flatMap(daysOfMonth),
    months: Array.from({ length: 12 }, (_, index) => `${monthAfter(last, index - 11)}-01`),
  };
}
