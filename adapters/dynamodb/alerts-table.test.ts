import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AlertContent, AlertKey } from '../../ports/records.ts';
import { collect } from '../../test/support/collect.ts';
import { type DynamoDb, startDynamoDb } from '../../test/support/dynalite-tables.ts';
import { createAlertBook, createAlertOutbox, createPendingAlertQueries } from './alerts-table.ts';

let dynamoDb: DynamoDb;
beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
afterAll(() => dynamoDb.close());

describe('alerts', () => {
  const book = () => createAlertBook(dynamoDb.documents, dynamoDb.tables.alerts);
  const outbox = () => createAlertOutbox(dynamoDb.documents, dynamoDb.tables.alerts);
  const content: AlertContent = {
    measure: 'temperature',
    threshold: 0.5,
    count: 2,
    worst: 1e300,
    worstAt: 5,
    withdrawn: false,
  };
  const keyOf = (sensorId: string): AlertKey => ({
    dataset: 'probes@2',
    shard: 3,
    sensorId,
    day: '2026-03-02',
    rule: 'too-hot',
  });
  const pending = async (key: AlertKey) =>
    (await collect(outbox().pending())).some((one) => one.sensorId === key.sensorId);
  const stored = async (key: AlertKey) => {
    const found = (await book().ofDay(key)).find((one) => one.key.sensorId === key.sensorId);
    if (!found) throw new Error(`no alert of ${key.sensorId}`);
    expect(found.key).toEqual(key);
    return found.alert;
  };

  test('are created once, pending, and found by month', async () => {
    const key = keyOf('new');
    const odd = keyOf('plant #3/Río');
    await book().create(odd, { content, version: 1, createdAt: 'now' });
    expect(await collect(outbox().pending())).toContainEqual(odd);
    expect(await book().create(key, { content, version: 3, createdAt: 'now' })).toBe('written');
    expect(await book().create(key, { content, version: 4, createdAt: 'later' })).toBe('conflict');
    expect(await stored(key)).toEqual({ content, version: 3, state: 'pending' });
    expect(await collect(outbox().pending())).toContainEqual(key);
    const byDay = await dynamoDb.documents.send(
      new QueryCommand({
        TableName: dynamoDb.tables.alerts,
        IndexName: 'by-day',
        KeyConditionExpression: 'datasetMonth = :month AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':month': 'probes@2#2026-03',
          ':from': '2026-03-02',
          ':to': '2026-03-03',
        },
      }),
    );
    expect(byDay.Items).toContainEqual({
      pk: 'probes@2#3#2026-03-02',
      sk: '2026-03-02#too-hot#new',
      ...key,
      ...content,
      worst: '1e+300',
      datasetMonth: 'probes@2#2026-03',
      version: 3,
      createdAt: 'now',
      state: 'pending',
      pending: '1',
    });
  });

  test('are claimed by one, closed once, and revised without losing the sent mark', async () => {
    const key = keyOf('life');
    const waiting = () => createPendingAlertQueries(dynamoDb.documents, dynamoDb.tables.alerts).pending();
    const before = await waiting();
    await book().create(key, { content, version: 1, createdAt: 'before all others' });
    expect(await waiting()).toEqual({ count: before.count + 1, oldest: 'before all others' });
    expect(await outbox().claim(key, { owner: 'x', nowMs: 100, leaseMs: 50 })).toMatchObject({ version: 1 });
    expect(await outbox().claim(key, { owner: 'y', nowMs: 150, leaseMs: 50 })).toBeUndefined();
    expect(await outbox().claim(key, { owner: 'x', nowMs: 150, leaseMs: 50 })).toMatchObject({ version: 1 });
    expect(await outbox().claim(key, { owner: 'y', nowMs: 201, leaseMs: 50 })).toMatchObject({ version: 1 });

    await outbox().close(key, { sentAt: 'noon' });
    await outbox().close(key, { sentAt: 'evening' });
    expect(await stored(key)).toMatchObject({ state: 'sent', sentAt: 'noon' });
    expect(await pending(key)).toBe(false);
    expect(await waiting()).toEqual(before);
    expect(await outbox().claim(key, { owner: 'y', nowMs: 999, leaseMs: 50 })).toBeUndefined();

    const read = await stored(key);
    const change = { read, content: { ...content, withdrawn: true }, version: 2, reopen: false };
    expect(await book().revise(key, change)).toBe('written');
    expect(await book().revise(key, change)).toBe('conflict');
    expect(await stored(key)).toEqual({ content: change.content, version: 2, state: 'sent', sentAt: 'noon' });
    expect(await outbox().claim(keyOf('absent'), { owner: 'y', nowMs: 1, leaseMs: 1 })).toBeUndefined();
  });

  test('closed unsent only at the version that was seen, and opened again', async () => {
    const key = keyOf('withdrawn');
    await book().create(key, { content, version: 1, createdAt: 'now' });
    await outbox().close(key, { version: 2 });
    expect(await pending(key)).toBe(true);
    await outbox().close(key, { version: 1 });
    expect(await stored(key)).toEqual({ content, version: 1, state: 'sent' });
    expect(await pending(key)).toBe(false);
    expect(await book().revise(key, { read: await stored(key), content, version: 2, reopen: true })).toBe(
      'written',
    );
    expect(await stored(key)).toMatchObject({ state: 'pending', version: 2 });
    expect(await pending(key)).toBe(true);
  });
});
