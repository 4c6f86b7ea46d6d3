import { describe, expect, test } from 'vitest';
import {
  failing,
  finishing,
  ingest,
  manifest,
  merged,
  NamedFault,
  totals,
} from '../test/support/ingest-runs.ts';

describe('an ingestion that does not go well', () => {
  test('ends Failed, with what FinishIngest says of it', async () => {
    const failure = { Error: 'MergesFailed', Cause: '1 of 2 merges failed: probes shard 0 of 2026-03: why' };
    const { outcome, names, inputOf } = await ingest({
      FinishIngest: finishing({ state: 'Failed', failure }),
    });
    expect(outcome).toEqual({ kind: 'failed', error: failure.Error, cause: failure.Cause });
    expect(names).toEqual([
      'PlanIngest',
      'ValidateSegments',
      'PlanMerge',
      'MergePartitions',
      'FinishIngest',
      'MarkJobFailed',
      'PutFailedEvent',
    ]);
    expect(inputOf('MarkJobFailed')).toMatchObject({
      Key: { pk: { S: 'job-1' }, sk: { S: 'job' } },
      ExpressionAttributeValues: {
        ':state': { S: 'Failed' },
        ':error': { S: failure.Error },
        ':cause': { S: failure.Cause },
      },
    });
  });

  test('gives FinishIngest the segments that failed', async () => {
    const failed = [{ item: 'raw/a.gz', error: 'SegmentMissing', cause: 'gone' }];
    const pending = { units: manifest, count: 1, waitSeconds: 0 };
    const counts = { ...totals, failedSegments: 1 };
    const { inputOf } = await ingest({
      PlanMerge: () => ({ Payload: { again: { count: 0 }, pending, totals: counts, failed } }),
    });
    expect(inputOf('FinishIngest')).toMatchObject({ Payload: { merge: { totals: counts, failed } } });
  });

  test('does not succeed with an answer of FinishIngest that it does not know', async () => {
    const { outcome } = await ingest({ FinishIngest: finishing({ state: 'Done' }) });
    expect(outcome.kind).toBe('failed');
  });

  test.each(['PlanIngest', 'ValidateSegments', 'PlanMerge', 'MergePartitions', 'FinishIngest'])(
    'a fault of %s marks the job, tells the bus, and fails with its error and cause',
    async (state) => {
      const { outcome, names } = await ingest({ [state]: failing('DatasetLayoutChanged', 'why') });
      expect(outcome).toEqual({ kind: 'failed', error: 'DatasetLayoutChanged', cause: 'why' });
      expect(names.slice(-3)).toEqual([state, 'MarkJobFailed', 'PutFailedEvent']);
    },
  );

  test('still fails with the first error when neither the job nor the bus can be told', async () => {
    const { outcome, names } = await ingest({
      PlanIngest: failing('InvalidInput', 'first'),
      MarkJobFailed: failing('DynamoDB.ResourceNotFoundException'),
      PutFailedEvent: failing('EventBridge.FailedEntry'),
    });
    expect(outcome).toEqual({ kind: 'failed', error: 'InvalidInput', cause: 'first' });
    expect(names.filter((name) => name === 'PutFailedEvent')).toHaveLength(6);
  });

  test('retries a named fault and goes on', async () => {
    let attempts = 0;
    const { outcome, names } = await ingest({
      PlanMerge: (input) => {
        attempts++;
        if (attempts < 3) throw new NamedFault('StoreUnavailable');
        return merged({})(input);
      },
    });
    expect(outcome.kind).toBe('succeeded');
    expect(names.filter((name) => name === 'PlanMerge')).toHaveLength(3);
  });
});
