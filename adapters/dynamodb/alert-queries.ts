import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { AlertQueries, AlertRow } from '../../ports/queries.ts';
import { reaching } from '../store-faults.ts';
import { alertKey, alertKeyOf, fromAlertItem } from './alert-item.ts';
import type { Item, ItemKey } from './batch.ts';

/** The index `by-day` of the alerts table. */
export function createAlertQueries(documents: DynamoDBDocumentClient, table: string): AlertQueries {
  return {
    async ofDays({ dataset, from, to, after, limit }) {
      const datasetMonth = `${dataset}#${from.slice(0, 7)}`;
      const page = await reaching(
        documents.send(
          new QueryCommand({
            TableName: table,
            IndexName: 'by-day',
            KeyConditionExpression: 'datasetMonth = :month AND sk BETWEEN :from AND :to',
            ExpressionAttributeValues: {
              ':month': datasetMonth,
              ':from': `${from}#`,
              ':to': `${to}$`, // after every `<to>#…`: `$` follows `#`
            },
            ExclusiveStartKey: after && { datasetMonth, ...alertKey({ dataset, ...after }) },
            Limit: limit,
          }),
        ),
      );
      return { rows: (page.Items ?? []).map(toRow), more: page.LastEvaluatedKey !== undefined };
    },
  };
}

function toRow(item: Item): AlertRow {
  const { sensorId, day, rule } = alertKeyOf(item as unknown as ItemKey); // an index holds its table's keys
  const { content, sentAt } = fromAlertItem(item);
  const row = { sensorId, day, rule, content, createdAt: String(item.createdAt) };
  return sentAt === undefined ? row : { ...row, sentAt };
}
