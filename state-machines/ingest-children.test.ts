import { describe, expect, test } from 'vitest';
import { definition, failing, NamedFault, run } from '../test/support/ingest-runs.ts';

describe('a child of ValidateSegments', () => {
  const child = definition.States.ValidateSegments?.ItemProcessor ?? definition;
  const task = {
    jobId: 'job-1',
    segmentId: 'abc',
    bucket: 'raw',
    key: 'raw/a.gz',
    versionId: 'v1',
    size: 10,
    run: '',
  };
  const recorded = { RecordSegmentFailure: () => ({}), RecordLedgerFailure: () => ({}) };

  test('passes its item on and returns what the function returns', async () => {
    const result = {
      segmentId: 'abc',
      state: 'Completed',
      lines: 1,
      valid: 1,
      rejected: 0,
      parts: null,
      partitions: 0,
    };
    const { outcome, inputOf } = await run(child, task, { ValidateSegment: () => ({ Payload: result }) });
    expect(outcome).toEqual({ kind: 'succeeded', output: result });
    expect(inputOf('ValidateSegment')).toMatchObject({ Payload: task });
  });

  test('a fault is recorded in the job and in the ledger, and returned as a failed segment', async () => {
    const { outcome, names, inputOf } = await run(child, task, {
      ...recorded,
      ValidateSegment: failing('SegmentMissing', 'gone'),
    });
    expect(names).toEqual(['ValidateSegment', 'RecordSegmentFailure', 'RecordLedgerFailure']);
    expect(inputOf('RecordSegmentFailure')).toMatchObject({
      Key: { pk: { S: 'job-1' }, sk: { S: 'segment#abc' } },
    });
    expect(inputOf('RecordLedgerFailure')).toMatchObject({
      Key: { pk: { S: 'segment#abc' }, sk: { S: 'ledger' } },
    });
    expect(outcome).toEqual({
      kind: 'succeeded',
      output: { segmentId: 'abc', key: 'raw/a.gz', state: 'Failed', error: 'SegmentMissing', cause: 'gone' },
    });
  });

  test('is returned as failed even when it can be recorded nowhere', async () => {
    const { outcome } = await run(child, task, {
      ValidateSegment: failing('SegmentMissing'),
      RecordSegmentFailure: failing('DynamoDB.ThrottlingException'),
      RecordLedgerFailure: failing('DynamoDB.ThrottlingException'),
    });
    expect(outcome).toMatchObject({
      kind: 'succeeded',
      output: { state: 'Failed', error: 'SegmentMissing' },
    });
  });

  test('that gets no function hands its task back, and records no failure', async () => {
    const { outcome, names } = await run(child, task, {
      ValidateSegment: failing('Lambda.TooManyRequestsException'),
    });
    expect(outcome).toEqual({ kind: 'succeeded', output: { state: 'Throttled', task } });
    expect(new Set(names)).toEqual(new Set(['ValidateSegment']));
  });

  test('waits for the lock of a run that died, then succeeds', async () => {
    let attempts = 0;
    const { outcome, names } = await run(child, task, {
      ValidateSegment: () => {
        attempts++;
        if (attempts <= 4) throw new NamedFault('IdempotencyAlreadyInProgressError');
        return { Payload: { state: 'Completed' } };
      },
    });
    expect(outcome).toMatchObject({ kind: 'succeeded', output: { state: 'Completed' } });
    expect(names).toHaveLength(5);
  });
});

test('a child of MergePartitions that gets no function ends, and leaves its units in the inbox', async () => {
  const child = definition.States.MergePartitions?.ItemProcessor ?? definition;
  const { outcome } = await run(
    child,
    { jobId: 'job-1', bucket: 'curated', units: [] },
    { MergePartition: failing('Lambda.TooManyRequestsException') },
  );
  expect(outcome).toEqual({ kind: 'succeeded', output: { state: 'Throttled' } });
});
