import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LevelDb, quicken } from './quick-store.ts';
import { createDynamoDb, type DynamoDb } from './service.ts';

const TableName = 'Counters';
const table = {
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
};

let directory: string;
let dynamodb: DynamoDb;
const open = async () => {
  dynamodb = createDynamoDb({ directory });
  await dynamodb.createTable(table, TableName);
};
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'caudal-dynamodb-'));
  await open();
});
afterEach(async () => {
  await dynamodb.close();
  rmSync(directory, { recursive: true, force: true });
});

const item = (pk: string, version: number) => ({ pk: { S: pk }, version: { N: String(version) } });
const versionOf = async (pk: string): Promise<string | undefined> => {
  const input = { TableName, Key: { pk: { S: pk } }, ConsistentRead: true };
  const { Item } = (await dynamodb.call('GetItem', input)) as { Item?: { version: { N: string } } };
  return Item?.version.N;
};

test('of many conditional writes of one item at once, one holds', async () => {
  const writes = await Promise.allSettled(
    Array.from({ length: 50 }, (_, version) =>
      dynamodb.call('PutItem', {
        TableName,
        Item: item('one', version),
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    ),
  );
  const held = writes.flatMap(({ status }, version) => (status === 'fulfilled' ? [version] : []));
  expect(held).toHaveLength(1);
  expect(await versionOf('one')).toBe(String(held[0]));
});

test('a write that was answered is read at once, and after a restart', async () => {
  const names = Array.from({ length: 200 }, (_, index) => `item-${index}`);
  await Promise.all(
    names.map(async (pk, index) => {
      await dynamodb.call('PutItem', { TableName, Item: item(pk, index) });
      expect(await versionOf(pk)).toBe(String(index));
      await dynamodb.call('DeleteItem', { TableName, Key: { pk: { S: pk } } });
      expect(await versionOf(pk)).toBeUndefined();
      await dynamodb.call('PutItem', { TableName, Item: item(pk, index + 1) });
    }),
  );
  await dynamodb.close();
  await open();
  for (const [index, pk] of names.entries()) expect(await versionOf(pk)).toBe(String(index + 1));
});

test('writes of one turn go as one batch in their order, and each is told when it failed', async () => {
  const batches: string[][] = [];
  let fault: Error | undefined;
  const db = {
    batch(operations, done) {
      batches.push(operations.map(({ type, key }) => `${type} ${key}`));
      setImmediate(() => done(fault));
    },
  } as LevelDb; // what quicken itself calls
  quicken(db);
  const write = (act: (done: (error?: unknown) => void) => void) =>
    new Promise<unknown>((resolve) => act((error) => resolve(error)));

  const first = [
    write((done) => db.put('a', 1, done)),
    write((done) => db.del('a', done)),
    write((done) => db.batch([{ type: 'put', key: 'b', value: 2 }], done)),
  ];
  expect(await Promise.all(first)).toEqual([undefined, undefined, undefined]);
  expect(batches).toEqual([['put a', 'del a', 'put b']]);

  fault = new Error('the disk is full');
  expect(await write((done) => db.put('c', 3, done))).toBe(fault);
});
