import { type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { AlertKey, AlertOutbox } from '../../ports/records.ts';
import { asFault, nameOf, reaching } from '../store-faults.ts';
import { alertKey, alertKeyOf, fromAlertItem } from './alert-item.ts';
import type { Item, ItemKey } from './batch.ts';
import { conditionHeld } from './conditions.ts';

/** The alerts table, as the notifier sees it: the sparse index `pending`, and the items behind it. */
export function createAlertOutbox(documents: DynamoDBDocumentClient, table: string): AlertOutbox {
  return {
    async *pending(): AsyncGenerator<AlertKey> {
      let from: Record<string, unknown> | undefined;
      do {
        const page = await reaching(
          documents.send(
            new QueryCommand({
              TableName: table,
              IndexName: 'pending',
              KeyConditionExpression: 'pending = :one',
              ExpressionAttributeValues: { ':one': '1' },
              ExclusiveStartKey: from,
            }),
          ),
        );
        for (const item of page.Items ?? []) yield alertKeyOf(item as unknown as ItemKey); // an index holds its table's keys
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
    },

    async claim(key, { owner, nowMs, leaseMs }) {
      try {
        const { Attributes } = await documents.send(
          new UpdateCommand({
            TableName: table,
            Key: alertKey(key),
            UpdateExpression: 'SET leaseOwner = :owner, leaseUntil = :until',
            ConditionExpression:
              'attribute_exists(pending) AND (attribute_not_exists(leaseUntil) OR leaseUntil < :now OR leaseOwner = :owner)',
            ExpressionAttributeValues: { ':owner': owner, ':now': nowMs, ':until': nowMs + leaseMs },
            ReturnValues: 'ALL_NEW',
          }),
        );
        return fromAlertItem(Attributes as Item); // ALL_NEW answers the item
      } catch (fault) {
        if (nameOf(fault) === 'ConditionalCheckFailedException') return undefined;
        throw asFault(fault);
      }
    },

    async close(key, closing) {
      const told = 'sentAt' in closing;
      await conditionHeld(
        documents.send(
          new UpdateCommand({
            TableName: table,
            Key: alertKey(key),
            UpdateExpression: `SET #state = :sent${told ? ', sentAt = :sentAt' : ''} REMOVE pending, leaseOwner, leaseUntil`,
            ConditionExpression: `attribute_exists(pending)${told ? '' : ' AND version = :version'}`,
            ExpressionAttributeNames: { '#state': 'state' },
            ExpressionAttributeValues: {
              ':sent': 'sent',
              ...(told ? { ':sentAt': closing.sentAt } : { ':version': closing.version }),
            },
          }),
        ),
      );
    },
  };
}
