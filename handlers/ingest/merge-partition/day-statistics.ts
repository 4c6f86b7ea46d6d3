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
