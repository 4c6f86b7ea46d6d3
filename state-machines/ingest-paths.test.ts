import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { describe, expect, test } from 'vitest';
import { allStates, type Definition, readDefinition, type State } from '../test/support/infra/definition.ts';

type Json = Parameters<StateMachine['run']>[0];
type Answer = (input: Json) => Json;

const { definition } = readDefinition('ingest');

/** A fault as Step Functions sees it: a name and a message. */
class NamedFault extends Error {
  constructor(name: string, message = 'it broke') {
    super(message);
    this.name = name;
  }
}
const failing =
  (name: string, message?: string): Answer =>
  () => {
    throw new NamedFault(name, message);
  };

const context = {
  Execution: { Id: 'arn:aws:states:us-east-1:000000000000:execution:caudal-ingest:job-1', Name: 'job-1' },
  State: { EnteredTime: '2025-03-01T00:00:00.000Z' },
};
const totals = { segments: 2, failedSegments: 0, lines: 10, valid: 9, rejected: 1 };
const manifest = { bucket: 'curated', key: 'staging/job-1/segments.json' };
const pendingManifest = { bucket: 'curated', key: 'staging/job-1/pending-units.json' };
const planned: Answer = () => ({ Payload: { jobId: 'job-1', segments: 2, manifest } });
const merged =
  (change: object): Answer =>
  () => ({
    Payload: {
      again: { count: 0 },
      pending: { units: manifest, count: 1, waitSeconds: 0 },
      totals: { ...totals, ...change },
      failed: [],
    },
  });
const mapDone: Answer = () => ({
  MapRunArn: 'arn',
  ResultWriterDetails: { Bucket: 'curated', Key: 'manifest.json' },
});

/** What FinishIngest answers, beside what it was given. */
const finishing =
  (change: object): Answer =>
  (input) => {
    const { merge } = (input as { Payload: { merge: { totals: object; failed: object[] } } }).Payload;
    const { totals: given, failed } = merge;
    const usual = { state: 'Completed', pending: null, failure: null, sent: 0, withdrawn: 0 };
    return { Payload: JSON.parse(JSON.stringify({ ...usual, totals: given, failed, ...change })) };
  };
const waiting = finishing({
  state: 'Waiting',
  pending: { units: pendingManifest, count: 1, waitSeconds: 0 },
});

const answers: Record<string, Answer> = {
  PlanIngest: planned,
  ValidateSegments: mapDone,
  PlanMerge: merged({}),
  MergePartitions: mapDone,
  FinishIngest: finishing({}),
  MarkJobFailed: () => ({}),
  PutFailedEvent: () => ({}),
};

/** The engine runs no Distributed Map: a map stands there as a task with the same ways out, and its child runs by itself. */
function runnable(machine: Definition): StateMachineDefinition {
  const states = Object.entries(machine.States).map(([name, state]): [string, object] => {
    if (state.Type !== 'Map') return [name, state];
    const { ItemProcessor, ItemReader, ResultWriter, Label, ToleratedFailurePercentage, ...rest } =
      state as State & {
        MaxConcurrencyPath?: string;
      };
    const { MaxConcurrencyPath, ...task } = rest;
    return [name, { ...task, Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', TimeoutSeconds: 60 }];
  });
  const text = JSON.stringify({ StartAt: machine.StartAt, States: Object.fromEntries(states) });
  return JSON.parse(text.replace(/\$\{MaxConcurrency\}/g, '40')) as StateMachineDefinition;
}

/** Runs a machine with these answers of its tasks; no waiting between retries. */
async function run(machine: Definition, input: Json, overrides: Record<string, Answer>) {
  const calls: { state: string; input: Json }[] = [];
  const taskResourceLocalHandlers = Object.fromEntries(
    Object.entries({ ...answers, ...overrides }).map(([state, answer]) => [
      state,
      (given: Json) => {
        calls.push({ state, input: given });
        return answer(given);
      },
    ]),
  );
  const retryIntervalOverrides = Object.fromEntries(allStates(machine).map(([name]) => [name, 0]));
  const execution = new StateMachine(runnable(machine), { validationOptions: { checkArn: false } }).run(
    input,
    {
      context,
      overrides: { taskResourceLocalHandlers, retryIntervalOverrides },
    },
  );
  const outcome = await execution.result.then(
    (output) => ({ kind: 'succeeded' as const, output }),
    (error: Error & { cause: Error }) => ({
      kind: 'failed' as const,
      error: error.cause.name,
      cause: error.cause.message,
    }),
  );
  const names = calls.map(({ state }) => state);
  return {
    outcome,
    calls,
    names,
    inputOf: (state: string) => calls.find((call) => call.state === state)?.input,
  };
}

const batch: Json = [{ messageId: 'm', body: '{}' }];
const ingest = (overrides: Record<string, Answer> = {}) => run(definition, batch, overrides);

describe('ingest, run by the engine of the local cloud', () => {
  test('goes through its steps in order and succeeds', async () => {
    const { outcome, names } = await ingest();
    expect(outcome.kind).toBe('succeeded');
    expect(names).toEqual(['PlanIngest', 'ValidateSegments', 'PlanMerge', 'MergePartitions', 'FinishIngest']);
  });

  test('enters nine states on its usual way, which AWS bills as transitions', () => {
    const outcome: Record<string, string> = {
      HasSegments: 'ValidateSegments',
      HasUnits: 'MergePartitions',
      IsFinished: 'IngestCompleted',
    };
    const entered: string[] = [];
    for (let name: string | undefined = definition.StartAt; name !== undefined; ) {
      entered.push(name);
      name = outcome[name] ?? definition.States[name]?.Next;
    }
    expect(entered).toEqual([
      'PlanIngest',
      'HasSegments',
      'ValidateSegments',
      'PlanMerge',
      'HasUnits',
      'MergePartitions',
      'FinishIngest',
      'IsFinished',
      'IngestCompleted',
    ]);
  });

  test('gives PlanIngest the batch and the execution', async () => {
    const { inputOf } = await ingest();
    expect(inputOf('PlanIngest')).toMatchObject({
      Payload: {
        jobId: 'job-1',
        executionArn: context.Execution.Id,
        startedAt: expect.any(String),
        input: batch,
      },
    });
  });

  test('gives PlanMerge where the results of the map are', async () => {
    const { inputOf } = await ingest();
    expect(inputOf('PlanMerge')).toMatchObject({
      Payload: { jobId: 'job-1', results: { Bucket: 'curated', Key: 'manifest.json' } },
    });
  });

  test('succeeds at once when there is nothing to ingest', async () => {
    const { outcome, names, inputOf } = await ingest({
      PlanIngest: () => ({ Payload: { jobId: 'job-1', segments: 0, manifest } }),
    });
    expect(outcome.kind).toBe('succeeded');
    expect(names).toEqual(['PlanIngest', 'FinishIngest']);
    const none = { segments: 0, failedSegments: 0, lines: 0, valid: 0, rejected: 0, dropped: 0, refused: 0 };
    expect(inputOf('FinishIngest')).toMatchObject({
      Payload: {
        jobId: 'job-1',
        executionArn: context.Execution.Id,
        merge: { totals: { ...none, unterminated: 0 }, failed: [] },
      },
    });
  });

  test('comes back for what waits, until nothing of it does', async () => {
    let rounds = 0;
    const { outcome, names, calls } = await ingest({
      FinishIngest: (input) => (++rounds < 3 ? waiting : finishing({}))(input),
    });
    expect(outcome.kind).toBe('succeeded');
    const round = ['MergePartitions', 'FinishIngest'];
    expect(names.slice(3)).toEqual([...round, ...round, ...round]);
    const inputsOf = (state: string) =>
      calls
        .filter((call) => call.state === state)
        .map(({ input }) => input as { merge: { pending: object } });
    expect(inputsOf('MergePartitions').map(({ merge }) => merge.pending)).toMatchObject([
      { units: manifest },
      { units: pendingManifest },
      { units: pendingManifest },
    ]);
    for (const { Payload } of inputsOf('FinishIngest') as object[] as { Payload: object }[])
      expect(Payload).toMatchObject({
        merge: { totals, failed: [], results: { Bucket: 'curated', Key: 'manifest.json' } },
      });
  });

  test('validates again what was throttled, by its own manifest, until nothing of it is', async () => {
    const throttled = { bucket: 'curated', key: 'staging/job-1/throttled-segments.json' };
    const { outcome, names, calls } = await ingest({
      PlanMerge: (input) => {
        const { earlier } = (input as { Payload: { earlier: string[] } }).Payload;
        if (earlier.length === 2) return merged({})(input);
        const again = { count: 1, manifest: throttled, earlier: [...earlier, 'results'], waitSeconds: 0 };
        return {
          Payload: { again, pending: { units: manifest, count: 0, waitSeconds: 0 }, totals, failed: [] },
        };
      },
    });
    expect(outcome.kind).toBe('succeeded');
    const round = ['ValidateSegments', 'PlanMerge'];
    expect(names.slice(1, 8)).toEqual([...round, ...round, ...round, 'MergePartitions']);
    const manifests = calls
      .filter(({ state }) => state === 'ValidateSegments')
      .map(({ input }) => (input as { round: { manifest: object } }).round.manifest);
    expect(manifests).toEqual([manifest, throttled, throttled]);
  });

  test.each(['PlanIngest', 'PlanMerge', 'FinishIngest'])(
    '%s is throttled for as long as it takes',
    async (state) => {
      let left = 500;
      const { outcome } = await ingest({
        [state]: (input) => {
          if (left-- > 0) throw new NamedFault('Lambda.TooManyRequestsException');
          return (answers[state] as Answer)(input);
        },
      });
      expect(outcome.kind).toBe('succeeded');
    },
  );

  test('merges nothing when every line was rejected', async () => {
    const { outcome, names } = await ingest({
      PlanMerge: () => ({
        Payload: {
          again: { count: 0 },
          pending: { units: manifest, count: 0, waitSeconds: 0 },
          totals,
          failed: [],
        },
      }),
    });
    expect(outcome.kind).toBe('succeeded');
    expect(names).not.toContain('MergePartitions');
  });

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
