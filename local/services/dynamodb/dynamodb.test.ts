import {
  ConditionalCheckFailedException,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  QueryCommand,
  ScanCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Served, scratch, serve } from '../../../test/support/local/harness.ts';
import { createDynamoDb, type DynamoDb } from './service.ts';

const TableName = 'Statistics-1';
const key = (AttributeName: string, KeyType: string) => ({ AttributeName, KeyType });
const properties = {
  KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
  AttributeDefinitions: ['pk', 'sk', 'period', 'sensorId'].map((AttributeName) => ({
    AttributeName,
    AttributeType: 'S',
  })),
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-period',
      KeySchema: [key('period', 'HASH'), key('sensorId', 'RANGE')],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  SSESpecification: { SSEEnabled: true },
  TimeToLiveSpecification: { AttributeName: 'expiration', Enabled: true },
  Tags: [{ Key: 'a', Value: 'b' }],
};

const { directory, remove } = scratch();
let tables: DynamoDb;
let served: Served;
let client: DynamoDBClient;
let items: DynamoDBDocumentClient;

async function open(): Promise<void> {
  tables = createDynamoDb({ directory });
  await tables.createTable(properties, TableName);
  served = await serve([tables]);
  client = new DynamoDBClient({ ...served.reach, maxAttempts: 1 });
  items = DynamoDBDocumentClient.from(client);
}
async function close(): Promise<void> {
  client.destroy();
  await served.close();
  await tables.close();
}
beforeAll(open);
afterAll(async () => {
  await close();
  await remove();
});

test('a table of a template is there, with what the template says of its TTL', async () => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  expect(Table).toMatchObject({
    TableStatus: 'ACTIVE',
    GlobalSecondaryIndexes: [{ IndexName: 'by-period', IndexStatus: 'ACTIVE' }],
  });
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expiration' });
});

test('items with conditions, as the statistics are written', async () => {
  const write = (version: number) =>
    items.send(
      new PutCommand({
        TableName,
        Item: {
          pk: 'd#s',
          sk: 'day#1',
          version,
          period: 'd#day#1#0',
          sensorId: 's',
          measures: { t: { mean: '0.1' } },
        },
        ConditionExpression: 'attribute_not_exists(version) OR version < :version',
        ExpressionAttributeValues: { ':version': version },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
  await write(1);
  await write(3);
  const refused = await write(2).catch((error: ConditionalCheckFailedException) => error);
  expect(refused).toBeInstanceOf(ConditionalCheckFailedException);
  expect((refused as ConditionalCheckFailedException).Item).toMatchObject({ version: { N: '3' } });
  const Key = { pk: 'd#s', sk: 'day#1' };
  expect((await items.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item).toMatchObject({
    version: 3,
  });
  const updated = await items.send(
    new UpdateCommand({
      TableName,
      Key,
      UpdateExpression: 'SET #s = :s ADD #n :one REMOVE period',
      ExpressionAttributeNames: { '#s': 'state', '#n': 'attempts' },
      ExpressionAttributeValues: { ':s': 'Done', ':one': 1 },
      ReturnValues: 'ALL_NEW',
    }),
  );
  expect(updated.Attributes).toMatchObject({ state: 'Done', attempts: 1, measures: { t: { mean: '0.1' } } });
  const index = { TableName, IndexName: 'by-period', KeyConditionExpression: 'period = :p' };
  const { Items } = await items.send(
    new QueryCommand({ ...index, ExpressionAttributeValues: { ':p': 'd#day#1#0' } }),
  );
  expect(Items).toEqual([]);
});

test('a partition is paged in order, forwards, backwards and through an index', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => ({
    pk: 'page',
    sk: `day#${String(i).padStart(3, '0')}`,
    period: 'p',
    sensorId: `s${String(i).padStart(3, '0')}`,
    filler: 'x'.repeat(1000),
  }));
  for (let i = 0; i < rows.length; i += 20) {
    const requests = rows.slice(i, i + 20).map((Item) => ({ PutRequest: { Item } }));
    await items.send(new BatchWriteCommand({ RequestItems: { [TableName]: requests } }));
  }
  const query = async (
    more: object,
    names = { '#k': 'pk', '#r': 'sk' },
    values = { ':k': 'page', ':a': 'day#010', ':b': 'day#049' },
  ) => {
    const found: string[] = [];
    const input = {
      TableName,
      Limit: 7,
      KeyConditionExpression: '#k = :k AND #r BETWEEN :a AND :b',
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
      ...more,
    };
    for await (const page of paginateQuery({ client: items }, input)) {
      found.push(...(page.Items ?? []).map(({ sk }) => sk as string));
    }
    return found;
  };
  const expected = rows.slice(10, 50).map(({ sk }) => sk);
  expect(await query({})).toEqual(expected);
  expect(await query({ ScanIndexForward: false })).toEqual(expected.toReversed());
  const byPeriod = { ':k': 'p', ':a': 's010', ':b': 's049' };
  expect(await query({ IndexName: 'by-period' }, { '#k': 'period', '#r': 'sensorId' }, byPeriod)).toEqual(
    expected,
  );
  const { Count } = await items.send(
    new ScanCommand({
      TableName,
      Select: 'COUNT',
      FilterExpression: 'pk = :p',
      ExpressionAttributeValues: { ':p': 'page' },
    }),
  );
  expect(Count).toBe(60);
});

test('what a direct integration writes, a client reads', async () => {
  await tables.call('UpdateItem', {
    TableName,
    Key: { pk: { S: 'direct' }, sk: { S: 'job' } },
    UpdateExpression: 'SET #s = :s',
    ExpressionAttributeNames: { '#s': 'state' },
    ExpressionAttributeValues: { ':s': { S: 'Failed' } },
  });
  const { Item } = await items.send(new GetCommand({ TableName, Key: { pk: 'direct', sk: 'job' } }));
  expect(Item).toEqual({ pk: 'direct', sk: 'job', state: 'Failed' });
});

test('errors have the names of DynamoDB', async () => {
  const none = items.send(new GetCommand({ TableName: 'none', Key: { pk: 'a' } }));
  await expect(none).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  const invalid = items.send(new GetCommand({ TableName, Key: { pk: 'a' } }));
  await expect(invalid).rejects.toMatchObject({ name: 'ValidationException' });
  const large = items.send(new PutCommand({ TableName, Item: { pk: 'a', sk: 'b', x: 'x'.repeat(410_000) } }));
  await expect(large).rejects.toMatchObject({ name: 'ValidationException' });
  const missing = client.send(new TransactWriteItemsCommand({ TransactItems: [] }));
  await expect(missing).rejects.toThrow(/dynamodb:TransactWriteItems/);
});

test('items survive a restart; a table whose keys changed is refused', async () => {
  await close();
  await open();
  const { Item } = await items.send(new GetCommand({ TableName, Key: { pk: 'page', sk: 'day#000' } }));
  expect(Item?.sensorId).toBe('s000');
  const other = { ...properties, KeySchema: [key('pk', 'HASH')] };
  await expect(tables.createTable(other, TableName)).rejects.toThrow(/--fresh/);
});

test('an index that the template no longer has is dropped, and the items stay', async () => {
  const { GlobalSecondaryIndexes: _, ...rest } = properties;
  const AttributeDefinitions = rest.AttributeDefinitions.slice(0, 2);
  await tables.createTable({ ...rest, AttributeDefinitions }, TableName);
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  expect(Table).not.toHaveProperty('GlobalSecondaryIndexes');
  expect(Table?.AttributeDefinitions).toEqual(AttributeDefinitions);
  const Key = { pk: 'page', sk: 'day#000' };
  expect((await items.send(new GetCommand({ TableName, Key }))).Item?.sensorId).toBe('s000');
  await items.send(new PutCommand({ TableName, Item: { ...Key, period: 1 } })); // was a text of an index
  expect((await items.send(new GetCommand({ TableName, Key }))).Item?.period).toBe(1);
  await expect(tables.createTable(properties, TableName)).rejects.toThrow(/--fresh/); // nor is one added
});
