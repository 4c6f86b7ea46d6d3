import type { ExecutionStatus } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import type { ExecutionView } from '../shared/execution-queries.ts';
import { redriving } from './redrive.ts';

describe('what redrive does', () => {
  const ingest = 'arn:aws:states:us-east-1:000000000000:stateMachine:caudal-ingest-sandbox';
  const view = (
    status: ExecutionStatus,
    last: { name: string; type: string },
    description: Partial<ExecutionView['description']> = {},
  ): ExecutionView => ({
    description: {
      ...{ status, name: 'x', redriveStatus: 'REDRIVABLE' },
      stateMachineArn: ingest,
      ...description,
    } as ExecutionView['description'], // a few of its members are enough here
    visits: [{ ...last, enteredAt: new Date(0), faults: [] }],
    mapRuns: [],
    failedChildren: [],
  });
  const fail = { name: 'IngestFailed', type: 'Fail' };
  const task = { name: 'PlanMerge', type: 'Task' };
  const jobs = 'arn:aws:states:us-east-1:000000000000:stateMachine:caudal-jobs-sandbox';

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
    expect(redriving(execution, ingest)).toEqual({ kind, why: expect.stringMatching(why) });
  });
});
