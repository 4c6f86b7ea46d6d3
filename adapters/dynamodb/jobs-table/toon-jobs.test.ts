import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ToonRecord } from '../../../core/toons/record.ts';
import { type PlannedToon, planToons } from '../../../core/toons/toon.ts';
import { createQueryJobs } from '../../../handlers/api/query-jobs/query-jobs.ts';
import { createPlanJob, type PlannedJob } from '../../../handlers/toons/plan-job/plan-job.ts';
import { createSummarizeJob } from '../../../handlers/toons/summarize-job/summarize-job.ts';
import { type DynamoDb, startDynamoDb } from '../../../test/support/dynamodb-tables.ts';
import { createIngestJobs } from './ingest-jobs.ts';
import { createJobViewer } from './job-view.ts';
import { toonJobKey } from './keys.ts';
import { createToonJobs, createToonRecords } from './toon-jobs.ts';

let dynamoDb: DynamoDb;
beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
afterAll(() => dynamoDb.close());

const records = () => createToonRecords(dynamoDb.documents, dynamoDb.tables.jobs);
const jobs = () => createToonJobs(dynamoDb.documents, dynamoDb.tables.jobs);
const viewer = () => createJobViewer(dynamoDb.documents, dynamoDb.tables.jobs);
const createdAt = '2026-01-01T00:00:00.000Z';

const plan = (jobId: string, count: number): PlannedToon[] =>
  planToons(
    jobId,
    Array.from({ length: count }, (_, index) => ({
      toonId: `t${String(index).padStart(4, '0')}`,
      type: 'binary' as const,
      source: { bucket: 'b', key: 'k' },
    })),
  );

const outcome = (toonId: string, state: ToonRecord['state'] = 'Completed'): ToonRecord => ({
  toonId,
  type: 'binary',
  state,
  sha256: '00',
  bytes: 1,
  ...(state === 'Completed'
    ? { result: { detectedType: 'application/octet-stream' } }
    : { reason: 'corrupt' as const, detail: 'broken' }),
  durationMs: 3,
  processedAt: createdAt,
});

const submit = (jobId: string, total: number) =>
  jobs().create({ jobId, clientId: 'c', digest: `digest of ${jobId}`, total, metadata: { a: 1 }, createdAt });

describe('records', () => {
  test('a redelivered toon is recorded once, as it was first, and counted once', async () => {
    await submit('ONCE', 2);
    await jobs().begin({ jobId: 'ONCE', executionArn: 'arn', updatedAt: createdAt });
    const [toon, other] = plan('ONCE', 2) as [PlannedToon, PlannedToon];
    expect(await records().record(toon, outcome('t0000', 'Failed'))).toBe('Failed');
    expect(await records().record(toon, outcome('t0000'))).toBe('Failed');
    await Promise.all([1, 2, 3].map(() => records().record(other, outcome('t0001'))));
    expect(await viewer().view('ONCE')).toMatchObject({
      state: 'Processing',
      total: 2,
      processed: 2,
      failed: 1,
    });
    const page = await records().list({ jobId: 'ONCE', limit: 10 });
    expect(page).toEqual({ records: [outcome('t0000', 'Failed'), outcome('t0001')] });
  });

  test('whoever dies between the record and the count is made up for by the redelivery', async () => {
    await submit('CRASH', 1);
    await jobs().begin({ jobId: 'CRASH', executionArn: 'arn', updatedAt: createdAt });
    const [toon] = plan('CRASH', 1) as [PlannedToon];
    const dying = Object.create(dynamoDb.documents, {
      send: {
        value: (command: UpdateCommand) =>
          command.constructor.name === 'UpdateCommand'
            ? Promise.reject(new Error('killed'))
            : dynamoDb.documents.send(command),
      },
    });
    await expect(
      createToonRecords(dying, dynamoDb.tables.jobs).record(toon, outcome('t0000')),
    ).rejects.toThrow('killed');
    expect(await viewer().view('CRASH')).toMatchObject({ processed: 0 });
    expect(await records().record(toon, outcome('t0000'))).toBe('Completed');
    expect(await viewer().view('CRASH')).toMatchObject({ processed: 1, failed: 0 });
  });

  test('a result keeps numbers that DynamoDB can not hold', async () => {
    const [toon] = plan('NUMBERS', 1) as [PlannedToon];
    const result = {
      dataset: 'd',
      lines: 1,
      readings: 1,
      series: 1,
      from: createdAt,
      to: createdAt,
      rejected: {},
      measures: { m: { count: 1, min: 5e-324, max: 1.7976931348623157e308 } },
    };
    await records().record(toon, { ...outcome('t0000'), result });
    expect((await records().list({ jobId: 'NUMBERS', limit: 1 })).records[0]?.result).toEqual(result);
  });

  test('progress is spread over items of at most a hundred toons, and summed', async () => {
    await submit('SPREAD', 250);
    await jobs().begin({ jobId: 'SPREAD', executionArn: 'arn', updatedAt: createdAt });
    const toons = plan('SPREAD', 250);
    await Promise.all(toons.map((toon) => records().record(toon, outcome(toon.toonId))));
    const { Items: items = [] } = await dynamoDb.documents.send(
      new QueryCommand({
        TableName: dynamoDb.tables.jobs,
        KeyConditionExpression: 'pk = :job AND begins_with(sk, :progress)',
        ExpressionAttributeValues: { ':job': 'toons#SPREAD', ':progress': 'progress#' },
      }),
    );
    expect(items.map(({ done }) => done.size)).toEqual([84, 83, 83]);
    expect(await viewer().view('SPREAD')).toMatchObject({ processed: 250, failed: 0 });
    const summary = await createSummarizeJob({ records: records() })({ jobId: 'SPREAD', total: 250 });
    expect(summary).toEqual({ jobId: 'SPREAD', total: '250', processed: '250', failed: '0', failures: [] });
  });
});

describe('jobs', () => {
  test('are created once; the one that is there tells its digest', async () => {
    expect(await submit('NEW', 1)).toEqual({ kind: 'created' });
    expect(await submit('NEW', 1)).toEqual({ kind: 'exists', digest: 'digest of NEW' });
    expect(await viewer().view('NEW')).toEqual({
      jobId: 'NEW',
      kind: 'toons',
      state: 'Pending',
      total: 1,
      processed: 0,
      failed: 0,
      clientId: 'c',
      metadata: { a: 1 },
      createdAt,
      updatedAt: createdAt,
    });
    expect(await viewer().view('NOBODY')).toBeUndefined();
  });

  test('a plan marks the job, writes the manifest, and can be repeated', async () => {
    await submit('PLAN', 3);
    const objects = new Map<string, Uint8Array>();
    const request = { bucket: 'b', key: 'jobs/PLAN/d/request.json' };
    const toons = plan('PLAN', 3).map(({ jobId: _j, position: _p, progressKey: _k, ...toon }) => toon);
    objects.set(request.key, Buffer.from(JSON.stringify({ jobId: 'PLAN', toons })));
    const planJob = createPlanJob({
      objects: {
        read: async ({ key }) => {
          const bytes = objects.get(key);
          return bytes && { bytes, etag: '', metadata: {} };
        },
        write: async ({ key, bytes }) => void objects.set(key, bytes),
      },
      jobs: jobs(),
      clock: { nowMs: () => Date.UTC(2026, 0, 2) },
    });
    const expected: PlannedJob = {
      jobId: 'PLAN',
      total: 3,
      manifest: { bucket: 'b', key: 'jobs/PLAN/d/manifest.json' },
      resultsPrefix: 'jobs/PLAN/d/results/',
    };
    for (let run = 0; run < 2; run++) {
      expect(await planJob({ jobId: 'PLAN', executionArn: 'arn', request })).toEqual(expected);
    }
    expect(JSON.parse(Buffer.from(objects.get(expected.manifest.key) ?? []).toString())).toEqual(
      plan('PLAN', 3),
    );
    expect(await viewer().view('PLAN')).toMatchObject({
      state: 'Processing',
      updatedAt: '2026-01-02T00:00:00.000Z',
    });
    await expect(planJob({ jobId: 'GHOST', executionArn: 'arn', request })).rejects.toMatchObject({
      name: 'InvalidInput',
    });
    await expect(
      planJob({ jobId: 'PLAN', executionArn: 'arn', request: { bucket: 'b', key: 'gone' } }),
    ).rejects.toMatchObject({ name: 'StagingMissing' });
  });

  test('a job that nobody submitted is not begun', async () => {
    await expect(
      jobs().begin({ jobId: 'GHOST', executionArn: 'arn', updatedAt: createdAt }),
    ).rejects.toMatchObject({
      name: 'JobMissing',
    });
    const { Item } = await dynamoDb.documents.send(
      new GetCommand({ TableName: dynamoDb.tables.jobs, Key: { pk: 'toons#GHOST', sk: 'job' } }),
    );
    expect(Item).toBeUndefined();
  });

  test('a summary misses what has no record, and names at most twenty failures', async () => {
    const toons = plan('GAP', 30);
    for (const toon of toons.slice(0, 25)) await records().record(toon, outcome(toon.toonId, 'Failed'));
    const summarize = createSummarizeJob({ records: records() });
    await expect(summarize({ jobId: 'GAP', total: 30 })).rejects.toMatchObject({ name: 'ToonsUnrecorded' });
    const { failed, failures } = await summarize({ jobId: 'GAP', total: 25 });
    expect(failed).toBe('25');
    expect(failures).toHaveLength(20);
    expect(failures[0]).toEqual({ toonId: 't0000', reason: 'corrupt', detail: 'broken' });
  });
});

describe('results', () => {
  const answer = createQueryJobs({
    bucket: 'b',
    get jobs() {
      return viewer();
    },
    get records() {
      return records();
    },
    links: { readLink: async ({ key }) => ({ url: `https://example.test/${key}`, expiresAt: createdAt }) },
    onFault: (fault) => {
      throw fault;
    },
  });
  const get = async (query: Record<string, string>) => {
    const { status, body } = await answer({
      method: 'GET',
      route: '/results',
      pathParameters: {},
      query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
      headers: {},
      body: new Uint8Array(),
      path: '/results',
      basePath: '',
      clientId: 'c',
      user: undefined,
      scopes: [],
      requestId: 'r',
    });
    return { status, body: JSON.parse(body) };
  };

  test('come in pages without a gap or a repeat; a cursor is no good for another job', async () => {
    await submit('PAGES', 25);
    await submit('OTHER', 1);
    for (const toon of plan('PAGES', 25)) await records().record(toon, outcome(toon.toonId));
    const seen: string[] = [];
    let cursor: string | null = null;
    let strange = '';
    do {
      const { status, body } = await get({
        jobId: 'PAGES',
        limit: '10',
        ...(cursor === null ? {} : { cursor }),
      });
      expect(status).toBe(200);
      seen.push(...body.results.map(({ toonId }: { toonId: string }) => toonId));
      cursor = body.cursor;
      strange = cursor ?? strange;
    } while (cursor !== null);
    expect(seen).toEqual(plan('PAGES', 25).map(({ toonId }) => toonId));
    expect((await get({ jobId: 'OTHER', cursor: strange })).body).toMatchObject({
      status: 400,
      parameter: 'cursor',
    });
    expect((await get({ jobId: 'PAGES', cursor: 'abc' })).body).toMatchObject({
      status: 400,
      parameter: 'cursor',
    });
  });

  test('a thumbnail is a link, and nothing else of the table is shown', async () => {
    await submit('THUMB', 1);
    const [toon] = plan('THUMB', 1) as [PlannedToon];
    const thumbnail = { key: 'thumbnails/THUMB/t0000.webp', width: 128, height: 64, bytes: 9 };
    const result = { format: 'png', width: 300, height: 150, thumbnail };
    await records().record(toon, { ...outcome('t0000'), result, cause: 'a stack trace' } as ToonRecord);
    const { body } = await get({ jobId: 'THUMB' });
    expect(body.results[0].result.thumbnail).toEqual({
      width: 128,
      height: 64,
      bytes: 9,
      url: 'https://example.test/thumbnails/THUMB/t0000.webp',
      expiresAt: createdAt,
    });
    expect(JSON.stringify(body)).not.toContain('stack trace');
  });

  test.each([
    [404, 'jobId', { jobId: 'NOBODY' }],
    [400, 'jobId', {}],
    [400, 'limit', { jobId: 'X', limit: '1001' }],
    [400, 'jobId', { jobId: '../x' }],
  ])('%i names %s', async (status, parameter, query) => {
    expect((await get(query as Record<string, string>)).body).toMatchObject({ status, parameter });
  });
});

describe('what a client chooses', () => {
  const ofIngest = { executionArn: 'arn', startedAt: createdAt, segments: 1, updatedAt: createdAt };
  const ingestJobs = () => createIngestJobs(dynamoDb.documents, dynamoDb.tables.jobs);

  test('is the key of nothing of the ingestion: neither its jobs nor what it has announced', async () => {
    await ingestJobs().start({ jobId: 'INGEST', ...ofIngest });
    const job = { clientId: 'c', digest: 'd', total: 1, metadata: undefined, createdAt };
    expect(await jobs().create({ jobId: 'INGEST', ...job })).toEqual({ kind: 'exists', digest: undefined });
    expect(await viewer().view('INGEST')).toMatchObject({ kind: 'ingest', total: 1 });
    for (const jobId of ['to-come', 'segment', 'unit']) {
      expect(await jobs().create({ jobId, ...job })).toEqual({ kind: 'created' });
      const { Items } = await dynamoDb.documents.send(
        new QueryCommand({
          TableName: dynamoDb.tables.jobs,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': jobId },
        }),
      );
      expect(Items).toEqual([]);
    }
  });

  test('that the ingestion uses later does not hide the job of the ingestion', async () => {
    await submit('LATER', 3);
    await ingestJobs().start({ jobId: 'LATER', ...ofIngest });
    expect(await viewer().view('LATER')).toMatchObject({ kind: 'ingest', total: 1 });
    await jobs().begin({ jobId: 'LATER', executionArn: 'arn', updatedAt: createdAt });
    expect(await viewer().view('LATER')).toMatchObject({ kind: 'ingest', state: 'Processing' });
  });
});

describe('the open jobs of a client', () => {
  const most = { jobs: 3, toons: 100 };
  const admit = (jobId: string, { clientId = 'open', total = 1, at = createdAt } = {}) =>
    jobs().admit({ jobId, clientId, total, createdAt: at }, most);

  test('are so many, however many are submitted at once; another client has its own', async () => {
    const submitted = Array.from({ length: 6 }, (_, number) => admit(`OPEN${number}`));
    const kinds = (await Promise.all(submitted)).map(({ kind }) => kind).sort();
    expect(kinds).toEqual(['admitted', 'admitted', 'admitted', 'full', 'full', 'full']);
    expect(await admit('OTHERS', { clientId: 'other' })).toEqual({ kind: 'admitted' });
  });

  test('have so many toons together, and one that was taken is taken again', async () => {
    expect(await admit('BIG', { clientId: 'toons', total: 90 })).toEqual({ kind: 'admitted' });
    expect(await admit('MORE', { clientId: 'toons', total: 11 })).toEqual({
      kind: 'full',
      jobs: 1,
      toons: 90,
    });
    expect(await admit('BIG', { clientId: 'toons', total: 90 })).toEqual({ kind: 'admitted' });
    expect(await admit('LESS', { clientId: 'toons', total: 10 })).toEqual({ kind: 'admitted' });
  });

  test('are those that have not ended, and a day after its submission none is open', async () => {
    const clientId = 'ends';
    for (const jobId of ['E1', 'E2', 'E3']) expect((await admit(jobId, { clientId })).kind).toBe('admitted');
    expect((await admit('E4', { clientId })).kind).toBe('full');
    await submit('E1', 1);
    await dynamoDb.documents.send(
      new UpdateCommand({
        TableName: dynamoDb.tables.jobs,
        Key: toonJobKey('E1'),
        UpdateExpression: 'SET #state = :ended',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ':ended': 'Completed' },
      }),
    );
    expect((await admit('E4', { clientId })).kind).toBe('admitted');
    expect((await admit('E5', { clientId })).kind).toBe('full');
    const at = new Date(Date.parse(createdAt) + 86_400_001).toISOString();
    expect((await admit('E5', { clientId, at })).kind).toBe('admitted');
  });
});
