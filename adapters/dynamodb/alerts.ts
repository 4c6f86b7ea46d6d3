import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { AlertBook } from '../../ports/records.ts';
import { alertKey, contentAttributes, fromAlertItem, toAlertItem } from './alert-item.ts';
import { batchGet } from './batch.ts';
import { putIf, updateIf } from './calls.ts';
import { updateExpression } from './update-expression.ts';

/** The alerts table, as the merge sees it. */
export function createAlertBook(documents: DynamoDBDocumentClient, table: string): AlertBook {
  return {
    async read(keys) {
      const items = await batchGet(documents, table, keys.map(alertKey));
      return items.map((item) => item && fromAlertItem(item));
    },

    async create(key, { content, version, createdAt }) {
      const held = await putIf(documents, {
        TableName: table,
        Item: toAlertItem(key, content, version, createdAt),
        ConditionExpression: 'attribute_not_exists(pk)',
      });
      return held ? 'written' : 'conflict';
    },

    async revise(key, { read, content, version, reopen }) {
      const set = { ...contentAttributes(content), version, ...(reopen ? { pending: '1' } : {}) };
      const { ExpressionAttributeValues, ...update } = updateExpression({
        set: { ...set, state: reopen ? 'pending' : read.state },
      });
      const held = await updateIf(documents, {
        TableName: table,
        Key: alertKey(key),
        ...update,
        ConditionExpression: '#version = :readVersion AND #state = :readState',
        ExpressionAttributeValues: {
          ...ExpressionAttributeValues,
          ':readVersion': read.version,
          ':readState': read.state,
        },
      });
      return held ? 'written' : 'conflict';
    },
  };
}
