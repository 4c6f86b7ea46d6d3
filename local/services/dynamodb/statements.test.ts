import { BatchExecuteStatementCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Served, scratch, serve } from '../../../test/support/local/harness.ts';
import { createDynamoDb, type DynamoDb } from './service.ts';

const TableName = 'Alerts-1';
const { directory, remove } = scratch();
let tables: DynamoDb;
let served: Served;
let client: DynamoDBClient;
let items: DynamoDBDocumentClient;

beforeAll(async () => {
  tables = createDynamoDb({ directory });
  const key = (AttributeName: string, KeyType: string) => ({ AttributeName, KeyType });
  const ofText = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' });
  await tables.createTable(
    { KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')], AttributeDefinitions: ['pk', 'sk'].map(ofText) },
    TableName,
  );
  served = await serve([tables]);
  client = new DynamoDBClient({ ...served.reach, maxAttempts: 1 });
  items = DynamoDBDocumentClient.from(client);
});
afterAll(async () => {
  client.destroy();
  await served.close();
  await tables.close();
  await remove();
});

const update = `UPDATE "${TableName}" SET "a" = ? SET "b" = ? WHERE "pk" = ? AND "sk" = ? AND "version" = ?`;
const execute = (...Statements: { Statement: string; Parameters: object[] }[]) =>
  client.send(new BatchExecuteStatementCommand({ Statements: Statements as never }));
const parameters = (sk: string, version: number, a = 'new') => [
  { S: a },
  { BOOL: true },
  { S: 'p' },
  { S: sk },
  { N: String(version) },
];
const itemAt = async (sk: string) =>
  (await items.send(new GetCommand({ TableName, Key: { pk: 'p', sk }, ConsistentRead: true }))).Item;

test('each statement of a call holds or fails by itself, and makes no item', async () => {
  for (const sk of ['one', 'two'])
    await items.send(new PutCommand({ TableName, Item: { pk: 'p', sk, version: 1, kept: 'as it was' } }));
  const { Responses } = await execute(
    { Statement: update, Parameters: parameters('one', 1) },
    { Statement: update, Parameters: parameters('two', 2) },
    { Statement: update, Parameters: parameters('absent', 1) },
  );
  expect(Responses?.map((response) => response.Error?.Code)).toEqual([
    undefined,
    'ConditionalCheckFailed',
    'ConditionalCheckFailed',
  ]);
  expect(await itemAt('one')).toEqual({
    pk: 'p',
    sk: 'one',
    version: 1,
    kept: 'as it was',
    a: 'new',
    b: true,
  });
  expect(await itemAt('two')).toEqual({ pk: 'p', sk: 'two', version: 1, kept: 'as it was' });
  expect(await itemAt('absent')).toBeUndefined();
});

test('an item is inserted where there is none, each by itself', async () => {
  const insert = `INSERT INTO "${TableName}" VALUE {'pk': ?, 'sk': ?, 'a': ?}`;
  await items.send(new PutCommand({ TableName, Item: { pk: 'p', sk: 'old', a: 'old' } }));
  const of = (sk: string) => ({ Statement: insert, Parameters: [{ S: 'p' }, { S: sk }, { S: 'new' }] });
  const { Responses } = await execute(of('fresh'), of('old'), {
    ...of('x'),
    Parameters: [{ S: 'p' }, { N: '1' }, { S: '' }],
  });
  expect(Responses?.map((response) => response.Error?.Code)).toEqual([
    undefined,
    'DuplicateItem',
    'ValidationError',
  ]);
  expect(await itemAt('fresh')).toEqual({ pk: 'p', sk: 'fresh', a: 'new' });
  expect(await itemAt('old')).toEqual({ pk: 'p', sk: 'old', a: 'old' });
  await expect(
    execute({ Statement: `INSERT INTO "${TableName}" VALUE {'pk': 'p'}`, Parameters: [] }),
  ).rejects.toMatchObject({ message: expect.stringContaining('INSERT INTO "table" VALUE') });
});

test.each([
  ['another verb', `DELETE FROM "${TableName}" WHERE "pk" = ? AND "sk" = ?`],
  ['a value in its text', `UPDATE "${TableName}" SET "a" = 1 WHERE "pk" = ? AND "sk" = ?`],
  ['no condition', `UPDATE "${TableName}" SET "a" = ?`],
  ['more than DynamoDB reads', `${update} AND "${'c'.repeat(8_200)}" = ?`],
])('a statement with %s is refused, with what is accepted', async (_, Statement) => {
  await expect(execute({ Statement, Parameters: [] })).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('accepted here: UPDATE "table" SET'),
  });
});

test('a statement without the whole key, or with other parameters, fails by itself', async () => {
  const { Responses } = await execute(
    { Statement: `UPDATE "${TableName}" SET "a" = ? WHERE "pk" = ?`, Parameters: [{ S: 'x' }, { S: 'p' }] },
    { Statement: update, Parameters: [{ S: 'x' }] },
    { Statement: `UPDATE "Nothing-1" SET "a" = ? WHERE "pk" = ?`, Parameters: [{ S: 'x' }, { S: 'p' }] },
  );
  expect(Responses?.map((response) => response.Error?.Code)).toEqual([
    'ValidationError',
    'ValidationError',
    'ResourceNotFound',
  ]);
});

test('a call has 1 to 25 statements', async () => {
  const one = { Statement: update, Parameters: parameters('one', 9) };
  await expect(execute(...Array.from({ length: 26 }, () => one))).rejects.toMatchObject({
    name: 'ValidationException',
  });
});
