import type { Request } from '../../api/client.ts';
import { exactly } from '../../parts/sensor-ids.ts';
import { addDays, daysBetween } from '../../parts/time.ts';

export const periods = ['month', 'day', 'hour', 'raw'] as const;
export type Period = (typeof periods)[number];

/** Rows of statistics that one chart takes; a span of more is shown by a longer period. */
export const maxRows = 20_000;

/** Days, both included. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

export const comparisons = ['before', 'year'] as const;

/** What a span is compared with: as many days before it, or the same days a year (52 weeks, so that weekdays meet) earlier. */
export function earlier(
  { from, to }: Span,
  compare: (typeof comparisons)[number],
): Span & { readonly days: number } {
  const days = compare === 'year' ? 364 : daysBetween(from, to) + 1;
  return { from: addDays(from, -days), to: addDays(to, -days), days };
}

interface StatisticsQuestion extends Span {
  readonly dataset: string;
  readonly period: Exclude<Period, 'raw'>;
  readonly sensors: readonly string[];
  readonly quantiles: boolean;
}

/** The request of statistics: of all sensors merged where none is named. */
export function statisticsRequest(question: StatisticsQuestion) {
  const { dataset, period, sensors, quantiles, from, to } = question;
  const cut = (day: string): string => (period === 'month' ? day.slice(0, 7) : day);
  return {
    operation: 'queryStatistics',
    parameters: {
      dataset,
      period,
      from: cut(from),
      to: cut(to),
      limit: '1000',
      sensor: sensors.length === 0 ? undefined : sensors.map(exactly).join(','),
      by: sensors.length > 1 ? ('sensor' as const) : undefined,
      quantiles: quantiles ? '0.05,0.5,0.95' : undefined,
    },
  } as const satisfies Request;
}
