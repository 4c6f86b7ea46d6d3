import type { Dataset } from '../../../core/dataset/dataset.ts';
import { partitionKey } from '../../../core/partition/partition.ts';
import { ColumnsBuilder } from '../../../core/set/row-buffer.ts';
import { daysOfMonth } from '../../../core/time/calendar.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import type { MergeUnit } from '../../../ports/inbox.ts';
import { type PartitionPorts, settlePartition } from './settle-partition.ts';

/** Days that are looked for at once; those that are found hold their set in memory. */
const daysInFlight = 4;

/**
 * Writes the pages of every partition of a unit's month that has none, as its set has them: after an upgrade from a version that kept
 * statistics otherwise, or that had no projections. Answers how many there were.
 * @throws what {@link settlePartition} throws
 */
export async function settleUnpagedDays(
  ports: PartitionPorts,
  {
    bucket,
    dataset,
    paged = dataset,
    unit,
  }: {
    bucket: string;
    dataset: Dataset;
    /** Whose pages are looked for: the dataset's, or those of its projections. */
    paged?: Dataset;
    unit: MergeUnit;
  },
): Promise<number> {
  const month = { dataset: paged.storageName, shard: unit.shard, period: unit.month };
  const known = await ports.statistics.daysOfMonth(month, 0, 'all');
  const unpaged = daysOfMonth(unit.month).filter((day) => !known.has(day));
  const settled = await mapBounded(unpaged, daysInFlight, async (day) => {
    const id = { dataset: dataset.name, day, shard: unit.shard };
    const file = await ports.objects.describe({ bucket, key: partitionKey(dataset, id) });
    if (file === undefined) return 0;
    await settlePartition(ports, { bucket, dataset, id, readings: new ColumnsBuilder(dataset).build() });
    return 1;
  });
  return settled.reduce((sum: number, one) => sum + one, 0);
}
