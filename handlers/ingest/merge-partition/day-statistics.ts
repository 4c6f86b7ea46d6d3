import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { Columns } from '../../../core/set/columns.ts';
import { type PeriodStatistics, seriesStatistics } from '../../../core/statistics/statistics.ts';

/** About half a millisecond. */
const rowsAtOnce = 20_000;

/**
 * The statistics of the given sensors in a partition's set. It lets the event loop turn in between, so that a file that is on
 * its way to S3 goes on: the time in which a Lambda would only wait for S3 is enough for it.
 */
export async function computeDays(
  dataset: Dataset,
  columns: Columns,
  sensorIds: readonly string[],
): Promise<Map<string, PeriodStatistics>> {
  const computed = new Map<string, PeriodStatistics>();
  let rows = 0;
  for (const [sensorId, statistics] of seriesStatistics(dataset, columns, new Set(sensorIds))) {
    computed.set(sensorId, statistics);
    rows += statistics.count;
    if (rows < rowsAtOnce) continue;
    rows = 0;
    await turnOfTheLoop();
  }
  return computed;
}

/** Whether two statistics are the same to the bit, whatever the order of their names. -0 is 0, as it is once stored. */
export function sameStatistics(a: PeriodStatistics, b: PeriodStatistics): boolean {
  return canonical(a) === canonical(b);
}

function canonical({ count, contested, measures, alerts }: PeriodStatistics): string {
  return JSON.stringify([count, contested, byName(measures), byName(alerts)], (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

/** The entries sorted by name, their fields too. */
function byName(record: Readonly<Record<string, object>>): unknown[] {
  return Object.entries(record)
    .map(([name, value]) => [name, Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
