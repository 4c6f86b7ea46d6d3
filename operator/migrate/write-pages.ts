import { formatCount } from '../../cli/format.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import type { PartitionId } from '../../core/partition/partition.ts';
import { pagedOf } from '../../core/projections/states.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import { monthOf } from '../../core/time/calendar.ts';
import { settleMonth } from '../../handlers/ingest/merge-partition/settle-months.ts';
import {
  type PartitionPorts,
  settlePartition,
} from '../../handlers/ingest/merge-partition/settle-partition.ts';
import { mapBounded } from '../../ports/concurrency.ts';
import type { ReconcilePorts } from '../reconcile/reconcile-ports.ts';

/** Partitions in memory at once. */
const partitionsInFlight = 4;

/**
 * Makes the pages of every partition and month say what the partitions hold, a month of a shard after the other: exactly as a merge that
 * brings nothing. What is right is not written.
 */
export async function writePages(
  ports: PartitionPorts,
  {
    bucket,
    datasets,
    partitions,
    tell,
  }: {
    bucket: string;
    datasets: readonly Dataset[];
    partitions: ReconcilePorts['partitions'];
    tell: (text: string) => void;
  },
): Promise<{ partitions: number; written: number }> {
  const found = { partitions: 0, written: 0 };
  const counting: PartitionPorts = {
    ...ports,
    statistics: {
      ...ports.statistics,
      async write(...page) {
        const outcome = await ports.statistics.write(...page);
        if (outcome === 'written') found.written += 1;
        return outcome;
      },
    },
  };
  for (const dataset of datasets) {
    const months = new Map<string, PartitionId[]>();
    for await (const id of partitions(dataset, { from: undefined, to: undefined })) {
      const name = `${monthOf(id.day)}#${id.shard}`;
      months.set(name, [...(months.get(name) ?? []), id]);
    }
    for (const ids of months.values()) {
      const { shard, day } = ids[0] as PartitionId; // each has one
      const sensors = new Set<string>();
      await mapBounded(ids, partitionsInFlight, async (id) => {
        const readings = new ColumnsBuilder(dataset).build();
        const { columns } = await settlePartition(counting, { bucket, dataset, id, readings, isWhole: true });
        for (const sensorId of columns.sensors) sensors.add(sensorId);
      });
      const bringDays = async () => {}; // they are there
      const days = ids.map((id) => id.day);
      for (const paged of pagedOf(dataset)) {
        const month = { dataset: paged.storageName, shard, period: monthOf(day) };
        await settleMonth(counting, { dataset: paged, month, sensorIds: [...sensors], days, bringDays });
      }
      found.partitions += ids.length;
      tell(`${dataset.name}: ${formatCount(found.partitions)} partitions`);
    }
  }
  return found;
}
