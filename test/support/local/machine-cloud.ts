import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeExecutionCommand, type DescribeExecutionOutput, SFNClient } from '@aws-sdk/client-sfn';
import { arn, type Interceptor } from '../../../local/engine/calls.ts';
import { createEndpoint } from '../../../local/engine/endpoint.ts';
import type { FunctionConfiguration } from '../../../local/services/lambda/function.ts';
import { createLambda } from '../../../local/services/lambda/service.ts';
import { createS3 } from '../../../local/services/s3/service.ts';
import type { Definition } from '../../../local/services/step-functions/definition.ts';
import { createStepFunctions } from '../../../local/services/step-functions/service.ts';

/** Functions, S3 and Step Functions behind an endpoint, in a directory of their own. */
export async function machineCloud(
  options: { timeScale?: number; directory?: string; concurrency?: number } = {},
) {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'caudal-machines-'));
  const timeScale = options.timeScale ?? 1000;
  let endpointUrl = '';
  const interceptors: Interceptor[] = [];
  const logs: string[] = [];
  const functions = createLambda({
    endpointUrl: () => endpointUrl,
    log: (_, text) => void logs.push(text),
    timeScale,
    concurrency: options.concurrency,
  });
  const s3 = createS3({ directory: join(directory, 's3') });
  const machines = createStepFunctions({
    directory: join(directory, 'machines'),
    endpointUrl: () => endpointUrl,
    places: functions.places,
    timeScale,
  });
  const faults: unknown[] = [];
  const endpoint = createEndpoint({
    services: [functions, s3, machines],
    interceptors: [async (call) => void (await Promise.all(interceptors.map((one) => one(call))))],
    onFault: (fault) => void faults.push(fault),
  });
  const { port } = await endpoint.listen(0);
  endpointUrl = `http://127.0.0.1:${port}`;
  const client = {
    region: 'us-east-1',
    endpoint: endpointUrl,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  const sfn = new SFNClient(client);

  return {
    directory,
    endpointUrl,
    client,
    sfn,
    s3,
    functions,
    machines,
    interceptors,
    logs,
    faults,
    createFunction: (name: string, source: string, settings = {}) =>
      functions.createFunction(functionOf(directory, name, source, settings)),
    createMachine: (name: string, definition: object) =>
      machines.createStateMachine({
        name,
        definition: definition as Definition,
        roleArn: 'arn:aws:iam::000000000000:role/machine',
        credentials: { accessKeyId: 'LKIAMachineRole', secretAccessKey: 'machine' },
      }).arn,
    /** Waits for the execution's end, 20 s at most. */
    async ended(executionArn: string | undefined): Promise<DescribeExecutionOutput> {
      for (const until = Date.now() + 20_000; Date.now() < until; ) {
        const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        if (described.status !== 'RUNNING') return described;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`${executionArn} is still running`);
    },
    /** Ends the servers, keeps the directory. */
    async halt() {
      await machines.close();
      await functions.close();
      await s3.close();
      await endpoint.close();
      sfn.destroy();
    },
    async close() {
      await this.halt();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export type MachineCloud = Awaited<ReturnType<typeof machineCloud>>;

/** A function from source text of an ES module that exports `handler`. */
function functionOf(
  directory: string,
  name: string,
  source: string,
  settings: Partial<FunctionConfiguration> = {},
): FunctionConfiguration {
  const folder = join(directory, 'assets', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.mjs'), source);
  return {
    name,
    arn: arn('lambda', `function:${name}`),
    accessKeyId: `LKIA${name}`,
    secretAccessKey: 'function',
    role: 'role',
    directory: folder,
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    environment: {},
    memoryMiB: 128,
    timeoutMs: 5_000,
    logGroup: `/aws/lambda/${name}`,
    ...settings,
  };
}
