import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MachineCloud, machineCloud } from '../../../test/support/local/machine-cloud.ts';
import { AwsError } from '../../engine/calls.ts';

let cloud: MachineCloud;

beforeAll(async () => {
  cloud = await machineCloud();
  cloud.createFunction('echo', 'export const handler = async (event) => event;');
  cloud.createFunction(
    'fails',
    `let n = 0;
    export const handler = async ({ times, name = 'StoreUnavailable' }) => {
      if (++n <= times) throw Object.assign(new Error('attempt ' + n), { name });
      const attempts = n; n = 0; return { attempts }; };`,
  );
});
afterAll(() => cloud.close());

const invoke = (name: string, more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: name, 'Payload.$': '$' },
  OutputPath: '$.Payload',
  ...more,
});
const machine = (name: string, States: Record<string, object>, more: object = {}) =>
  cloud.createMachine(name, { StartAt: Object.keys(States)[0], States, ...more });

async function run(stateMachineArn: string, input: unknown = {}) {
  const { executionArn } = await cloud.sfn.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  return cloud.ended(executionArn);
}
async function historyOf(executionArn: string | undefined) {
  const { events = [] } = await cloud.sfn.send(
    new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }),
  );
  return events;
}

describe('an execution', () => {
  it('passes data from state to state, with the context object', async () => {
    const arn = machine('passes', {
      Shape: {
        Type: 'Pass',
        Parameters: {
          'name.$': '$$.Execution.Name',
          'id.$': '$$.Execution.Id',
          'input.$': '$$.Execution.Input',
          'state.$': '$$.State.Name',
          'text.$': "States.Format('{}/{}', $$.StateMachine.Name, $.n)",
        },
        Next: 'Call',
      },
      Call: invoke('echo', { Next: 'Later' }),
      Later: { Type: 'Pass', Parameters: { 'before.$': '$', 'input.$': '$$.Execution.Input' }, Next: 'Done' },
      Done: { Type: 'Succeed' },
    });
    const ended = await run(arn, { n: 7 });
    expect(ended.status).toBe('SUCCEEDED');
    expect(JSON.parse(String(ended.output))).toEqual({
      before: { name: ended.name, id: ended.executionArn, input: { n: 7 }, state: 'Shape', text: 'passes/7' },
      input: { n: 7 },
    });
  });

  it('retries the errors that are named, with the attempts that are allowed', async () => {
    const retry = (MaxAttempts: number) => [
      { ErrorEquals: ['StoreUnavailable'], IntervalSeconds: 5, MaxAttempts },
    ];
    const enough = machine('retries', { Try: invoke('fails', { Retry: retry(3), End: true }) });
    expect(JSON.parse(String((await run(enough, { times: 3 })).output))).toEqual({ attempts: 4 });
    const ended = await run(
      machine('retries-less', { Try: invoke('fails', { Retry: retry(1), End: true }) }),
      {
        times: 9,
      },
    );
    expect(ended).toMatchObject({ status: 'FAILED', error: 'StoreUnavailable' });
    expect(JSON.parse(String(ended.cause))).toMatchObject({ errorMessage: 'attempt 2' });
    const other = await run(enough, { times: 9, name: 'BadInput' });
    expect(other).toMatchObject({ status: 'FAILED', error: 'BadInput' });
  });

  it('ends in Fail with the error and cause of what was caught', async () => {
    const arn = machine('catches', {
      Try: invoke('fails', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Record' }], End: true }),
      Record: { Type: 'Pass', Next: 'Failed' },
      Failed: { Type: 'Fail', ErrorPath: '$.Error', CausePath: "States.Format('because: {}', $.Cause)" },
    });
    const ended = await run(arn, { times: 99, name: 'SegmentsFailed' });
    expect(ended.status).toBe('FAILED');
    expect(ended.error).toBe('SegmentsFailed');
    expect(ended.cause).toMatch(/^because: \{"errorType":"SegmentsFailed"/);
    const types = (await historyOf(ended.executionArn)).map(({ type }) => type);
    expect(types).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskFailed',
      'TaskStateExited',
      'PassStateEntered',
      'PassStateExited',
      'FailStateEntered',
      'ExecutionFailed',
    ]);
  });

  it('sees faults of the endpoint as the service error that AWS names', async () => {
    const arn = machine('faults', {
      Try: invoke('echo', {
        Retry: [{ ErrorEquals: ['Lambda.ServiceException'], MaxAttempts: 2 }],
        Catch: [{ ErrorEquals: ['Lambda.TooManyRequestsException'], Next: 'Busy' }],
        End: true,
      }),
      Busy: { Type: 'Fail', Error: 'Busy' },
    });
    let faults = 2;
    cloud.interceptors.push(async ({ service, phase, accessKeyId }) => {
      if (service !== 'lambda' || phase !== 'before' || faults === 0) return;
      expect(accessKeyId).toBe('LKIAMachineRole');
      faults -= 1;
      throw new AwsError('ServiceException', 'injected', { status: 500 });
    });
    expect((await run(arn)).status).toBe('SUCCEEDED');
    cloud.interceptors.length = 0;
    cloud.interceptors.push(async ({ service, phase }) => {
      if (service === 'lambda' && phase === 'before') {
        throw new AwsError('TooManyRequestsException', 'injected', { status: 429 });
      }
    });
    expect(await run(arn)).toMatchObject({ status: 'FAILED', error: 'Busy' });
    cloud.interceptors.length = 0;
  });

  it('takes choices, and tells an absent field from a present one', async () => {
    const arn = machine('chooses', {
      Which: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.count', IsPresent: false, Next: 'Absent' },
          { And: [{ Variable: '$.count', NumericGreaterThan: 3 }], Next: 'Many' },
        ],
        Default: 'Few',
      },
      Absent: { Type: 'Pass', Result: 'absent', End: true },
      Many: { Type: 'Pass', Result: 'many', End: true },
      Few: { Type: 'Pass', Result: 'few', End: true },
    });
    const outputs = await Promise.all([{}, { count: 5 }, { count: 1 }].map((input) => run(arn, input)));
    expect(outputs.map(({ output }) => output)).toEqual(['"absent"', '"many"', '"few"']);
  });

  it.each([null, 0, false, ''])('carries %j like any other value', async (value) => {
    const arn = machine(`carries-${JSON.stringify(value).replaceAll('"', 'q')}`, {
      Pause: { Type: 'Wait', Seconds: 1, Next: 'Call' },
      Call: invoke('echo', { InputPath: '$', Next: 'Done' }),
      Done: { Type: 'Succeed', OutputPath: '$' },
    });
    expect((await run(arn, value)).output).toBe(JSON.stringify(value));
  });

  it('runs branches and inline maps, and a failing one fails the state', async () => {
    const arn = machine('nested', {
      Both: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'A', States: { A: { Type: 'Pass', Result: 'a', End: true } } },
          {
            StartAt: 'B',
            States: { B: { Type: 'Wait', Seconds: 1, Next: 'C' }, C: invoke('echo', { End: true }) },
          },
        ],
        ResultPath: '$.both',
        Next: 'Each',
      },
      Each: {
        Type: 'Map',
        ItemsPath: '$.items',
        ItemSelector: { 'value.$': '$$.Map.Item.Value', 'index.$': '$$.Map.Item.Index' },
        ItemProcessor: { StartAt: 'One', States: { One: invoke('echo', { End: true }) } },
        ResultPath: '$.each',
        End: true,
      },
    });
    const ended = await run(arn, { items: ['x', 'y'] });
    expect(JSON.parse(String(ended.output))).toMatchObject({
      both: ['a', { items: ['x', 'y'] }],
      each: [
        { value: 'x', index: 0 },
        { value: 'y', index: 1 },
      ],
    });
    expect(await run(arn, { items: 'no list' })).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });

  it('may carry 262,144 bytes and no more', async () => {
    cloud.createFunction('grow', "export const handler = async ({ n }) => 'x'.repeat(n);");
    const arn = machine('limits', {
      Grow: invoke('grow', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }], End: true }),
      Caught: { Type: 'Pass', End: true },
    });
    expect((await run(arn, { n: 200_000 })).status).toBe('SUCCEEDED');
    expect(await run(arn, { n: 262_143 })).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
    });
    await expect(run(arn, 'x'.repeat(262_143))).rejects.toMatchObject({ name: 'ValidationException' });
    expect((await run(arn, { n: 1, pad: 'x'.repeat(262_000) })).status).toBe('SUCCEEDED');
  });

  it('times out as a task and as a whole', async () => {
    cloud.createFunction(
      'sleeps',
      'export const handler = () => new Promise((done) => setTimeout(done, 3_000));',
    );
    const caught = machine('task-timeout', {
      Slow: invoke('sleeps', {
        TimeoutSeconds: 1,
        Catch: [
          { ErrorEquals: ['States.TaskFailed'], Next: 'TakenForFailed' },
          { ErrorEquals: ['States.Timeout'], Next: 'Late' },
        ],
        End: true,
      }),
      TakenForFailed: { Type: 'Fail', Error: 'TakenForFailed' },
      Late: { Type: 'Fail', Error: 'Late' },
    });
    const whole = machine(
      'machine-timeout',
      { Slow: invoke('sleeps', { End: true }) },
      { TimeoutSeconds: 1 },
    );
    const byPath = machine('task-timeout-path', {
      Slow: invoke('sleeps', { TimeoutSecondsPath: '$.limit', End: true }),
    });
    const [task, execution] = await Promise.all([run(caught), run(whole)]);
    const path = await run(byPath, { limit: 1 });
    const noNumber = await run(byPath, { limit: 'soon' });
    expect(path).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(noNumber).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(task).toMatchObject({ status: 'FAILED', error: 'Late' });
    expect(execution.status).toBe('TIMED_OUT');
    expect((await historyOf(task.executionArn)).map(({ type }) => type)).toContain('TaskTimedOut');
    expect((await historyOf(execution.executionArn)).at(-1)?.type).toBe('ExecutionTimedOut');
  });

  it('stops where it is', async () => {
    const arn = machine('stops', { Wait: { Type: 'Wait', Seconds: 1_000_000, End: true } });
    const { executionArn } = await cloud.sfn.send(new StartExecutionCommand({ stateMachineArn: arn }));
    await cloud.sfn.send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'by hand' }));
    const described = await cloud.sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(described).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'by hand' });
    expect((await historyOf(executionArn)).at(-1)).toMatchObject({
      type: 'ExecutionAborted',
      executionAbortedEventDetails: { error: 'Enough', cause: 'by hand' },
    });
  });

  it('goes on from the state that failed when it is redriven', async () => {
    const arn = machine('redriven', {
      First: invoke('echo', { Next: 'Second' }),
      Second: invoke('mended', { End: true }),
    });
    cloud.createFunction('mended', "export const handler = async () => { throw new Error('broken'); };");
    const failed = await run(arn, { n: 1 });
    expect(failed).toMatchObject({ status: 'FAILED', redriveStatus: 'REDRIVABLE' });
    const invocations: string[] = [];
    cloud.interceptors.push(async ({ service, phase, resource }) => {
      if (service === 'lambda' && phase === 'before') invocations.push(String(resource));
    });
    cloud.functions.createFunction({ ...cloud.functions.find('echo'), name: 'mended' });
    await cloud.sfn.send(new RedriveExecutionCommand({ executionArn: failed.executionArn }));
    const ended = await cloud.ended(failed.executionArn);
    cloud.interceptors.length = 0;
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: '{"n":1}', redriveCount: 1 });
    expect(invocations).toHaveLength(1);
    const types = (await historyOf(failed.executionArn)).map(({ type }) => type);
    expect(types.filter((type) => type === 'PassStateEntered' || type === 'TaskStateEntered')).toHaveLength(
      2,
    );
    expect(types).toContain('ExecutionRedriven');
    await expect(
      cloud.sfn.send(new RedriveExecutionCommand({ executionArn: failed.executionArn })),
    ).rejects.toMatchObject({ name: 'ExecutionNotRedrivable' });
  });
});

describe('the Step Functions API', () => {
  it('starts once for one name and input', async () => {
    const stateMachineArn = machine('named', { Wait: { Type: 'Wait', Seconds: 500, End: true } });
    const start = (input: string) =>
      cloud.sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'job-1', input }));
    const first = await start('{"a":1}');
    expect(await start('{"a": 1}')).toMatchObject({
      executionArn: first.executionArn,
      startDate: first.startDate,
    });
    await expect(start('{"a":2}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    await cloud.ended(first.executionArn);
    await expect(start('{"a":1}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    await expect(
      cloud.sfn.send(new StartExecutionCommand({ stateMachineArn, input: 'no json' })),
    ).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
  });

  it('lists executions by status in pages, newest first', async () => {
    const stateMachineArn = machine('listed', { End: { Type: 'Succeed' } });
    for (const name of ['one', 'two', 'three']) {
      await cloud.ended(
        (await cloud.sfn.send(new StartExecutionCommand({ stateMachineArn, name }))).executionArn,
      );
    }
    const list = (more: object) => cloud.sfn.send(new ListExecutionsCommand({ stateMachineArn, ...more }));
    const page = await list({ maxResults: 2, statusFilter: 'SUCCEEDED' });
    expect(page.executions?.map(({ name }) => name)).toEqual(['three', 'two']);
    const rest = await list({ maxResults: 2, nextToken: page.nextToken });
    expect(rest.executions?.map(({ name }) => name)).toEqual(['one']);
    expect(rest.nextToken).toBeUndefined();
    expect((await list({ statusFilter: 'FAILED' })).executions).toEqual([]);
  });

  it('shows history in both orders, with times', async () => {
    const ended = await run(machine('historic', { Only: { Type: 'Pass', End: true } }), { a: 1 });
    const { events } = await cloud.sfn.send(
      new GetExecutionHistoryCommand({ executionArn: ended.executionArn, reverseOrder: true, maxResults: 1 }),
    );
    expect(events).toMatchObject([
      {
        id: 4,
        previousEventId: 3,
        type: 'ExecutionSucceeded',
        executionSucceededEventDetails: { output: '{"a":1}' },
      },
    ]);
    expect(events?.[0]?.timestamp?.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  it('shows state machines', async () => {
    const { stateMachines } = await cloud.sfn.send(new ListStateMachinesCommand({}));
    const found = stateMachines?.find(({ name }) => name === 'passes');
    const described = await cloud.sfn.send(
      new DescribeStateMachineCommand({ stateMachineArn: found?.stateMachineArn }),
    );
    expect(JSON.parse(String(described.definition)).StartAt).toBe('Shape');
    await expect(
      cloud.sfn.send(
        new StartExecutionCommand({ stateMachineArn: 'arn:aws:states:us-east-1:0:stateMachine:no' }),
      ),
    ).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
  });
});

describe('a definition that asks for what is not here', () => {
  it.each([
    ['JSONata', { A: { Type: 'Pass', QueryLanguage: 'JSONata', End: true } }, /QueryLanguage/],
    [
      'an unknown integration',
      { A: { Type: 'Task', Resource: 'arn:aws:states:::ecs:runTask', End: true } },
      /ecs:runTask/,
    ],
    [
      'a task token',
      { A: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', End: true } },
      /waitForTaskToken/,
    ],
    ['no valid ASL', { A: { Type: 'Pass', Next: 'Nowhere' } }, /Nowhere/],
  ])('stops at %s', (_, States, message) => {
    expect(() => machine('unsupported', States as unknown as Record<string, object>)).toThrow(message);
  });
});
