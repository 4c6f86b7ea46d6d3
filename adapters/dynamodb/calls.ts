import {
  type DynamoDBDocumentClient,
  PutCommand,
  type PutCommandInput,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { reaching } from '../store-faults.ts';
import type { Item } from './batch.ts';
import { conditionHeld } from './conditions.ts';
import { lightCalls } from './light.ts';
import { fromWireItem, toWireItem, type WireItem } from './wire.ts';

/**
 * The calls that a merge makes by the hundreds, lightly first and then by the SDK: see `dynamodb-light.ts`. A write that had
 * its effect but lost its answer is made again, as the SDK does: its condition no longer holds then.
 */

/** Whether the condition held. */
export async function putIf(documents: DynamoDBDocumentClient, input: PutCommandInput): Promise<boolean> {
  const { kind } = await lightCalls(documents)('PutItem', wireInput(input));
  if (kind !== 'failed') return kind === 'done';
  return conditionHeld(documents.send(new PutCommand(input)));
}

/** Whether the condition held. */
export async function updateIf(
  documents: DynamoDBDocumentClient,
  input: UpdateCommandInput,
): Promise<boolean> {
  const { kind } = await lightCalls(documents)('UpdateItem', wireInput(input));
  if (kind !== 'failed') return kind === 'done';
  return conditionHeld(documents.send(new UpdateCommand(input)));
}

/** All items that a query finds, page by page. */
export async function queryAll(
  documents: DynamoDBDocumentClient,
  input: Omit<QueryCommandInput, 'ExclusiveStartKey'>,
): Promise<Item[]> {
  const items: Item[] = [];
  let from: Item | undefined;
  do {
    const page = await queryPage(documents, { ...input, ExclusiveStartKey: from });
    for (const item of page.items) items.push(item);
    from = page.next;
  } while (from !== undefined);
  return items;
}

async function queryPage(
  documents: DynamoDBDocumentClient,
  input: QueryCommandInput,
): Promise<{ items: Item[]; next: Item | undefined }> {
  const answer = await lightCalls(documents)('Query', wireInput(input));
  if (answer.kind === 'done') {
    const { Items = [], LastEvaluatedKey } = answer.output as {
      Items?: WireItem[];
      LastEvaluatedKey?: WireItem;
    };
    return { items: Items.map(fromWireItem), next: LastEvaluatedKey && fromWireItem(LastEvaluatedKey) };
  }
  const { Items = [], LastEvaluatedKey } = await reaching(documents.send(new QueryCommand(input)));
  return { items: Items, next: LastEvaluatedKey };
}

/** The members of an input that hold items or values of items. */
const itemMembers = ['Item', 'Key', 'ExpressionAttributeValues', 'ExclusiveStartKey'] as const;

function wireInput(input: PutCommandInput | QueryCommandInput | UpdateCommandInput): object {
  const wire: Record<string, unknown> = { ...input };
  for (const member of itemMembers) {
    const held = wire[member];
    if (typeof held === 'object' && held !== null) wire[member] = toWireItem(held);
  }
  return wire;
}
