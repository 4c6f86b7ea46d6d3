import {
  BatchWriteCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  PutCommand,
  paginateScan,
  type ScanCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { reaching, reachingEach } from '../store-faults.ts';
import { alertKey, alertKeyOf } from './alerts-table.ts';
import { ifHeld } from './calls.ts';
import type { Item, ItemKey } from './items.ts';

/*
 * What versions before pages of statistics left in the tables: an item for each series' day and month, and alerts that are keyed by their
 * series. Only the operator's `migrate` uses this; no role of Caudal may scan or delete.
 */

/** DynamoDB's own bound. */
const deletesPerCall = 25;

/** Keys of the items of series. Eventually consistent; reads the whole table. */
export async function* earlierStatistics(
  documents: DynamoDBDocumentClient,
  table: string,
): AsyncGenerator<ItemKey> {
  const items = scan(documents, {
    TableName: table,
    FilterExpression: 'begins_with(sk, :day) OR begins_with(sk, :month)',
    ExpressionAttributeValues: { ':day': 'day#', ':month': 'month#' },
    ProjectionExpression: 'pk, sk',
  });
  for await (const { pk, sk } of items) yield { pk: String(pk), sk: String(sk) };
}

/** Removes items; a key that is not there is none. */
export async function removeItems(
  documents: DynamoDBDocumentClient,
  table: string,
  keys: readonly ItemKey[],
): Promise<void> {
  for (let at = 0; at < keys.length; at += deletesPerCall) {
    let left: unknown[] = keys
      .slice(at, at + deletesPerCall)
      .map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } }));
    while (left.length > 0) {
      const requests = { [table]: left as { DeleteRequest: { Key: ItemKey } }[] };
      const answer = await reaching(documents.send(new BatchWriteCommand({ RequestItems: requests })));
      left = answer.UnprocessedItems?.[table] ?? [];
    }
  }
}

/** Alerts that are keyed by their series. Eventually consistent; reads the whole table. */
export function earlierAlerts(documents: DynamoDBDocumentClient, table: string): AsyncGenerator<Item> {
  return scan(documents, {
    TableName: table,
    FilterExpression: 'attribute_not_exists(#shard)',
    ExpressionAttributeNames: { '#shard': 'shard' },
  });
}

/** Puts an alert under the key of its partition, unless there is one, and removes it where it was. */
export async function moveAlert(
  documents: DynamoDBDocumentClient,
  table: string,
  alert: Item,
  shard: number,
): Promise<void> {
  const { pk, sk, leaseOwner, leaseUntil, ...content } = alert;
  const Item = { ...content, shard, ...alertKey({ ...alertKeyOf(alert), shard }) };
  await ifHeld(
    documents.send(
      new PutCommand({ TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' }),
    ),
  );
  await reaching(documents.send(new DeleteCommand({ TableName: table, Key: { pk, sk } })));
}

async function* scan(documents: DynamoDBDocumentClient, input: ScanCommandInput): AsyncGenerator<Item> {
  for await (const { Items = [] } of reachingEach(paginateScan({ client: documents }, input))) yield* Items;
}
