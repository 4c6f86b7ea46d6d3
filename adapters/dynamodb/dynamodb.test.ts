import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PeriodStatistics } from '../../core/statistics/statistics.ts';
import type { AlertContent, AlertKey } from '../../ports/records.ts';
import { collect } from '../../test/support/collect.ts';
import { type DynamoDb, startDynamoDb } from '../../test/support/dynalite-tables.ts';
import { createAlertBook, createAlertOutbox } from './alerts-table.ts';
import { createIngestJobs, createSegmentRecords } from './jobs-table/ingest-jobs.ts';
import { createStatisticsStore } from './statistics-table.ts';

let dynamoDb: DynamoDb;
beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
afterAll(() => dynamoDb.close());

const item = async (table: string, pk: string, sk: string) =>
  (await dynamoDb.documents.send(new GetCommand({ TableName: table, Key: { pk, sk } }))).Item;

describe('statistics', () => {
  const store = () => createStatisticsStore(dynamoDb.documents, dynamoDb.tables.statistics);
  const statistics: PeriodStatistics = {
    count: 3,
    measures: {
      // Doubles that DynamoDB's numbers can't hold, or that the document client refuses.
      temperature: {
        count: 3,
        mean: 0.1 + 0.2,
        m2: 5e-324,
        min: -1e15,
        minAt: 1,
        max: 2 ** 53 + 2,
        maxAt: 2,
      },
    },
    alerts: { hot: { count: 1, worst: 1.7976931348623157e308, worstAt: 2 } },
  };
  const key = { dataset: 'probes', sensorId: 'a', period: '2026-03-02', shard: 1 };

  test('come back to the bit', async () => {
    expect(await store().write(key, { version: 1, statistics })).toBe('written');
    expect(await store().read([key])).toEqual([{ version: 1, statistics }]);
    expect(await item('statistics', 'probes#a', 'day#2026-03-02')).toMatchObject({
      dataset: 'probes',
      sensorId: 'a',
      period: 'probes#day#2026-03-02#1',
      version: 1,
      count: 3,
      measures: { temperature: { mean: '0.30000000000000004', m2: '5e-324', minAt: 1 } },
      alerts: { hot: { count: 1, worst: '1.7976931348623157e+308', worstAt: 2 } },
    });
  });

  test('are written over older ones only', async () => {
    const other = { ...key, sensorId: 'versions' };
    const newer = { ...statistics, count: 4 };
    expect(await store().write(other, { version: 2, statistics })).toBe('written');
    expect(await store().write(other, { version: 2, statistics: newer })).toBe('superseded');
    expect(await store().write(other, { version: 1, statistics: newer })).toBe('superseded');
    expect((await store().read([other]))[0]?.statistics.count).toBe(3);
    expect(await store().write(other, { version: 10, statistics: newer })).toBe('written');
    expect((await store().read([other]))[0]).toMatchObject({ version: 10, statistics: { count: 4 } });
  });

  test('the days of a month come in their order, without the month and its neighbours', async () => {
    const days = ['2026-03-31', '2026-03-01', '2026-03-15', '2026-02-28', '2026-04-01', '2026-03'];
    for (const [index, period] of days.entries()) {
      await store().write({ ...key, sensorId: 'days', period }, { version: index + 1, statistics });
    }
    const found = await store().readDaysOfMonth({ dataset: 'probes', sensorId: 'days', period: '2026-03' });
    expect(found.map(({ version }) => version)).toEqual([2, 3, 1]);
    expect(await item('statistics', 'probes#days', 'month#2026-03')).toMatchObject({
      period: 'probes#month#2026-03#1',
    });
  });

  test('more than a hundred keys are read in their order, absent ones included', async () => {
    const keys = Array.from({ length: 230 }, (_, n) => ({ ...key, sensorId: `many-${n}` }));
    for (const [n, one] of keys.entries())
      if (n % 7 === 0) await store().write(one, { version: n + 1, statistics });
    const found = await store().read(keys);
    expect(found.map((one) => one?.version)).toEqual(keys.map((_, n) => (n % 7 === 0 ? n + 1 : undefined)));
    expect(await store().read([])).toEqual([]);
  });
});

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
    sensorId,
    day: '2026-03-02',
    rule: 'too-hot',
  });
  const pending = async (key: AlertKey) =>
    (await collect(outbox().pending())).some((one) => one.sensorId === key.sensorId);
  const stored = async (key: AlertKey) => {
    const [alert] = await book().read([key]);
    if (!alert) throw new Error(`no alert of ${key.sensorId}`);
    return alert;
  };

  test('are created once, pending, and found by month', async () => {
    const key = keyOf('new');
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
      pk: 'probes@2#new',
      sk: '2026-03-02#too-hot',
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
    await book().create(key, { content, version: 1, createdAt: 'now' });
    expect(await outbox().claim(key, { owner: 'x', nowMs: 100, leaseMs: 50 })).toMatchObject({ version: 1 });
    expect(await outbox().claim(key, { owner: 'y', nowMs: 150, leaseMs: 50 })).toBeUndefined();
    expect(await outbox().claim(key, { owner: 'x', nowMs: 150, leaseMs: 50 })).toMatchObject({ version: 1 });
    expect(await outbox().claim(key, { owner: 'y', nowMs: 201, leaseMs: 50 })).toMatchObject({ version: 1 });

    await outbox().close(key, { sentAt: 'noon' });
    await outbox().close(key, { sentAt: 'evening' });
    expect(await stored(key)).toMatchObject({ state: 'sent', sentAt: 'noon' });
    expect(await pending(key)).toBe(false);
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

describe('jobs', () => {
  const jobs = () => createIngestJobs(dynamoDb.documents, dynamoDb.tables.jobs);
  const records = () => createSegmentRecords(dynamoDb.documents, dynamoDb.tables.jobs);
  const start = { jobId: 'j', executionArn: 'arn:j', startedAt: 'then', segments: 2, updatedAt: 'now' };

  test('started again keep their creation time and counts', async () => {
    await jobs().start(start);
    await jobs().count('j', { segments: 2, failedSegments: 1, lines: 9, valid: 8, rejected: 1 }, 'later');
    await jobs().start({ ...start, startedAt: 'again', updatedAt: 'latest' });
    expect(await item('jobs', 'j', 'job')).toEqual({
      pk: 'j',
      sk: 'job',
      kind: 'ingest',
      state: 'Processing',
      executionArn: 'arn:j',
      createdAt: 'then',
      updatedAt: 'latest',
      segments: 2,
      done: 1,
      failed: 1,
      lines: 9,
      valid: 8,
      rejected: 1,
    });
  });

  test('have segments, whose ledger counts the attempts and forgets what was mended', async () => {
    const segment = { bucket: 'raw', key: 'raw/x', versionId: 'v1' };
    const account = { segmentId: 's', segment, lines: 3, valid: 1, rejected: { 'not-json': 2 } as const };
    await records().record({ ...account, rejectsKey: 'rejects/s.ndjson' }, { jobId: 'j', updatedAt: 'now' });
    expect(await item('jobs', 'segment#s', 'ledger')).toMatchObject({
      attempts: 1,
      rejectsKey: 'rejects/s.ndjson',
    });
    await records().record({ ...account, valid: 3, rejected: {} }, { jobId: 'k', updatedAt: 'later' });
    expect(await item('jobs', 'segment#s', 'ledger')).toEqual({
      pk: 'segment#s',
      sk: 'ledger',
      ...segment,
      lines: 3,
      valid: 3,
      rejected: {},
      attempts: 2,
      state: 'Completed',
      jobId: 'k',
      updatedAt: 'later',
    });
    await records().complete('j', { ...segment, segmentId: 's', lines: 3, valid: 1, rejected: 2 }, 'now');
    expect(await item('jobs', 'j', 'segment#s')).toMatchObject({
      ...segment,
      state: 'Completed',
      rejected: 2,
    });
  });
});
