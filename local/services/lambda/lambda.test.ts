import {
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MachineCloud, machineCloud } from '../../../test/support/local/machine-cloud.ts';

let cloud: MachineCloud;
let lambda: LambdaClient;

beforeAll(async () => {
  cloud = await machineCloud();
  lambda = new LambdaClient(cloud.client);
});
afterAll(() => cloud.close());

async function invoke(name: string, event: unknown = {}) {
  const response = await lambda.send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }),
  );
  return {
    error: response.FunctionError,
    payload: JSON.parse(Buffer.from(response.Payload ?? []).toString()),
  };
}

describe('a function', () => {
  it('sees its own environment and context, and nothing of this process', async () => {
    process.env.CAUDAL_TEST_SECRET = 'of the host';
    cloud.createFunction(
      'context',
      `export const handler = async (event, context) => ({
        event, env: process.env, remaining: context.getRemainingTimeInMillis(),
        context: JSON.parse(JSON.stringify(context)),
      });`,
      { environment: { TABLE: 'readings' }, memoryMiB: 256 },
    );
    const { payload } = await invoke('context', { a: 1 });
    expect(payload.event).toEqual({ a: 1 });
    expect(payload.env).toMatchObject({
      TABLE: 'readings',
      AWS_ENDPOINT_URL: cloud.endpointUrl,
      AWS_ACCESS_KEY_ID: 'LKIAcontext',
      AWS_LAMBDA_FUNCTION_NAME: 'context',
      AWS_REGION: 'us-east-1',
    });
    expect(payload.env).not.toHaveProperty('CAUDAL_TEST_SECRET');
    expect(payload.env).not.toHaveProperty('PATH');
    expect(payload.context).toMatchObject({
      functionName: 'context',
      memoryLimitInMB: '256',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:context',
      logGroupName: '/aws/lambda/context',
    });
    expect(payload.remaining).toBeGreaterThan(3_000);
    expect(payload.remaining).toBeLessThanOrEqual(5_000);
  });

  it('keeps its module between invocations, one invocation at a time', async () => {
    cloud.createFunction('warm', 'let n = 0; export const handler = async () => ++n;');
    expect(
      [await invoke('warm'), await invoke('warm'), await invoke('warm')].map(({ payload }) => payload),
    ).toEqual([1, 2, 3]);
  });

  it('runs side by side in processes of its own, as many as the pool allows', async () => {
    cloud.createFunction(
      'slow',
      `let busy = 0; export const handler = async () => {
        if (++busy > 1) throw new Error('two at a time');
        await new Promise((resolve) => setTimeout(resolve, 60)); busy--; return 'done'; }`,
    );
    const results = await Promise.all(Array.from({ length: 12 }, () => invoke('slow')));
    expect(results.every(({ payload }) => payload === 'done')).toBe(true);
  });

  it('fails as Lambda says: type, message, trace', async () => {
    cloud.createFunction(
      'faulty',
      `class PartitionConflict extends Error { name = 'PartitionConflict'; }
      export const handler = async ({ text }) => { if (text) throw text; throw new PartitionConflict('lost every race'); };`,
    );
    const { error, payload } = await invoke('faulty');
    expect(error).toBe('Unhandled');
    expect(payload).toMatchObject({ errorType: 'PartitionConflict', errorMessage: 'lost every race' });
    expect(payload.trace[0]).toBe('PartitionConflict: lost every race');
    expect((await invoke('faulty', { text: 'only text' })).payload).toMatchObject({
      errorType: 'string',
      errorMessage: 'only text',
    });
  });

  it('is ended at its timeout, even in an endless loop, and starts afresh', async () => {
    cloud.createFunction(
      'endless',
      'let n = 0; export const handler = async ({ loop }) => { n++; while (loop); return n; };',
      { timeoutMs: 1_000 },
    );
    expect((await invoke('endless')).payload).toBe(1);
    const { error, payload } = await invoke('endless', { loop: true });
    expect(error).toBe('Unhandled');
    expect(payload.errorType).toBe('Sandbox.Timedout');
    expect(payload.errorMessage).toMatch(/^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/);
    expect((await invoke('endless')).payload).toBe(1);
  });

  it('can be made to time out before its time', async () => {
    cloud.createFunction(
      'patient',
      `export const handler = async ({ wait }) => {
        if (wait) { console.log('patience'); await new Promise(() => {}); }
        return process.env.AWS_SESSION_TOKEN;
      };`,
      { timeoutMs: 900_000 },
    );
    const { payload: environment } = await invoke('patient');
    const waiting = invoke('patient', { wait: true });
    await expect.poll(() => cloud.logs.join('')).toContain('patience');
    expect(cloud.functions.timeOut(environment)).toBe(true);
    expect((await waiting).payload.errorType).toBe('Sandbox.Timedout');
    expect(cloud.functions.timeOut(environment)).toBe(false);
    expect((await invoke('patient')).payload).not.toBe(environment);
  });

  it('that exits or rejects outside of its promise is a crash', async () => {
    cloud.createFunction(
      'crash',
      `export const handler = async ({ how }) => {
        if (how === 'exit') process.exit(3);
        Promise.reject(new TypeError('nobody waits')); await new Promise(() => {}); };`,
    );
    expect((await invoke('crash', { how: 'exit' })).payload).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('Runtime exited with error: exit status 3'),
    });
    expect((await invoke('crash', {})).payload).toMatchObject({
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: 'TypeError: nobody waits',
    });
  });

  it('that exhausts its memory is killed, and this process lives on', async () => {
    cloud.createFunction(
      'hungry',
      'export const handler = async () => { const all = []; for (;;) all.push(new Array(10_000).fill({}).map(() => ({}))); };',
      { memoryMiB: 128, timeoutMs: 30_000 },
    );
    expect((await invoke('hungry')).payload).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/signal: (aborted|killed)/),
    });
  });

  it('that can not be loaded says why', async () => {
    cloud.createFunction('unloadable', "throw new RangeError('bad module');");
    expect((await invoke('unloadable')).payload).toMatchObject({
      errorType: 'RangeError',
      errorMessage: 'bad module',
    });
  });

  it('may not answer with more than 6 MB', async () => {
    cloud.createFunction('large', "export const handler = async () => 'x'.repeat(6_291_557);");
    expect((await invoke('large')).payload.errorType).toBe('Function.ResponseSizeTooLarge');
  });

  it('may not be sent more than 6 MB', async () => {
    await expect(invoke('warm', 'x'.repeat(6_291_557))).rejects.toMatchObject({
      name: 'RequestTooLargeException',
      $metadata: { httpStatusCode: 413 },
    });
  });

  it('writes its log between START and REPORT', async () => {
    cloud.createFunction('talks', "export const handler = async () => { console.log('a line'); };");
    await invoke('talks');
    await expect
      .poll(() => cloud.logs.join(''))
      .toMatch(/START RequestId: \S+ Version: \$LATEST\n[\s\S]*a line\n/);
  });
});

describe('the Lambda API', () => {
  it('lists and shows functions, and does not know others', async () => {
    const { Functions } = await lambda.send(new ListFunctionsCommand({}));
    expect(Functions?.map(({ FunctionName }) => FunctionName)).toContain('warm');
    const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName: 'warm' }));
    expect(Configuration).toMatchObject({ Handler: 'index.handler', MemorySize: 128, Timeout: 5 });
    await expect(invoke('nobody')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('runs an event in the background, three times when it fails', async () => {
    cloud.createFunction(
      'later',
      "let n = 0; export const handler = async () => { console.log('attempt', ++n); throw new Error('again'); };",
    );
    const { StatusCode } = await lambda.send(
      new InvokeCommand({ FunctionName: 'later', InvocationType: 'Event', Payload: '{}' }),
    );
    expect(StatusCode).toBe(202);
    await expect.poll(() => cloud.logs.join('')).toContain('given up');
    expect(cloud.logs.join('').match(/attempt \d/g)).toEqual(['attempt 1', 'attempt 2', 'attempt 3']);
  });
});
