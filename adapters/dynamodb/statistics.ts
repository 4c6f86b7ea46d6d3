import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { StatisticsStore } from '../../ports/records.ts';
import { batchGet } from './batch.ts';
import { putIf, queryAll } from './calls.ts';
import { fromItem, seriesKey, statisticsKey, toItem } from './statistics-item.ts';

/** The statistics table. */
export function createStatisticsStore(documents: DynamoDBDocumentClient, table: string): StatisticsStore {
  return {
    async read(keys) {
      const items = await batchGet(documents, table, keys.map(statisticsKey));
      return items.map((item) => item && fromItem(item));
    },

    async readDaysOfMonth({ dataset, sensorId, period }) {
      const items = await queryAll(documents, {
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :series AND begins_with(sk, :month)',
        ExpressionAttributeValues: { ':series': seriesKey(dataset, sensorId), ':month': `day#${period}-` },
      });
      return items.map(fromItem);
    },

    async write(key, value) {
      const held = await putIf(documents, {
        TableName: table,
        Item: toItem(key, value),
        ConditionExpression: 'attribute_not_exists(version) OR version < :version',
        ExpressionAttributeValues: { ':version': value.version },
      });
      return held ? 'written' : 'superseded';
    },
  };
}
