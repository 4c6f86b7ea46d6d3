import { describe, expect, test } from 'vitest';
import type { ExecutionStatus } from '../../core/execution-status.ts';
import { executionHealth, openFailures } from './execution-health.ts';

describe('failures that are open', () => {
  const at = (name: string, startedMs: number, status = 'FAILED') => ({ name, status, startedMs });
  const dayMs = 86_400_000;
  const none = { succeeded: [], replays: [] };

  test('stay open until something mends them', () => {
    expect(openFailures([at('x', 1)], none)).toEqual([at('x', 1)]);
    expect(openFailures([at('x', 1)], { ...none, succeeded: [at('y', 2), at('x', 0)] })).toHaveLength(1);
  });

  test('are mended by a run of the same input that succeeded later', () => {
    const again = at('x-again-20260101T000000Z', 5, 'SUCCEEDED');
    expect(
      openFailures([at('x', 1), at('x-again-20250101T000000Z', 3)], { ...none, succeeded: [again] }),
    ).toEqual([]);
    expect(openFailures([at('x', 9)], { ...none, succeeded: [again] })).toHaveLength(1);
  });

  test('of one input count once, as the newest', () => {
    expect(openFailures([at('x', 1), at('x-again-20250101T000000Z', 3)], none)).toEqual([
      at('x-again-20250101T000000Z', 3),
    ]);
  });

  test('are mended by a later replay of their day, not of another', () => {
    const replay = (from: string, to: string, startedMs = 9 * dayMs) => ({
      ...none,
      replays: [{ from, to, startedMs }],
    });
    const failed = [at('x', 5 * dayMs)];
    expect(openFailures(failed, replay('1970-01-06', '1970-01-06'))).toEqual([]);
    expect(openFailures(failed, replay('1970-01-01T00:00:00Z', '1970-01-31T00:00:00Z'))).toEqual([]);
    expect(openFailures(failed, replay('1970-01-07', '1970-01-31'))).toHaveLength(1);
    expect(openFailures(failed, replay('1970-01-06', '1970-01-06', dayMs))).toHaveLength(1);
  });
});

test('an execution is over where all that failed of it was deleted: no run of it can do better', async () => {
  const failed = (...errors: string[]) =>
    errors.map((error, at) => ({
      bucket: 'raw',
      key: `landing/air/${at}.csv`,
      versionId: 'v',
      error,
      cause: '',
    }));
  const health = (segments: ReturnType<typeof failed>) =>
    executionHealth(
      {
        executions: {
          list: async ({ status }: { status: ExecutionStatus }) => ({
            executions: status === 'FAILED' ? [{ name: 'x', status, startDate: new Date(1_000) }] : [],
          }),
          describe: async () => undefined,
        } as unknown as Parameters<typeof executionHealth>[0]['executions'], // the rest of an execution is not read
        segments: { failed: async () => segments },
        ledgers: { ledger: async () => undefined, ledgers: async (of) => of.map(() => undefined) },
      },
      { machine: 'arn:aws:states:eu:1:stateMachine:ingest', nowMs: 2_000 },
    );
  const gone = await health(failed('SegmentMissing'));
  expect([gone.failed, gone.open, gone.failedObjects]).toEqual([1, [], []]);
  expect(gone.goneObjects).toMatchObject([{ key: 'landing/air/0.csv' }]);
  const both = await health(failed('SegmentMissing', 'SegmentTooLarge'));
  expect(both.open).toHaveLength(1);
  expect(both.failedObjects).toMatchObject([{ key: 'landing/air/1.csv' }]);
  expect(both.goneObjects).toHaveLength(1);
});
