import { spawn } from 'node:child_process';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { type ExecutionListItem, paginateListExecutions, SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DemoTarget } from '../../demo/demo.ts';
import { settle } from '../../demo/settle.ts';
import { createReconcilePorts } from '../../operator/reconcile/reconcile-ports.ts';
import type { Report } from '../../producer/report.ts';
import { root } from './start.ts';

/** Runs the producer's command line against a cloud. @throws when it does not end well */
export function produce({ endpointUrl }: DemoTarget, args: readonly string[]): Promise<Report> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['producer/main.ts', ...args, '--json', '--quiet'], {
      cwd: root,
      env: { ...process.env, AWS_ENDPOINT_URL: endpointUrl },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(printed) as Report);
      else reject(new Error(`The producer ended with code ${code}.`));
    });
  });
}

export const localSettings = ({ endpointUrl }: DemoTarget) => ({
  endpoint: endpointUrl,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

/** Waits until so many lines are in ledgers and no execution runs. Resolves to all executions of the ingestion. */
export async function settledExecutions(target: DemoTarget, lines: number): Promise<ExecutionListItem[]> {
  const settings = localSettings(target);
  const ports = createReconcilePorts({
    ...target,
    s3: new S3Client(settings),
    documents: DynamoDBDocumentClient.from(new DynamoDBClient(settings)),
  });
  const stepFunctions = new SFNClient(settings);
  await settle({ stepFunctions, machineArn: target.machineArn, ports, lines });
  const pages = paginateListExecutions({ client: stepFunctions }, { stateMachineArn: target.machineArn });
  return (await Array.fromAsync(pages)).flatMap(({ executions = [] }) => executions);
}
