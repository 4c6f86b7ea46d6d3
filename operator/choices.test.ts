import type { ExecutionStatus } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { outputs, stackNames } from '../cli/installation.ts';
import { clockCheck } from './doctor/check-clock.ts';
import { checkStacks } from './doctor/check-configuration.ts';
import { againstFirehose, againstLambda, againstStepFunctions } from './doctor/check-quotas.ts';
import { redriving } from './redrive/redriving.ts';
import { type Check, checksText, exitCodeOf } from './shared/check.ts';
import type { ExecutionView } from './shared/execution-queries.ts';
import { shortCause } from './shared/short-cause.ts';
import { openFailures } from './status/open-failures.ts';

describe('what redrive does', () => {
  const view = (
    status: ExecutionStatus,
    last: { name: string; type: string },
    description: Partial<ExecutionView['description']> = {},
  ): ExecutionView => ({
    description: {
      ...{ status, name: 'x', redriveStatus: 'REDRIVABLE' },
      stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:caudal-ingest',
      ...description,
    } as ExecutionView['description'], // a few of its members are enough here
    visits: [{ ...last, enteredAt: new Date(0), faults: [] }],
    mapRuns: [],
  });
  const fail = { name: 'IngestFailed', type: 'Fail' };
  const task = { name: 'PlanMerge', type: 'Task' };
  const jobs = 'arn:aws:states:us-east-1:000000000000:stateMachine:caudal-jobs';

  test.each([
    ['a Fail state: the input again', view('FAILED', fail), 'again', /Fail state IngestFailed/],
    ['timed out: on from there', view('TIMED_OUT', task), 'continue', /in the state PlanMerge/],
    ['stopped: on from there', view('ABORTED', task), 'continue', /in the state PlanMerge/],
    [
      'too old to be redriven: the input again',
      view('TIMED_OUT', task, { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: 'too old' }),
      'again',
      /too old/,
    ],
    [
      'a job of toons in its Fail state',
      view('FAILED', { name: 'JobFailed', type: 'Fail' }, { stateMachineArn: jobs }),
      'none',
      /another jobId/,
    ],
    [
      'a job of toons that was stopped',
      view('ABORTED', task, { stateMachineArn: jobs }),
      'continue',
      /PlanMerge/,
    ],
    ['one that succeeded', view('SUCCEEDED', task), 'none', /nothing to redrive/],
    ['one that runs', view('RUNNING', task), 'none', /--follow/],
  ])('%s', (_, execution, kind, why) => {
    expect(redriving(execution)).toEqual({ kind, why: expect.stringMatching(why) });
  });
});

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

describe('the clock', () => {
  test.each([
    [0, 'ok'],
    [9_000, 'ok'],
    [-11_000, 'warn'],
    [200_000, 'warn'],
    [-301_000, 'fail'],
  ])('%i ms off: %s', (offMs, state) => {
    expect(clockCheck(1_000_000_000, 1_000_000_500 + offMs).state).toBe(state);
  });

  test('says which way it is off, and passes over a service that tells no time', () => {
    expect(clockCheck(0, 60_500).text).toBe("60.0 s ahead of the service's");
    expect(clockCheck(120_000, 60_500).text).toBe("60.0 s behind the service's");
    expect(clockCheck(undefined, 0).state).toBe('skip');
    expect(clockCheck(Number.NaN, 0).state).toBe('skip');
  });
});

describe('quotas', () => {
  test('warn while there is still room for a burst', () => {
    expect(againstFirehose(2_499).state).toBe('ok');
    expect(againstFirehose(2_500)).toMatchObject({ state: 'warn', mend: expect.stringContaining('pack') });
    expect(againstStepFunctions(499).state).toBe('ok');
    expect(againstStepFunctions(500).state).toBe('warn');
  });

  test('of Lambda are held against what one execution makes at a time', () => {
    expect(againstLambda(40, 1_000).state).toBe('ok');
    expect(againstLambda(40, 10)).toMatchObject({
      state: 'warn',
      mend: expect.stringContaining('caudal:maxConcurrency'),
    });
    expect(againstLambda(40, undefined).state).toBe('skip');
    expect(againstLambda(Number.NaN, 10).state).toBe('ok');
  });
});

describe('the stacks', () => {
  const whole = stackNames.map((name) => ({
    name,
    status: 'UPDATE_COMPLETE',
    outputs: Object.fromEntries(
      Object.values(outputs)
        .filter(([stack]) => stack === name)
        .map(([, output]) => [output, 'x']),
    ),
  }));

  test('are there, whole and finished', () => {
    expect(checkStacks(whole).state).toBe('ok');
  });

  test.each([
    ['absent', { status: 'absent', outputs: {} }, /not there: CaudalData/],
    ['of an older version', { outputs: {} }, /outputs missing: CaudalData\.RawBucket/],
    ['rolled back', { status: 'UPDATE_ROLLBACK_COMPLETE' }, /CaudalData is UPDATE_ROLLBACK_COMPLETE/],
  ])('%s', (_, change, text) => {
    const [first, ...rest] = whole;
    const check = checkStacks([{ ...(first as (typeof whole)[0]), ...change }, ...rest]);
    expect(check).toMatchObject({
      state: 'fail',
      text: expect.stringMatching(text),
      mend: expect.any(String),
    });
  });
});

describe('checks', () => {
  const check = (state: Check['state']): Check => ({ name: 'x', state, text: 't', mend: 'm' });

  test('show the way out of faults only, under their text', () => {
    expect(checksText([check('ok'), { ...check('fail'), name: 'long name', text: 'a\nb' }])).toBe(
      ['✓ x          t', '✗ long name  a', '             b', '             → m'].join('\n'),
    );
  });

  test('a fault is exit code 1, a warning only where it is asked for', () => {
    expect(exitCodeOf([check('ok'), check('skip'), check('warn')], { warnings: false })).toBe(0);
    expect(exitCodeOf([check('warn')], { warnings: true })).toBe(1);
    expect(exitCodeOf([check('fail')], { warnings: false })).toBe(1);
  });
});

test('a cause is the message of what Lambda makes of an error, one line of it', () => {
  expect(shortCause('{"errorType":"E","errorMessage":"it broke\\nhere"}', 100)).toBe('it broke');
  expect(shortCause('plain', 3)).toBe('pla…');
  expect(shortCause('{"other":1}', 100)).toBe('{"other":1}');
  expect(shortCause(undefined, 100)).toBe('');
});
