import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DescribeMapRunCommand,
  ListMapRunsCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, expect, it } from 'vitest';
import { type MachineCloud, machineCloud } from '../../../test/support/local/machine-cloud.ts';

let cloud: MachineCloud;
let lambda: LambdaClient;
let journal: string;
let gate: string;
afterEach(() => cloud.close());

/** A cloud with so many places for functions, and `work`, which writes down its word and, told to, waits for the gate. */
async function open(places: number) {
  cloud = await machineCloud({ concurrency: places });
  lambda = new LambdaClient(cloud.client);
  journal = join(cloud.directory, 'journal');
  gate = join(cloud.directory, 'gate');
  appendFileSync(journal, '');
  cloud.createFunction(
    'work',
    `import { appendFileSync, existsSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    export const handler = async ({ word, waits, fails }) => {
      appendFileSync(${JSON.stringify(journal)}, word + '\\n');
      if (waits) while (!existsSync(${JSON.stringify(gate)})) await sleep(5);
      if (fails) throw new Error('told to fail');
      return word;
    };`,
    { timeoutMs: 900_000 },
  );
}
const words = () => readFileSync(journal, 'utf8').split('\n').slice(0, -1);
const openGate = () => writeFileSync(gate, '');
const invoke = (event: object, abortSignal?: AbortSignal) =>
  lambda.send(new InvokeCommand({ FunctionName: 'work', Payload: JSON.stringify(event) }), {
    ...(abortSignal && { abortSignal }),
  });
/** Calls of functions that came to the endpoint. */
function countInvocations() {
  let count = 0;
  cloud.interceptors.push(async ({ service, phase }) => {
    if (service === 'lambda' && phase === 'before') count += 1;
  });
  return () => count;
}

const task = (more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'work', 'Payload.$': '$' },
  OutputPath: '$.Payload',
  End: true,
  ...more,
});
const taskMachine = (name: string, more: object = {}) =>
  cloud.createMachine(name, { StartAt: 'Work', States: { Work: task(more) } });
const mapMachine = (name: string, more: object = {}) =>
  cloud.createMachine(name, {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        MaxConcurrency: 40,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
          StartAt: 'Child',
          States: { Child: task() },
          ...more,
        },
        End: true,
      },
    },
  });
async function start(stateMachineArn: string, input: unknown) {
  const { executionArn } = await cloud.sfn.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  return executionArn;
}

it('the time of a task, and of a child, stands still while its function waits for a place', async () => {
  await open(1);
  const holder = await start(taskMachine('holds', { TimeoutSeconds: 5 }), { word: 'holder', waits: true });
  await expect.poll(words).toEqual(['holder']);
  const queued = [
    await start(taskMachine('waits', { TimeoutSeconds: 3 }), { word: 'task' }),
    await start(mapMachine('child-waits', { TimeoutSeconds: 3 }), [{ word: 'child' }]),
  ];
  // The holder's time is longer than theirs, and began before: when it is over, theirs would have been too.
  expect(await cloud.ended(holder)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  for (const execution of queued) {
    expect(await cloud.ended(execution)).toMatchObject({ status: 'SUCCEEDED' });
  }
  expect(words().toSorted()).toEqual(['child', 'holder', 'task']);
});

it('a task whose time is over stops its function, which leaves its place', async () => {
  await open(1);
  const late = await start(taskMachine('late', { TimeoutSeconds: 1 }), { word: 'late', waits: true });
  expect(await cloud.ended(late)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  await invoke({ word: 'next' });
  expect(words()).toEqual(['late', 'next']);
  expect(cloud.logs.join('')).toContain('Nobody waits for this invocation any more: it is stopped.');
});

it('an execution that is stopped takes its invocation out of the queue', async () => {
  await open(1);
  const holder = invoke({ word: 'holder', waits: true });
  await expect.poll(words).toEqual(['holder']);
  const invocations = countInvocations();
  const executionArn = await start(taskMachine('stopped'), { word: 'of the stopped' });
  await expect.poll(invocations).toBe(1);
  await cloud.sfn.send(new StopExecutionCommand({ executionArn }));
  const next = invoke({ word: 'next' });
  await expect.poll(invocations).toBe(2);
  openGate();
  await Promise.all([holder, next]);
  expect(words()).toEqual(['holder', 'next']);
});

it('an execution that is stopped stops the function that runs for it', async () => {
  await open(1);
  const executionArn = await start(taskMachine('stopped'), { word: 'of the stopped', waits: true });
  await expect.poll(words).toEqual(['of the stopped']);
  await cloud.sfn.send(new StopExecutionCommand({ executionArn }));
  await invoke({ word: 'next' });
  expect(words()).toEqual(['of the stopped', 'next']);
});

it('a map run that failed stops the functions of its other children', async () => {
  await open(2);
  const failed = await start(mapMachine('fails'), [
    { word: 'waits', waits: true },
    { word: 'fails', fails: true },
    { word: 'never' },
  ]);
  expect(await cloud.ended(failed)).toMatchObject({ error: 'States.ExceedToleratedFailureThreshold' });
  // Both places are free: each of these waits for the gate, which opens when both have begun.
  const both = [invoke({ word: 'a', waits: true }), invoke({ word: 'b', waits: true })];
  await expect.poll(words).toEqual(expect.arrayContaining(['a', 'b']));
  openGate();
  await Promise.all(both);
  expect(words()).not.toContain('never');
});

it('a client that hangs up stops its function, or takes it out of the queue', async () => {
  await open(1);
  const hangsUp = new AbortController();
  const running = invoke({ word: 'running', waits: true }, hangsUp.signal);
  await expect.poll(words).toEqual(['running']);
  const invocations = countInvocations();
  const queued = invoke({ word: 'queued' }, hangsUp.signal);
  await expect.poll(invocations).toBe(1);
  hangsUp.abort();
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  await expect(queued).rejects.toMatchObject({ name: 'AbortError' });
  await invoke({ word: 'next' });
  expect(words()).toEqual(['running', 'next']);
  expect(existsSync(gate)).toBe(false);
});

it('a distributed map has no more children at a time than there are places for functions', async () => {
  await open(2);
  const items = Array.from({ length: 6 }, (_, n) => ({ word: String(n), waits: true }));
  const executionArn = await start(mapMachine('wide'), items);
  await expect.poll(() => words().length).toBe(2);
  const { mapRuns = [] } = await cloud.sfn.send(new ListMapRunsCommand({ executionArn }));
  const { itemCounts } = await cloud.sfn.send(
    new DescribeMapRunCommand({ mapRunArn: mapRuns[0]?.mapRunArn }),
  );
  expect(itemCounts).toMatchObject({ running: 2, pending: 4 });
  openGate();
  expect(await cloud.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
  expect(words()).toHaveLength(6);
});
