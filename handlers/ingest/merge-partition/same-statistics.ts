import type { PeriodStatistics } from '../../../core/statistics/statistics.ts';

/** Whether two statistics are the same to the bit, whatever the order of their names. -0 is 0, as it is once stored. */
export function sameStatistics(a: PeriodStatistics, b: PeriodStatistics): boolean {
  return canonical(a) === canonical(b);
}

function canonical({ count, measures, alerts }: PeriodStatistics): string {
  return JSON.stringify([count, byName(measures), byName(alerts)]);
}

/** The entries sorted by name, their fields too. */
function byName(record: Readonly<Record<string, object>>): unknown[] {
  return Object.entries(record)
    .map(([name, value]) => [name, Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
