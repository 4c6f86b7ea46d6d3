import { setTimeout as pause } from 'node:timers/promises';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  type BatchWriteCommandOutput,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
} from '@aws-sdk/lib-dynamodb';
import { mapBounded } from '../../ports/concurrency.ts';
import { StoreUnavailable } from '../../ports/faults.ts';
import { asFault, nameOf, reaching } from '../store-faults.ts';
import type { Item, ItemKey } from './items.ts';

/** DynamoDB's own bounds. */
const keysPerCall = 100;
const putsPerCall = 25;
const callsInFlight = 8;
/** 50, 100, 200 … 6,400 ms: gives up after 12.75 s at the most, well within the functions' timeouts. */
const maxRounds = 8;
/** Writers of one item at once: each time one of them gets through. */
const rewriteAttempts = 8;

/**
 * Sends any number of parts of a request, `perCall` to a call. What a call leaves undone is sent again.
 * @param of.left what is said of parts that stay undone
 * @param send answers with what it left undone
 * @throws {StoreUnavailable} when parts stay undone; a retry helps
 */
export async function sendAll<Part>(
  parts: readonly Part[],
  { table, perCall, left: undone }: { table: string; perCall: number; left: string },
  send: (parts: Part[]) => Promise<Part[]>,
): Promise<void> {
  const chunks = Array.from({ length: Math.ceil(parts.length / perCall) }, (_, n) =>
    parts.slice(n * perCall, (n + 1) * perCall),
  );
  await mapBounded(chunks, callsInFlight, async (chunk) => {
    let left = chunk;
    for (let round = 0; left.length > 0; round++) {
      if (round === maxRounds) throw new StoreUnavailable(`${table}: ${left.length} ${undone}`);
      if (round > 0) await pause(Math.random() * 50 * 2 ** (round - 1));
      left = await send(left);
    }
  });
}

/**
 * Strongly consistent reads of any number of different keys, in their order; `undefined` where there is no item. Unprocessed
 * keys are asked for again.
 * @throws {StoreUnavailable} also when keys stay unprocessed; a retry helps
 */
export async function batchGet(
  documents: DynamoDBDocumentClient,
  table: string,
  keys: readonly ItemKey[],
): Promise<(Item | undefined)[]> {
  const found = new Map<string, Item>();
  const wanted: Record<string, unknown>[] = keys.map(({ pk, sk }) => ({ pk, sk }));
  await sendAll(wanted, { table, perCall: keysPerCall, left: 'keys stay unprocessed' }, async (Keys) => {
    const answer = await reaching(
      documents.send(new BatchGetCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } })),
    );
    for (const item of answer.Responses?.[table] ?? []) found.set(`${item.pk}\n${item.sk}`, item);
    return answer.UnprocessedKeys?.[table]?.Keys ?? [];
  });
  return keys.map(({ pk, sk }) => found.get(`${pk}\n${sk}`));
}

/**
 * Puts any number of different items, whatever was there; what DynamoDB leaves unprocessed is sent again. They are not put together: after a fault
 * some may be there. The role needs `dynamodb:BatchWriteItem`.
 * @throws {StoreUnavailable} also when items stay unprocessed; a retry helps
 */
export async function batchPut(
  documents: DynamoDBDocumentClient,
  table: string,
  items: readonly Item[],
): Promise<void> {
  const puts: NonNullable<BatchWriteCommandOutput['UnprocessedItems']>[string] = items.map((item) => ({
    PutRequest: { Item: item },
  }));
  await sendAll(puts, { table, perCall: putsPerCall, left: 'items stay unprocessed' }, async (left) => {
    const answer = await reaching(documents.send(new BatchWriteCommand({ RequestItems: { [table]: left } })));
    return answer.UnprocessedItems?.[table] ?? [];
  });
}

/**
 * Awaits a conditional write, and answers what it answered; `undefined` when its condition did not hold.
 * @throws {StoreUnavailable} a retry helps; other faults come out as the SDK names them
 */
export async function ifHeld<Answer>(write: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await write;
  } catch (fault) {
    if (nameOf(fault) === 'ConditionalCheckFailedException') return undefined;
    throw asFault(fault);
  }
}

/**
 * Puts an item where there is none of its key, and answers nothing; else the text that the one which is there has as `attribute`. It needs no read of
 * its own, and no permission but `dynamodb:PutItem`.
 * @throws {StoreUnavailable} a retry helps; other faults come out as the SDK names them
 */
export async function putNew(
  documents: DynamoDBDocumentClient,
  table: string,
  item: Item,
  attribute: string,
): Promise<string | undefined> {
  const put = new PutCommand({
    TableName: table,
    Item: item,
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  try {
    await documents.send(put);
    return undefined;
  } catch (fault) {
    if (!(fault instanceof ConditionalCheckFailedException)) throw asFault(fault);
    return String(fault.Item?.[attribute]?.S); // as DynamoDB writes it: errors are not unmarshalled
  }
}

/**
 * Writes an item anew by what it holds now, whoever else does so at the same time: `decide` sees the item, read consistently, and
 * answers with what it becomes, or without an item to leave it. An item that is written this way has a `version`. The role
 * needs `dynamodb:GetItem` and `PutItem`.
 * @throws {StoreUnavailable} also when others are always faster; a retry helps
 */
export async function rewrite<Answer>(
  documents: DynamoDBDocumentClient,
  table: string,
  key: ItemKey,
  decide: (item: Item | undefined) => Promise<{ answer: Answer; item?: Item }>,
): Promise<Answer> {
  for (let attempt = 0; attempt < rewriteAttempts; attempt++) {
    if (attempt > 0) await pause(Math.random() * 10 * 2 ** (attempt - 1));
    const get = new GetCommand({ TableName: table, Key: key, ConsistentRead: true });
    const { Item: found } = await reaching(documents.send(get));
    const { answer, item } = await decide(found);
    if (item === undefined) return answer;
    const version = Number(found?.version ?? 0);
    const put = new PutCommand({
      TableName: table,
      Item: { ...item, ...key, version: version + 1 },
      ConditionExpression: 'attribute_not_exists(pk) OR version = :version',
      ExpressionAttributeValues: { ':version': version },
    });
    if ((await ifHeld(documents.send(put))) !== undefined) return answer;
  }
  throw new StoreUnavailable(`${key.pk} ${key.sk} of ${table} is being written by many at once`);
}
