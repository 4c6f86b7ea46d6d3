import { partitionKey } from '../../../core/partition/partition.ts';
import { decodePartition } from '../../../core/partition/partition-file.ts';
import { union } from '../../../core/set/union.ts';
import { settlePartition as rightSettle } from '../../../handlers/ingest/merge-partition/settle-partition.ts';

/** Takes a file that has all of the readings for a sign that its pages and alerts have them too: a crash may have come between. */
export const settlePartition: typeof rightSettle = async (ports, task) => {
  const { bucket, dataset, id, readings } = task;
  const file = await ports.objects.read({ bucket, key: partitionKey(dataset, id) });
  if (file === undefined) return rightSettle(ports, task);
  const { columns } = await decodePartition(dataset, file.bytes);
  const { columns: united, ...counts } = union(dataset, columns, readings);
  return united === columns ? { ...counts, columns, newAlerts: 0, conflicts: 0 } : rightSettle(ports, task);
};
