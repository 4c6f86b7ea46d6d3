import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { segmentIdOf } from '../../../ports/keys.ts';
import { type DynamoDb, startDynamoDb } from '../../../test/support/dynamodb-tables.ts';
import { createIngestJobs, createSegmentRecords } from './ingest-jobs.ts';
import { createLedgers } from './ledgers.ts';

let dynamoDb: DynamoDb;
beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
afterAll(() => dynamoDb.close());

const item = async (table: string, pk: string, sk: string) =>
  (await dynamoDb.documents.send(new GetCommand({ TableName: table, Key: { pk, sk } }))).Item;

describe('jobs', () => {
  const jobs = () => createIngestJobs(dynamoDb.documents, dynamoDb.tables.jobs);
  const records = () => createSegmentRecords(dynamoDb.documents, dynamoDb.tables.jobs);
  const start = { jobId: 'j', executionArn: 'arn:j', startedAt: 'then', segments: 2, updatedAt: 'now' };

  test('started again keep their creation time and counts', async () => {
    await jobs().start(start);
    await jobs().count(
      'j',
      {
        segments: 2,
        failedSegments: 1,
        lines: 9,
        valid: 8,
        rejected: 1,
        dropped: 0,
        refused: 0,
        unterminated: 0,
      },
      'later',
    );
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
      dropped: 0,
      refused: 0,
      unterminated: 0,
    });
  });

  test('have segments, whose ledger counts the attempts and forgets what was mended', async () => {
    const segment = { bucket: 'raw', key: 'raw/x', versionId: 'v1' };
    const rejected = { 'not-json': 2 };
    const dropped = { probes: { humidity: { missing: 1 } } };
    const account = { segmentId: 's', segment, lines: 3, valid: 1, rejected, dropped };
    const holds = [{ dataset: 'probes', readings: 1, fromMs: 1, toMs: 2, sensors: ['a'] }];
    const meant = [{ dataset: 'probes', rejected: 1 }, { rejected: 1 }];
    const ledgers = createLedgers(dynamoDb.documents, dynamoDb.tables.jobs);
    const id = segmentIdOf(segment);
    await records().record(
      { ...account, segmentId: id, rejectsKey: 'rejects/s.ndjson', holds, meant },
      { jobId: 'j', updatedAt: 'now' },
    );
    expect(await ledgers.ledgers([segment, { ...segment, key: 'raw/y' }])).toEqual([
      {
        ...{ state: 'Completed', jobId: 'j', attempts: 1, updatedAt: 'now', rejectsKey: 'rejects/s.ndjson' },
        ...{ counts: { lines: 3, valid: 1, rejected: 2 }, rejectedByReason: { 'not-json': 2 }, holds, meant },
        dropped,
      },
      undefined,
    ]);
    await records().record(
      { ...account, rejectsKey: 'rejects/s.ndjson', holds, meant },
      { jobId: 'j', updatedAt: 'now' },
    );
    expect(await item('jobs', 'segment#s', 'ledger')).toMatchObject({
      attempts: 1,
      rejectsKey: 'rejects/s.ndjson',
      holds,
    });
    await records().record({ ...account, valid: 3, rejected: {} }, { jobId: 'k', updatedAt: 'later' });
    expect(await item('jobs', 'segment#s', 'ledger')).toEqual({
      pk: 'segment#s',
      sk: 'ledger',
      ...segment,
      lines: 3,
      valid: 3,
      rejected: {},
      dropped,
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
