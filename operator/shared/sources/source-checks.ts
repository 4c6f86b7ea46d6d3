import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { createMetricReader } from '../../../adapters/cloudwatch.ts';
import { describeSources } from '../../../cli/installation.ts';
import { attempt, type Check } from '../checks.ts';
import type { OpenInstallation } from '../open-installation.ts';
import { deviceChecks } from './device-checks.ts';
import { kinesisChecks } from './kinesis-checks.ts';
import { kafkaChecks, queueChecks } from './pipe-checks.ts';
import type { SourceContext } from './source-context.ts';

/** Each further way in that the installation has: the queue, Kafka, Kinesis, devices. Nothing is changed, and no message is received. Without any there is no check. */
export async function sourceChecks(found: OpenInstallation, nowMs: number): Promise<Check[]> {
  const { name, status, outputs } = await describeSources(found.settings);
  if (status === 'absent') return [];
  const context: SourceContext = {
    ...{ found, nowMs },
    metrics: createMetricReader(new CloudWatchClient(found.settings)),
    output(key) {
      const value = outputs[key];
      if (value === undefined)
        throw new Error(`${name} has no output ${key}: an older version is deployed, npm run deploy`);
      return value;
    },
  };
  const has = (key: string) => outputs[key] !== undefined;
  const checks = await Promise.all([
    attempt('sources', async () => sourcesStack(name, status)),
    ...(has('ReadingQueue') ? queueChecks(context) : []),
    ...(has('KafkaPipe') ? kafkaChecks(context) : []),
    ...(has('ReadingStream') ? kinesisChecks(context) : []),
    ...(has('DeviceErrorQueue') ? deviceChecks(context) : []),
  ]);
  return checks;
}

function sourcesStack(name: string, status: string): Omit<Check, 'name'> {
  if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) return { state: 'ok', text: `${name} is ${status}` };
  return {
    state: 'fail',
    text: `${name} is ${status}`,
    fix: `its events say why: aws cloudformation describe-stack-events --stack-name ${name}`,
  };
}
