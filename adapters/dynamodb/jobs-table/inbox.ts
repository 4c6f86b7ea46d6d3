import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  PutCommand,
  paginateQuery,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { mapBounded } from '../../../ports/concurrency.ts';
import type { MergeInbox, UnitState, WaitingParts } from '../../../ports/inbox.ts';
import { reaching, reachingEach } from '../../store-faults.ts';
import { batchGet, ifHeld } from '../calls.ts';
import type { Item } from '../items.ts';
import {
  announcementKey,
  announcementPartition,
  leaseKey,
  partsPrefix,
  unitPartition,
  waitingPartsKey,
} from './keys.ts';

const writesInFlight = 32;

/** The inbox of the merge. The role needs `dynamodb:BatchGetItem`, `DeleteItem`, `PutItem`, `Query` and `UpdateItem`. */
export function createMergeInbox(documents: DynamoDBDocumentClient, table: string): MergeInbox {
  const itemsOf = async (partition: string): Promise<Item[]> => {
    const items: Item[] = [];
    const pages = paginateQuery(
      { client: documents },
      {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': partition },
        ConsistentRead: true,
      },
    );
    for await (const { Items = [] } of reachingEach(pages)) items.push(...Items);
    return items;
  };
  const unlessPutAgain = (parts: WaitingParts) => ({
    ConditionExpression: 'sinceMs = :sinceMs',
    values: { ':sinceMs': parts.sinceMs },
  });

  return {
    async announce(jobId, untilMs) {
      // DynamoDB removes it at some time after that: the announcement of a job that failed before its parts came is nobody's.
      const expiration = Math.ceil(untilMs / 1000);
      const item = { ...announcementKey(jobId), untilMs, expiration };
      await reaching(documents.send(new PutCommand({ TableName: table, Item: item })));
    },

    async othersToCome(jobId, nowMs) {
      const announced = await itemsOf(announcementPartition);
      return announced.some(({ sk, untilMs }) => sk !== jobId && Number(untilMs) > nowMs);
    },

    async put(jobId, parts) {
      await mapBounded(parts, writesInFlight, async ({ unit, list, rows, days, sinceMs, ...rest }) => {
        const { arrivedMs, isFull } = rest;
        const more = { ...(arrivedMs !== undefined && { arrivedMs }), ...(isFull && { isFull }) };
        const item = { ...waitingPartsKey(unit, jobId), list, rows, days, sinceMs, ...more };
        await reaching(documents.send(new PutCommand({ TableName: table, Item: item })));
      });
      await reaching(documents.send(new DeleteCommand({ TableName: table, Key: announcementKey(jobId) })));
    },

    async look(unit) {
      const state: UnitState = { waiting: [], lastTookMs: 0 };
      for (const { sk, ...item } of await itemsOf(unitPartition(unit))) {
        const key = String(sk);
        if (key.startsWith(partsPrefix)) state.waiting.push(fromItem(key.slice(partsPrefix.length), item));
        else {
          state.lastTookMs = Number(item.tookMs ?? 0);
          if (item.owner !== undefined) {
            state.lease = { owner: String(item.owner), untilMs: Number(item.untilMs) };
          }
        }
      }
      state.waiting.sort((a, b) => a.sinceMs - b.sinceMs || (a.jobId < b.jobId ? -1 : 1));
      return state;
    },

    async waitingOf(jobId, units) {
      const keys = units.map((unit) => waitingPartsKey(unit, jobId));
      return (await batchGet(documents, table, keys)).map((item) => item !== undefined);
    },

    async take(unit, { owner, nowMs, untilMs }) {
      const command = new UpdateCommand({
        TableName: table,
        Key: leaseKey(unit),
        UpdateExpression: 'SET #owner = :owner, untilMs = :untilMs',
        ConditionExpression: 'attribute_not_exists(#owner) OR #owner = :owner OR untilMs <= :nowMs',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':owner': owner, ':untilMs': untilMs, ':nowMs': nowMs },
      });
      return (await ifHeld(documents.send(command))) !== undefined;
    },

    async release(unit, { owner, tookMs }) {
      const command = new UpdateCommand({
        TableName: table,
        Key: leaseKey(unit),
        UpdateExpression: 'SET tookMs = :tookMs REMOVE #owner, untilMs',
        ConditionExpression: '#owner = :owner',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':owner': owner, ':tookMs': tookMs },
      });
      await ifHeld(documents.send(command));
    },

    async advance(unit, parts, mergedThrough) {
      const { values, ...condition } = unlessPutAgain(parts);
      const command = new UpdateCommand({
        TableName: table,
        Key: waitingPartsKey(unit, parts.jobId),
        UpdateExpression: 'SET mergedThrough = :day',
        ...condition,
        ExpressionAttributeValues: { ...values, ':day': mergedThrough },
      });
      await ifHeld(documents.send(command));
    },

    async remove(unit, parts) {
      const { values, ...condition } = unlessPutAgain(parts);
      const command = new DeleteCommand({
        TableName: table,
        Key: waitingPartsKey(unit, parts.jobId),
        ...condition,
        ExpressionAttributeValues: values,
      });
      await ifHeld(documents.send(command));
    },
  };
}

function fromItem(jobId: string, item: Item): WaitingParts {
  // put() wrote it; one of an earlier version has no count of days.
  const { list, rows, days = 1, sinceMs, ...rest } = item as unknown as Omit<WaitingParts, 'jobId'>;
  const { arrivedMs, isFull, mergedThrough } = rest;
  return {
    ...{ jobId, list, rows, days, sinceMs },
    ...(arrivedMs === undefined ? {} : { arrivedMs }),
    ...(isFull && { isFull }),
    ...(mergedThrough === undefined ? {} : { mergedThrough }),
  };
}
