import { describe, expect, test } from 'vitest';
import type { ExecutionStatus } from '../../core/execution-status.ts';
import { againName, type RedrivableExecution, redrive, redriving } from './redrive.ts';

describe('what redrive does', () => {
  const ingest = 'arn:aws:states:us-east-1:000000000000:stateMachine:caudal-ingest-sandbox';
  const view = (
    status: ExecutionStatus,
    last: { name: string; type: string },
    description: Partial<RedrivableExecution['description']> = {},
  ): RedrivableExecution => ({
    description: {
      ...{ status, name: 'x', redriveStatus: 'REDRIVABLE' },
      stateMachineArn: ingest,
      ...description,
    } as RedrivableExecution['description'], // a few of its members are enough here
    last,
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

  test('an execution is run again once, whoever asks for it how often', async () => {
    const started = new Map<string, string>();
    const executions = {
      describe: async (executionArn: string) => ({
        ...view('FAILED', fail).description,
        executionArn,
      }),
      redrive: async () => 'refused' as const,
      start: async ({ name, input }: { name: string; input: string }) => {
        const known = started.get(name);
        started.set(name, input);
        return known === undefined ? ('started' as const) : ('exists' as const);
      },
    };
    const failed = view('FAILED', fail, { name: 'x', stopDate: new Date('2026-11-21T07:05:12.345Z') });
    const again = { kind: 'again', why: '' } as const;
    expect(againName({ ...failed.description, name: 'x-again-20260101T000000Z' })).toBe(
      'x-again-20261121T070512Z',
    );
    expect(await redrive(executions, failed, again)).toEqual({
      kind: 'runs',
      executionArn: `${ingest.replace('stateMachine', 'execution')}:x-again-20261121T070512Z`,
    });
    expect(await redrive(executions, failed, again)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('x-again-20261121T070512Z, which is FAILED: redrive that one'),
    });
    expect(started.size).toBe(1);
  });
});
