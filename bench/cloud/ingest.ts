import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { type ExecutionListItem, paginateListExecutions, SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DemoTarget } from '../../demo/demo.ts';
import { settle } from '../../demo/settle.ts';
import { runProducer } from '../../demo/stream.ts';
import { createReconcilePorts } from '../../operator/reconcile/reconcile-ports.ts';
import type { Report } from '../../producer/report.ts';
import { root } from './start.ts';

/** Runs the producer's command line against a cloud. @throws when it does not end well */
export const produce = ({ endpointUrl }: DemoTarget, args: readonly string[]): Promise<Report> =>
  runProducer({ root, endpointUrl, args: [...args, '--quiet'] });

/** Runs a verb of the operator's command line against a cloud; what it prints is passed over. @returns the milliseconds that it took. @throws when it does not end well */
export async function timedVerb(
  { endpointUrl }: { endpointUrl: string },
  args: readonly string[],
): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, ['operator/main.ts', ...args], {
    cwd: root,
    env: { ...process.env, AWS_ENDPOINT_URL: endpointUrl },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${args[0]} ended with code ${code}`);
  return performance.now() - began;
}

export const localSettings = ({ endpointUrl }: DemoTarget) => ({
  endpoint: endpointUrl,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

/** A minute beyond the buffer as it is shipped, in which nothing may move at a time scale of 1. */
const patienceMs = 360_000;

/** Waits until so many lines are in ledgers and no execution runs. Resolves to all executions of the ingestion. */
export async function settledExecutions(target: DemoTarget, lines: number): Promise<ExecutionListItem[]> {
  const settings = localSettings(target);
  const ports = createReconcilePorts({
    ...target,
    s3: new S3Client(settings),
    documents: DynamoDBDocumentClient.from(new DynamoDBClient(settings)),
  });
  const stepFunctions = new SFNClient(settings);
  await settle({ stepFunctions, machineArn: target.machineArn, ports, lines, patienceMs });
  const pages = paginateListExecutions({ client: stepFunctions }, { stateMachineArn: target.machineArn });
  return (await Array.fromAsync(pages)).flatMap(({ executions = [] }) => executions);
}
