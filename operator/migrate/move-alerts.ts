import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { earlierAlerts, moveAlert } from '../../adapters/dynamodb/earlier-items.ts';
import { formatCount } from '../../cli/format.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { shardOf } from '../../core/partition/partition.ts';

/**
 * Moves alerts that are keyed by their series under their partitions, with their state: nobody is notified again.
 * @returns `unknown` names datasets, or generations, that are no longer declared: their alerts stay
 */
export async function moveEarlierAlerts({
  documents,
  table,
  datasets,
  tell,
}: {
  documents: DynamoDBDocumentClient;
  table: string;
  datasets: readonly Dataset[];
  tell: (text: string) => void;
}): Promise<{ moved: number; unknown: string[] }> {
  const unknown = new Set<string>();
  let moved = 0;
  for await (const alert of earlierAlerts(documents, table)) {
    const dataset = datasets.find(({ storageName }) => storageName === alert.dataset);
    if (dataset === undefined) {
      unknown.add(String(alert.dataset));
      continue;
    }
    await moveAlert(documents, table, alert, shardOf(String(alert.sensorId), dataset.shards));
    moved += 1;
    tell(`${formatCount(moved)} alerts moved`);
  }
  return { moved, unknown: [...unknown].sort() };
}
