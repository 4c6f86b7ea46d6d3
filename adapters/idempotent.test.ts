import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type DynamoDb, startDynamoDb } from '../test/support/dynamodb-tables.ts';
import { idempotent } from './idempotent.ts';

let dynamoDb: DynamoDb;
beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
afterAll(() => dynamoDb.close());
beforeEach(() => {
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'validate-segment'); // Powertools prefixes its keys with it
  return () => vi.unstubAllEnvs();
});

interface Task {
  bucket: string;
  key: string;
  versionId: string;
  run: string;
  jobId: string;
}
const task: Task = { bucket: 'raw', key: 'raw/x', versionId: 'v1', run: '', jobId: 'job-1' };
const context = (remainingMs: number) => ({ getRemainingTimeInMillis: () => remainingMs }) as Context;

function remembering(work: (task: Task) => Promise<{ by: string; times: number }>, remainingMs = 30_000) {
  const { client, tables } = dynamoDb;
  const made = idempotent({
    client,
    table: tables.idempotency,
    keyPath: '[bucket, key, versionId, run]',
    work,
  });
  made.registerContext(context(remainingMs));
  return made.run;
}

test('the same segment is worked on once, whatever job asks; a replay is another run', async () => {
  let times = 0;
  const run = remembering(async ({ jobId }) => ({ by: jobId, times: ++times }));
  expect(await run(task)).toEqual({ by: 'job-1', times: 1 });
  expect(await run({ ...task, jobId: 'job-2' })).toEqual({ by: 'job-1', times: 1 });
  expect(await run({ ...task, jobId: 'job-3', run: 'job-3' })).toEqual({ by: 'job-3', times: 2 });
  expect(await run({ ...task, versionId: 'v2' })).toEqual({ by: 'job-1', times: 3 });
});

test('a failure is not remembered', async () => {
  let times = 0;
  const run = remembering(async ({ jobId }) => {
    if (++times === 1) throw Object.assign(new Error('gone'), { name: 'SegmentMissing' });
    return { by: jobId, times };
  });
  const failing = { ...task, key: 'raw/failing' };
  await expect(run(failing)).rejects.toMatchObject({ name: 'SegmentMissing' });
  expect(await run(failing)).toEqual({ by: 'job-1', times: 2 });
});

test('a run that died lets the next one in when its time is over, not before', async () => {
  const dying = { ...task, key: 'raw/dying' };
  const never = remembering(() => new Promise(() => undefined), 2_000);
  void never(dying);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const run = remembering(async ({ jobId }) => ({ by: jobId, times: 1 }));
  await expect(run(dying)).rejects.toMatchObject({ name: 'IdempotencyAlreadyInProgressError' });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(await run(dying)).toEqual({ by: 'job-1', times: 1 });
});

test('a task without a key is refused', async () => {
  const run = remembering(async () => ({ by: '', times: 1 }));
  await expect(run({} as Task)).rejects.toMatchObject({ name: 'IdempotencyKeyError' });
});
