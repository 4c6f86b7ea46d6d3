import type { Dataset } from '../../../core/dataset/dataset.ts';
import { partitionKey, splitByPartition } from '../../../core/partition/partition.ts';
import type { Columns } from '../../../core/set/columns.ts';
import { ColumnsBuilder } from '../../../core/set/row-buffer.ts';
import { union } from '../../../core/set/union.ts';
import {
  mergeStatistics,
  type PeriodStatistics,
  statisticsByDay,
} from '../../../core/statistics/statistics.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import type { StatisticsQueries } from '../../../ports/queries.ts';
import type { DatasetChanges } from './changes.ts';

/** A month of a series before and after. */
export interface MonthEffect {
  readonly dataset: Dataset;
  readonly sensorId: string;
  /** Local, `YYYY-MM`. */
  readonly month: string;
  readonly before: PeriodStatistics;
  readonly after: PeriodStatistics;
}

/** Months whose statistics are asked for at a time. */
const monthsInFlight = 8;

/** What changes would make of the months of their series: from the sets with the changes in them, and the stored days beside them. */
export async function effectsOf(
  statistics: Pick<StatisticsQueries, 'ofSeries'>,
  { dataset, changes, partitions }: DatasetChanges,
): Promise<MonthEffect[]> {
  const builder = new ColumnsBuilder(dataset);
  // Of the stored revision, and above every upload of it: as the lines will be.
  for (const { stored, reading } of changes)
    builder.add({ ...reading, revision: stored.reading.revision }, Number.MAX_SAFE_INTEGER);
  const changed = new Map(
    splitByPartition(dataset, builder.build()).map(({ id, columns }) => [partitionKey(dataset, id), columns]),
  );
  /** By month and sensor, then by day. */
  const days = new Map<string, Map<string, PeriodStatistics>>();
  for (const { id, columns } of partitions) {
    const part = changed.get(partitionKey(dataset, id)) as Columns; // each has a change
    const after = statisticsByDay(dataset, union(dataset, columns, part).columns, new Set(part.sensors));
    for (const [sensorId, of] of after) {
      const key = `${id.day.slice(0, 7)} ${sensorId}`;
      days.set(key, (days.get(key) ?? new Map<string, PeriodStatistics>()).set(id.day, of));
    }
  }
  const months = [...days].sort(([a], [b]) => (a < b ? -1 : 1));
  return await mapBounded(months, monthsInFlight, async ([key, changedDays]) => {
    const [month, sensorId] = [key.slice(0, 7), key.slice(8)];
    const { rows } = await statistics.ofSeries({
      ...{ dataset, sensorId },
      ...{ from: `${month}-01`, to: `${month}-31`, limit: 31 },
    });
    const before = new Map(rows.map(({ period, statistics: of }) => [period, of]));
    const merged = new Map([...before, ...changedDays]);
    return {
      ...{ dataset, sensorId, month },
      before: mergeStatistics(dataset, [...before.values()]),
      after: mergeStatistics(dataset, [...merged.values()]),
    };
  });
}
