import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AlertContent, AlertKey } from '../../ports/records.ts';
import { collect } from '../../test/support/collect.ts';
import { type DynamoDb, startDynamoDb } from '../../test/support/dynamodb-tables.ts';
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
    const change = { key, read, content: { ...content, withdrawn: true }, version: 2, reopen: false };
    expect(await book().revise([change])).toEqual(['written']);
    expect(await book().revise([change])).toEqual(['conflict']);
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
    const reopened = { key, read: await stored(key), content, version: 2, reopen: true };
    expect(await book().revise([reopened])).toEqual(['written']);
    expect(await stored(key)).toMatchObject({ state: 'pending', version: 2 });
    expect(await pending(key)).toBe(true);
  });

  test('are revised many at a time, each by its own condition', async () => {
    const keys = Array.from({ length: 60 }, (_, n) => keyOf(`many-${String(n).padStart(2, '0')}`));
    for (const key of keys) await book().create(key, { content, version: 1, createdAt: 'now' });
    const found = (await book().ofDay(keyOf('any'))).filter(({ key }) => key.sensorId.startsWith('many-'));
    const grown = { ...content, count: 3, worst: 0.1 + 0.2 };
    const revisions = found.map(({ key, alert: read }, n) => ({
      ...{ key, content: grown, version: 2, reopen: false },
      read: n % 3 === 0 ? { ...read, version: 7 } : read,
    }));
    revisions.push({ ...revisions[1], key: keyOf('nobody') } as (typeof revisions)[number]);
    const outcomes = await book().revise(revisions);
    expect(outcomes).toEqual([
      ...found.map((_, n) => (n % 3 === 0 ? 'conflict' : 'written')),
      'conflict', // and it is not made
    ]);
    const after = (await book().ofDay(keyOf('any'))).filter(({ key }) => /many-|nobody/.test(key.sensorId));
    expect(after.map(({ alert }) => alert)).toEqual(
      found.map((_, n) => ({
        ...{ content: n % 3 === 0 ? content : grown, state: 'pending' },
        version: n % 3 === 0 ? 1 : 2,
      })),
    );
    expect(await book().revise([])).toEqual([]);
  });
});
