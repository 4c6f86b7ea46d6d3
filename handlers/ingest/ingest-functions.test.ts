import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createPageStore } from '../../adapters/dynamodb/statistics-table.ts';
import { decodePage } from '../../core/statistics/page-bytes.ts';
import { mean, standardDeviation } from '../../core/statistics/statistics.ts';
import { createEndpoint, type Endpoint } from '../../local/engine/endpoint.ts';
import { createEventBridge, type EventBridge } from '../../local/services/eventbridge/service.ts';
import { createS3, type S3 } from '../../local/services/s3/service.ts';
import { createSns, type Sns } from '../../local/services/sns/service.ts';
import { createSqs } from '../../local/services/sqs/service.ts';
import { type DynamoDb, startDynamoDb } from '../../test/support/dynamodb-tables.ts';
import { objectCreated } from '../../test/support/ingest-world.ts';
import type { MergeTask, SegmentTask } from './state-inputs.ts';

/** The functions as they are deployed, by their handler files, over S3, SNS, EventBridge and DynamoDB engines. */

const directory = mkdtempSync(join(tmpdir(), 'caudal-ingest-'));
const fixture = (name: string) =>
  readFileSync(new URL(`../../test/fixtures/${name}`, import.meta.url), 'utf8');
let s3: S3;
let topics: Sns;
let buses: EventBridge;
const events: unknown[] = [];
let endpoint: Endpoint;
let endpointUrl = '';
let dynamoDb: DynamoDb;

beforeAll(async () => {
  s3 = createS3({ directory: join(directory, 's3') });
  for (const name of ['raw', 'curated']) s3.createBucket({ name, versioned: true });
  const queues = createSqs({ directory: join(directory, 'queues'), endpointUrl: () => endpointUrl });
  topics = createSns({ directory: join(directory, 'topics'), queues });
  const topic = topics.createTopic({ name: 'alerts' });
  buses = createEventBridge({
    directory: join(directory, 'buses'),
    deliver: async (_, event) => void events.push((event as { detail: unknown }).detail),
  });
  buses.createBus({ name: 'bus' });
  buses.putRule({
    ...{ name: 'completed', busName: 'bus', targets: [{ id: 'test', arn: 'arn:test' }] },
    pattern: { source: ['caudal'], 'detail-type': ['IngestCompleted'] },
  });
  buses.start();
  endpoint = createEndpoint({ services: [s3, queues, topics, buses] });
  const { port } = await endpoint.listen(0);
  endpointUrl = `http://127.0.0.1:${port}`;
  const objects = queues.createQueue({ name: 'objects' });
  dynamoDb = await startDynamoDb();
  const { tables } = dynamoDb;
  const environment = {
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_LAMBDA_FUNCTION_NAME: 'test',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    RAW_BUCKET: 'raw',
    CURATED_BUCKET: 'curated',
    STATISTICS_TABLE: tables.statistics,
    JOBS_TABLE: tables.jobs,
    BUFFER_MIB: '128',
    ALERTS_TABLE: tables.alerts,
    IDEMPOTENCY_TABLE: tables.idempotency,
    METRICS_NAMESPACE: 'Caudal',
    ALERT_TOPIC_ARN: topic.arn,
    EVENT_BUS_NAME: 'bus',
    INGEST_QUEUE_URL: objects.url,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await endpoint.close();
  await dynamoDb.close();
  await s3.close();
  topics.close();
  await buses.close();
  rmSync(directory, { recursive: true });
});

const context = {
  awsRequestId: 'request',
  functionName: 'test',
  getRemainingTimeInMillis: () => 30_000,
} as Context; // the parts of it that are read

async function json<Shape>({ bucket, key }: { bucket: string; key: string }): Promise<Shape> {
  const { body } = await s3.getObject({ bucket, key });
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** One execution, as the state machine does it. */
async function execute(jobId: string, input: unknown) {
  const [plan, validate, planMerge, merge, finish] = await Promise.all([
    import('./plan-ingest/handler.ts'),
    import('./validate-segment/handler.ts'),
    import('./plan-merge/handler.ts'),
    import('./merge-partition/handler.ts'),
    import('./finish-ingest/handler.ts'),
  ]);
  const times = { executionArn: `arn:${jobId}`, startedAt: '2026-01-01T00:00:00.000Z' };
  const planned = await plan.handler({ jobId, ...times, input }, context);
  const children = [];
  for (const task of await json<SegmentTask[]>(planned.manifest)) {
    const Output = JSON.stringify(await validate.handler(task, context));
    children.push({ Input: JSON.stringify(task), Output, Status: 'SUCCEEDED' });
  }
  const results = await writeResults(`staging/${jobId}/validated/run`, children);
  const mergePlan = await planMerge.handler({ jobId, results }, context);
  const merged = [];
  for (const unit of await json<MergeTask[]>(mergePlan.pending.units))
    merged.push(await merge.handler(unit, context));
  const { totals, failed } = mergePlan;
  const ofMerge = merged.map((result) => ({ Output: JSON.stringify(result), Status: 'SUCCEEDED' }));
  const record = {
    totals,
    failed,
    results: await writeResults(`staging/${jobId}/merged/run`, ofMerge),
  };
  return {
    planned,
    mergePlan,
    merged,
    finish: await finish.handler({ jobId, ...times, merge: record }, context),
  };
}

/** As the ResultWriter of a map. */
async function writeResults(prefix: string, children: object[]) {
  const put = (key: string, value: unknown) =>
    s3.putObject({ bucket: 'curated', key, body: JSON.stringify(value) });
  await put(`${prefix}/SUCCEEDED_0.json`, children);
  await put(`${prefix}/manifest.json`, {
    DestinationBucket: 'curated',
    ResultFiles: { SUCCEEDED: [{ Key: `${prefix}/SUCCEEDED_0.json`, Size: 1 }], FAILED: [], PENDING: [] },
  });
  return { Bucket: 'curated', Key: `${prefix}/manifest.json` };
}

const ownOnly = { conflicts: 0, mergedByOthers: 0, waiting: 0, ofOthers: 0 };

test('an uploaded file becomes the statistics that exact arithmetic gives, and one notice', async () => {
  const key = 'landing/water-temperature/aquasense.csv';
  const { versionId = 'null' } = await s3.putObject({
    bucket: 'raw',
    key,
    body: fixture('aquasense-2023-11.csv'),
  });
  const messages = [{ messageId: 'm', body: JSON.stringify(objectCreated('raw', key, versionId)) }];
  const first = await execute('job-1', messages);
  expect(first.mergePlan).toMatchObject({
    pending: { count: 5, waitSeconds: 0 },
    totals: { segments: 1, lines: 14, valid: 14, rejected: 0, dropped: 0, refused: 0, unterminated: 0 },
  });
  expect(first.merged).toEqual([
    {
      ...ownOnly,
      merged: 5,
      partitions: 14,
      added: 14,
      replaced: 0,
      repeated: 0,
      superseded: 0,
      contested: 0,
      contestedNow: 0,
      alerts: 1,
    },
  ]);
  expect(first.finish).toMatchObject({ state: 'Completed', sent: 1, withdrawn: 0 });
  await buses.idle();
  expect(events).toEqual([{ jobId: 'job-1', executionArn: 'arn:job-1', totals: first.mergePlan.totals }]);

  const store = createPageStore(dynamoDb.documents, dynamoDb.tables.statistics);
  const expectedMonths: {
    year: number;
    month: number;
    count: number;
    temperature: Record<string, number>;
  }[] = JSON.parse(fixture('aquasense-2023-11.expected.json'));
  for (const { year, month, count, temperature } of expectedMonths) {
    const period = `${year}-${String(month).padStart(2, '0')}`;
    const pages = await store.read({ dataset: 'water-temperature', shard: 0, period }, [0]);
    const found = decodePage(pages.get(0)?.bytes as Uint8Array).get('aquasense')?.measures.temperature;
    expect(found).toMatchObject({ count, min: temperature.min, max: temperature.max });
    if (found === undefined) throw new Error(`nothing of ${period}`);
    expect(mean(found)).toBe(temperature.mean);
    expect(standardDeviation(found)).toBe(temperature.standardDeviation);
  }

  const files = s3.listKeys({ bucket: 'curated', prefix: 'curated/' });
  const again = await execute('job-2', messages);
  expect(again.merged).toEqual([
    {
      ...ownOnly,
      merged: 5,
      partitions: 14,
      added: 0,
      replaced: 0,
      repeated: 14,
      superseded: 0,
      contested: 0,
      contestedNow: 0,
      alerts: 0,
    },
  ]);
  expect(again.finish.sent).toBe(0);
  expect(s3.listKeys({ bucket: 'curated', prefix: 'curated/' })).toEqual(files);

  const replayed = await execute('job-3', {
    replay: { from: '2020-01-01', to: '2099-12-31', dataset: 'water-temperature' },
  });
  expect(replayed.planned.segments).toBe(1);
  expect(replayed.merged).toEqual(again.merged);
  expect(topics.published()).toHaveLength(1);
  expect(topics.published()[0]).toMatchObject({
    subject: 'Caudal: high-deviation at aquasense (water-temperature) on 2024-01-23',
    attributes: { rule: { value: 'high-deviation' } },
  });
});
