import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { shardOf } from '../../core/partition/partition.ts';
import type {
  AlertPosition,
  AlertQueries,
  AlertRow,
  AlertState,
  PendingAlertQueries,
} from '../../ports/queries.ts';
import type {
  AlertBook,
  AlertContent,
  AlertDay,
  AlertKey,
  AlertOutbox,
  AlertsOfRule,
  StoredAlert,
} from '../../ports/records.ts';
import { reaching, reachingEach } from '../store-faults.ts';
import { ifHeld } from './calls.ts';
import { type Item, type ItemKey, updateExpression } from './items.ts';
import { updateEach } from './statements.ts';

/*
 * The alerts table. `pk` is the partition, so that one query reads its day's alerts; `sk` the day, the rule and the series. The index
 * `by-day` has the alerts of a dataset's month, the sparse index `pending` those that nobody was notified of yet. `worst` is stored as
 * text: it reads back as the same bits.
 */

const dayKey = ({ dataset, shard, day }: AlertDay): string => `${dataset}#${shard}#${day}`;

/**
 * Stands for the shard of an alert that a version before pages of statistics wrote: its item has none, and is keyed by the series. It is
 * published and closed where it is; `npm run caudal -- migrate` moves it.
 */
const noShard = -1;

/** Names of rules have no `#`; sensor ids may. */
export const alertKey = ({ day, rule, sensorId, ...of }: AlertKey): ItemKey =>
  of.shard === noShard
    ? { pk: `${of.dataset}#${sensorId}`, sk: `${day}#${rule}` }
    : { pk: dayKey({ ...of, day }), sk: `${day}#${rule}#${sensorId}` };

export function alertKeyOf({ dataset, shard, sensorId, day, rule }: Item): AlertKey {
  return {
    dataset: String(dataset),
    shard: shard === undefined ? noShard : Number(shard),
    sensorId: String(sensorId),
    day: String(day),
    rule: String(rule),
  };
}

/** Partition key of the index `by-day`. */
const datasetMonth = (dataset: string, day: string): string => `${dataset}#${day.slice(0, 7)}`;

/** The table as the merge sees it. The role needs `dynamodb:GetItem`, `Query`, `PutItem` and `PartiQLUpdate`. */
export function createAlertBook(documents: DynamoDBDocumentClient, table: string): AlertBook {
  return {
    async ofDay(day) {
      const found: Awaited<ReturnType<AlertBook['ofDay']>> = [];
      const pages = paginateQuery(
        { client: documents },
        {
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :day',
          ExpressionAttributeValues: { ':day': dayKey(day) },
        },
      );
      for await (const { Items = [] } of reachingEach(pages))
        for (const item of Items) found.push({ key: alertKeyOf(item), alert: fromAlertItem(item) });
      return found;
    },

    async create(key, { content, version, createdAt }) {
      const Key = alertKey({ ...key, shard: noShard });
      const earlier = await reaching(
        documents.send(new GetCommand({ TableName: table, ConsistentRead: true, Key })),
      );
      const item = toAlertItem(key, content, version, createdAt);
      const held = await ifHeld(
        documents.send(
          new PutCommand({
            TableName: table,
            Item: earlier.Item === undefined ? item : carriedOn(item, earlier.Item),
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      );
      return held === undefined ? 'conflict' : 'written';
    },

    async revise(revisions) {
      const updates = revisions.map(({ key, read, content, version, reopen }) => ({
        key: alertKey(key),
        set: {
          ...contentAttributes(content),
          version,
          ...(reopen ? { state: 'pending', pending: '1' } : {}),
        },
        where: { version: read.version, state: read.state },
      }));
      const held = await updateEach(documents, table, updates);
      return held.map((isHeld) => (isHeld ? 'written' : 'conflict'));
    },
  };
}

/**
 * The table as the notifier sees it: the sparse index `pending`, and the items behind it. The role needs `dynamodb:Query` on the
 * index and `UpdateItem`.
 */
export function createAlertOutbox(documents: DynamoDBDocumentClient, table: string): AlertOutbox {
  return {
    async *pending(): AsyncGenerator<AlertKey> {
      for await (const item of pendingItems(documents, table)) yield alertKeyOf(item);
    },

    async claim(key, { owner, nowMs, leaseMs }) {
      const claimed = await ifHeld(
        documents.send(
          new UpdateCommand({
            TableName: table,
            Key: alertKey(key),
            ...updateExpression({
              set: { leaseOwner: owner, leaseUntil: nowMs + leaseMs },
              condition: {
                expression:
                  'attribute_exists(pending) AND (attribute_not_exists(#leaseUntil) OR #leaseUntil < :now OR #leaseOwner = :leaseOwner)',
                values: { now: nowMs },
              },
            }),
            ReturnValues: 'ALL_NEW',
          }),
        ),
      );
      return claimed?.Attributes && fromAlertItem(claimed.Attributes);
    },

    async close(key, closing) {
      const sent = 'sentAt' in closing;
      await ifHeld(
        documents.send(
          new UpdateCommand({
            TableName: table,
            Key: alertKey(key),
            ...updateExpression({
              set: { state: 'sent', ...(sent ? { sentAt: closing.sentAt } : {}) },
              remove: ['pending', 'leaseOwner', 'leaseUntil'],
              condition: sent
                ? { expression: 'attribute_exists(#pending)', values: {} }
                : {
                    expression: 'attribute_exists(#pending) AND version = :version',
                    values: { version: closing.version },
                  },
            }),
          }),
        ),
      );
    },
  };
}

async function* pendingItems(documents: DynamoDBDocumentClient, table: string): AsyncGenerator<Item> {
  const pages = paginateQuery(
    { client: documents },
    {
      TableName: table,
      IndexName: 'pending',
      KeyConditionExpression: 'pending = :one',
      ExpressionAttributeValues: { ':one': '1' },
    },
  );
  for await (const { Items = [] } of reachingEach(pages)) yield* Items;
}

/** The sparse index `pending` as an operator sees it. The role needs `dynamodb:Query` on it. */
export function createPendingAlertQueries(
  documents: DynamoDBDocumentClient,
  table: string,
): PendingAlertQueries {
  return {
    async pending() {
      let count = 0;
      let oldest: string | undefined;
      for await (const { createdAt } of pendingItems(documents, table)) {
        count += 1;
        if (oldest === undefined || String(createdAt) < oldest) oldest = String(createdAt);
      }
      return oldest === undefined ? { count } : { count, oldest };
    },
  };
}

/** The index `by-day` as the watch of silence sees it. The role needs `dynamodb:Query` on it. */
export function createAlertsOfRule(documents: DynamoDBDocumentClient, table: string): AlertsOfRule {
  return {
    async ofRule({ dataset, day, rule }) {
      const found: Awaited<ReturnType<AlertsOfRule['ofRule']>> = [];
      const pages = paginateQuery(
        { client: documents },
        {
          TableName: table,
          IndexName: 'by-day',
          KeyConditionExpression: 'datasetMonth = :month AND begins_with(sk, :place)',
          ExpressionAttributeValues: { ':month': datasetMonth(dataset, day), ':place': `${day}#${rule}#` },
        },
      );
      for await (const { Items = [] } of reachingEach(pages))
        for (const item of Items) found.push({ key: alertKeyOf(item), alert: fromAlertItem(item) });
      return found;
    },
  };
}

/** Alerts that one call reads where what it reads is filtered. */
const readAtOnce = 500;

const filterOfState: Readonly<Record<AlertState, string>> = {
  pending: 'withdrawn = :no AND attribute_not_exists(sentAt)',
  sent: 'withdrawn = :no AND attribute_exists(sentAt)',
  withdrawn: 'withdrawn <> :no',
};

/** The index `by-day` as the queries see it. The role needs `dynamodb:Query` on it. */
export function createAlertQueries(documents: DynamoDBDocumentClient, table: string): AlertQueries {
  return {
    async ofDays({ dataset, from, to, wants, rule, state, after, limit }) {
      const month = datasetMonth(dataset.storageName, from);
      const filters = [
        ...(rule === undefined ? [] : ['#rule = :rule']),
        ...(state === undefined ? [] : [filterOfState[state]]),
      ];
      const page = await reaching(
        documents.send(
          new QueryCommand({
            TableName: table,
            IndexName: 'by-day',
            KeyConditionExpression: 'datasetMonth = :month AND sk BETWEEN :from AND :to',
            ...(filters.length > 0 && { FilterExpression: filters.join(' AND ') }),
            ...(rule !== undefined && { ExpressionAttributeNames: { '#rule': 'rule' } }),
            ExpressionAttributeValues: {
              ':month': month,
              ':from': `${from}#`,
              ':to': `${to}$`, // after every `<to>#…`: `$` follows `#`
              ...(rule !== undefined && { ':rule': rule }),
              ...(state !== undefined && { ':no': false }),
            },
            ExclusiveStartKey: after && { datasetMonth: month, ...placeOf(dataset, after) },
            Limit: filters.length > 0 || wants !== undefined ? readAtOnce : limit,
          }),
        ),
      );
      const found = (page.Items ?? []).map(toRow).filter(({ sensorId }) => wants?.(sensorId) !== false);
      const rows = found.slice(0, limit);
      const last = found.length > limit ? rows.at(-1) : positionOf(page.LastEvaluatedKey);
      return { rows, ...(last && { last: { day: last.day, rule: last.rule, sensorId: last.sensorId } }) };
    },
  };
}

/** Days and names of rules have no `#`. */
function positionOf(key: Item | undefined): AlertPosition | undefined {
  if (key === undefined) return undefined;
  const [day = '', rule = '', ...rest] = String(key.sk).split('#');
  // An alert that an earlier version wrote has its series in the other key.
  const sensorId = rest.length > 0 ? rest.join('#') : String(key.pk).split('#').slice(1).join('#');
  return { day, rule, sensorId };
}

/** The key of an alert that a page ended at. */
function placeOf(dataset: Dataset, position: AlertPosition): ItemKey {
  const shard = shardOf(position.sensorId, dataset.shards);
  return alertKey({ dataset: dataset.storageName, shard, ...position });
}

function toRow(item: Item): AlertRow {
  const { sensorId, day, rule } = alertKeyOf(item);
  const { content, sentAt } = fromAlertItem(item);
  const row = { sensorId, day, rule, content, createdAt: String(item.createdAt) };
  return sentAt === undefined ? row : { ...row, sentAt };
}

function toAlertItem(key: AlertKey, content: AlertContent, version: number, createdAt: string): Item {
  return {
    ...alertKey(key),
    ...key,
    ...contentAttributes(content),
    datasetMonth: datasetMonth(key.dataset, key.day),
    version,
    createdAt,
    state: 'pending',
    pending: '1',
  };
}

/** Somebody was or will be notified of the alert under its earlier key: not again under this one. */
function carriedOn({ pending, ...item }: Item, earlier: Item): Item {
  const { createdAt, sentAt = createdAt } = earlier;
  return { ...item, createdAt, state: 'sent', sentAt };
}

/** The attributes that a revision overwrites. */
const contentAttributes = (content: AlertContent): Item => ({
  ...content,
  worst: String(content.worst),
});

function fromAlertItem(item: Item): StoredAlert {
  const alert: StoredAlert = {
    content: {
      measure: String(item.measure),
      threshold: Number(item.threshold),
      count: Number(item.count),
      worst: Number(item.worst),
      worstAt: Number(item.worstAt),
      withdrawn: item.withdrawn === true,
    },
    version: Number(item.version),
    state: item.state === 'pending' ? 'pending' : 'sent',
  };
  if (item.sentAt !== undefined) alert.sentAt = String(item.sentAt);
  return alert;
}
