import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobLister, JobPosition } from '../../../ports/toons.ts';
import { type DynamoDb, startDynamoDb } from '../../../test/support/dynamodb-tables.ts';
import { createIngestJobs } from './ingest-jobs.ts';
import { createJobLister } from './job-view.ts';
import { createToonJobs } from './toon-jobs.ts';

let dynamoDb: DynamoDb;
let lister: JobLister;
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

beforeAll(async () => {
  dynamoDb = await startDynamoDb();
  const { documents, tables } = dynamoDb;
  lister = createJobLister(documents, tables.jobs);
  const ingest = createIngestJobs(documents, tables.jobs);
  const toons = createToonJobs(documents, tables.jobs);
  for (const second of [3, 1, 2]) {
    const run = { executionArn: 'arn', startedAt: at(second), segments: second, updatedAt: at(second) };
    await ingest.start({ jobId: `run-${second}`, ...run });
    const job = { digest: '', total: second, metadata: { a: second }, createdAt: at(second) };
    for (const clientId of ['me', 'you'])
      await toons.create({ jobId: `${clientId}-${second}`, clientId, ...job });
    await toons.admit(
      { jobId: `me-${second}`, clientId: 'me', total: 1, createdAt: at(second) },
      { jobs: 9, toons: 99 },
    );
  }
  await ingest.finish('run-2', at(9));
});
afterAll(() => dynamoDb.close());

type Query = Parameters<JobLister['list']>[0];

/** The ids of all pages. */
async function idsOf(query: Omit<Query, 'after'>): Promise<string[]> {
  const ids: string[] = [];
  let after: JobPosition | undefined;
  do {
    const page = await lister.list({ ...query, after });
    expect(page.jobs.length).toBeLessThanOrEqual(query.limit);
    ids.push(...page.jobs.map(({ jobId }) => jobId));
    after = page.last;
  } while (after !== undefined);
  return ids;
}

test('jobs of one kind come with what their item says, the newest first', async () => {
  const { jobs } = await lister.list({ kind: 'ingest', limit: 10 });
  expect(jobs.map(({ jobId, total, state }) => [jobId, total, state])).toEqual([
    ['run-3', 3, 'Processing'],
    ['run-2', 2, 'Completed'],
    ['run-1', 1, 'Processing'],
  ]);
  const { jobs: toons } = await lister.list({ kind: 'toons', clientId: 'me', limit: 1 });
  expect(toons).toEqual([
    {
      ...{ jobId: 'me-3', kind: 'toons', state: 'Pending', total: 3, metadata: { a: 3 }, clientId: 'me' },
      ...{ createdAt: at(3), updatedAt: at(3) },
    },
  ]);
});

test.each([1, 2, 10])('pages of %d have each job once', async (limit) => {
  expect(await idsOf({ kind: 'ingest', limit })).toEqual(['run-3', 'run-2', 'run-1']);
  expect(await idsOf({ kind: 'toons', clientId: 'you', limit })).toEqual(['you-3', 'you-2', 'you-1']);
  expect((await idsOf({ kind: 'toons', limit })).toSorted()).toEqual([
    'me-1',
    'me-2',
    'me-3',
    'you-1',
    'you-2',
    'you-3',
  ]);
});

test('a span has both of its ends, and a state the jobs that are in it', async () => {
  expect(await idsOf({ kind: 'ingest', from: at(2), to: at(3), limit: 1 })).toEqual(['run-3', 'run-2']);
  expect(await idsOf({ kind: 'ingest', state: 'Completed', limit: 5 })).toEqual(['run-2']);
  expect(await idsOf({ kind: 'toons', state: 'Failed', limit: 5 })).toEqual([]);
});
