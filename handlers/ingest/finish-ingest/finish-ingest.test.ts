import { describe, expect, test } from 'vitest';
import { curatedBucket, IngestWorld } from '../../../test/support/ingest-world.ts';
import { lines, probes } from '../../../test/support/probe-dataset.ts';
import type { MergePlan } from '../plan-merge/plan-merge.ts';
import type { FinishRequest } from './finish-ingest.ts';

const hot = lines({ sensorId: 'a', at: '2026-03-02T12:00:00Z', temperature: 35 });
const unit = { dataset: 'probes', shard: 0, month: '2026-03' };
const itemOf = (...units: object[]) => JSON.stringify({ jobId: 'job', bucket: curatedBucket, units });
const done = { Input: itemOf(unit), Output: '{"merged":1}', Status: 'SUCCEEDED' };
const ofLambda = (errorType: string, errorMessage: string) =>
  JSON.stringify({ errorType, errorMessage, trace: ['Error: somewhere', '    at line 1'] });

/** A job whose readings are merged, or wait. */
async function merged({ isMerged = true } = {}) {
  const world = new IngestWorld([probes]);
  const { merge } = await world.stage('job', [world.deliver('raw/2026/03/02/13/x', hot)]);
  if (isMerged) await world.mergeRound(merge.pending);
  return { world, merge };
}

function finish(
  world: IngestWorld,
  { totals, failed }: Pick<MergePlan, 'totals' | 'failed'>,
  children: { SUCCEEDED?: object[]; FAILED?: object[] } | undefined,
) {
  const results = children && { results: world.writeResults('staging/job/merged', children) };
  const request: FinishRequest = {
    ...{ jobId: 'job', executionArn: 'arn:job', startedAt: new Date(world.nowMs).toISOString() },
    merge: { totals, failed, ...results },
  };
  return world.functions().finishIngest(request, { remainingMs: () => 60_000 });
}

describe('an execution whose readings are merged', () => {
  test('has its alerts sent, its job completed and the bus told', async () => {
    const { world, merge } = await merged();
    const answer = await finish(world, merge, { SUCCEEDED: [done] });
    expect(answer).toMatchObject({ state: 'Completed', pending: null, failure: null, sent: 1 });
    expect(world.jobs.jobs.get('job')?.state).toBe('Completed');
    expect(world.events.events).toEqual([{ jobId: 'job', executionArn: 'arn:job', totals: merge.totals }]);
  });

  test('may be finished again: no alert goes out twice, and the event comes again', async () => {
    const { world, merge } = await merged();
    await finish(world, merge, { SUCCEEDED: [done] });
    expect(await finish(world, merge, { SUCCEEDED: [done] })).toMatchObject({ state: 'Completed', sent: 0 });
    expect(world.topic.notices).toHaveLength(1);
    expect(world.events.events).toHaveLength(2);
  });

  test('gives back what it was given, so that the state machine keeps it', async () => {
    const { world, merge } = await merged();
    const { totals, failed } = await finish(world, merge, { SUCCEEDED: [done] });
    expect({ totals, failed }).toEqual({ totals: merge.totals, failed: merge.failed });
  });

  test('sends the alerts that an earlier one left, also where there was nothing to merge', async () => {
    const { world, merge } = await merged();
    expect(await finish(world, merge, undefined)).toMatchObject({ state: 'Completed', sent: 1 });
  });
});

test('what waits is waited for: no alert, no event, and the job goes on', async () => {
  const { world, merge } = await merged({ isMerged: false });
  const throttled = { Input: itemOf(unit), Output: '{"state":"Throttled"}', Status: 'SUCCEEDED' };
  const answer = await finish(world, merge, { SUCCEEDED: [throttled] });
  expect(answer).toMatchObject({ state: 'Waiting', pending: { count: 1, waitSeconds: 1 }, failure: null });
  expect(JSON.parse(world.objects.text(curatedBucket, answer.pending?.units.key ?? '') ?? '')).toEqual([
    { jobId: 'job', bucket: curatedBucket, units: [unit] },
  ]);
  expect(world.topic.notices).toEqual([]);
  expect(world.events.events).toEqual([]);
  expect(world.jobs.jobs.get('job')?.state).toBe('Processing');
});

describe('the failure of an execution', () => {
  const failure = async (
    children: { SUCCEEDED?: object[]; FAILED?: object[] },
    change: Partial<Pick<MergePlan, 'totals' | 'failed'>> = {},
  ) => {
    const { world, merge } = await merged();
    const answer = await finish(world, { ...merge, ...change }, children);
    expect(answer).toMatchObject({ state: 'Failed', pending: null });
    expect(world.jobs.jobs.get('job')?.state).toBe('Processing');
    expect(world.events.events).toEqual([]);
    // What was merged is, and people are told of it.
    expect(world.topic.notices).toHaveLength(1);
    return answer.failure;
  };

  test('names the merges that failed, with error and message', async () => {
    const unreadable = {
      Input: itemOf(unit, { ...unit, month: '2026-04' }, { ...unit, month: '2026-05' }),
      Error: 'PartitionUnreadable',
      Cause: ofLambda('PartitionUnreadable', 'curated/x:\nno Parquet'),
      Status: 'FAILED',
    };
    expect(await failure({ SUCCEEDED: [done], FAILED: [unreadable] })).toEqual({
      Error: 'MergesFailed',
      Cause:
        '1 of 2 merges failed: probes shard 0 of 2026-03, probes shard 0 of 2026-04 and 1 more: PartitionUnreadable: curated/x: no Parquet',
    });
  });

  test('names a merge whose time ran out, which has no error of its own', async () => {
    expect(await failure({ FAILED: [{ Input: itemOf(unit), Status: 'TIMED_OUT' }] })).toEqual({
      Error: 'MergesFailed',
      Cause: '1 of 1 merges failed: probes shard 0 of 2026-03: TIMED_OUT',
    });
  });

  test('names the segments that failed', async () => {
    const { merge } = await merged();
    const totals = { ...merge.totals, segments: 3, failedSegments: 2 };
    const failed = [
      { item: 'raw/a', error: 'SegmentMissing', cause: 'gone' },
      { item: 'raw/b', error: 'States.Timeout', cause: '' },
    ];
    expect(await failure({ SUCCEEDED: [done] }, { totals, failed })).toEqual({
      Error: 'SegmentsFailed',
      Cause: '2 of 3 segments failed: raw/a: SegmentMissing: gone; raw/b: States.Timeout',
    });
  });

  test('names both', async () => {
    const { merge } = await merged();
    const totals = { ...merge.totals, segments: 3, failedSegments: 1 };
    const failed = [{ item: 'raw/a', error: 'SegmentMissing', cause: 'gone' }];
    const child = { Input: itemOf(unit), Error: 'StoreUnavailable', Cause: 'later', Status: 'FAILED' };
    expect(await failure({ FAILED: [child] }, { totals, failed })).toEqual({
      Error: 'MergesFailed',
      Cause:
        '1 of 1 merges failed: probes shard 0 of 2026-03: StoreUnavailable: later; also 1 of 3 segments failed: raw/a: SegmentMissing: gone',
    });
  });

  test('keeps a message whole that says what to do, as that of a partition that is no file has', async () => {
    const message = `s3://bucket/${'k'.repeat(300)} is no partition. Have it built again: npm run caudal -- reconcile --fix ${'o'.repeat(150)} --end`;
    const child = { Input: itemOf(unit), Error: 'E', Cause: ofLambda('E', message), Status: 'FAILED' };
    expect((await failure({ FAILED: [child] }))?.Cause).toContain(message);
  });

  test('counts what it has no room to name: it stays far below what a cause may have', async () => {
    const { merge } = await merged();
    const totals = { ...merge.totals, segments: 90, failedSegments: 70 };
    const failed = Array.from({ length: 20 }, (_, n) => ({
      ...{ item: `raw/${n}${'x'.repeat(1_000)}`, error: 'SegmentMissing', cause: 'y'.repeat(300) },
    }));
    const child = {
      Input: itemOf(unit),
      Error: 'E',
      Cause: ofLambda('E', 'z'.repeat(5_000)),
      Status: 'FAILED',
    };
    const { Cause = '' } = (await failure({ FAILED: Array(500).fill(child) }, { totals, failed })) ?? {};
    expect(Cause).toMatch(
      /^500 of 500 merges failed: probes shard 0 of 2026-03: E: z+…; .*; and 4\d\d more; also /,
    );
    expect(Cause).toMatch(/also 70 of 90 segments failed: raw\/0x+: SegmentMissing: y+; .*; and 6\d more$/);
    expect(Cause.length).toBeLessThan(10_000);
  });
});
