import { describe, expect, test } from 'vitest';
import {
  type Answer,
  answers,
  batch,
  context,
  definition,
  finishing,
  ingest,
  manifest,
  merged,
  NamedFault,
  pendingManifest,
  totals,
  waiting,
} from '../test/support/ingest-runs.ts';

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
});
