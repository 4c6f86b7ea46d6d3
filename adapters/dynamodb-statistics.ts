import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { StatisticsStore, StoredStatistics } from '../handlers/record-ports.ts';
import { batchGet } from './dynamodb-batch.ts';
import { conditionHeld } from './dynamodb-conditions.ts';
import { fromItem, seriesKey, statisticsKey, toItem } from './statistics-item.ts';
import { reaching } from './store-faults.ts';

/** The statistics table. */
export function createStatisticsStore(documents: DynamoDBDocumentClient, table: string): StatisticsStore {
  return {
    async read(keys) {
      const items = await batchGet(documents, table, keys.map(statisticsKey));
      return items.map((item) => item && fromItem(item));
    },

    async readDaysOfMonth({ dataset, sensorId, period }) {
      const days: StoredStatistics[] = [];
      let from: Record<string, unknown> | undefined;
      do {
        const page = await reaching(
          documents.send(
            new QueryCommand({
              TableName: table,
              ConsistentRead: true,
              KeyConditionExpression: 'pk = :series AND begins_with(sk, :month)',
              ExpressionAttributeValues: {
                ':series': seriesKey(dataset, sensorId),
                ':month': `day#${period}-`,
              },
              ExclusiveStartKey: from,
            }),
          ),
        );
        days.push(...(page.Items ?? []).map(fromItem));
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      return days;
    },

    async write(key, value) {
      const held = await conditionHeld(
        documents.send(
          new PutCommand({
            TableName: table,
            Item: toItem(key, value),
            ConditionExpression: 'attribute_not_exists(version) OR version < :version',
            ExpressionAttributeValues: { ':version': value.version },
          }),
        ),
      );
      return held ? 'written' : 'superseded';
    },
  };
}
