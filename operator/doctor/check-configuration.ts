import { DescribeTableCommand, DescribeTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListRuleNamesByTargetCommand,
  ListTargetsByRuleCommand,
} from '@aws-sdk/client-eventbridge';
import { DescribeDeliveryStreamCommand, FirehoseClient } from '@aws-sdk/client-firehose';
import { GetBucketNotificationConfigurationCommand, GetBucketVersioningCommand } from '@aws-sdk/client-s3';
import { DescribeStateMachineCommand } from '@aws-sdk/client-sfn';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { ruleState } from '../../adapters/flow.ts';
import { createObjects } from '../../adapters/s3/objects.ts';
import type { ClientSettings } from '../../cli/connection.ts';
import { adviceFor, missingOutputs, type StackState } from '../../cli/installation.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { datasetLayoutKey } from '../../ports/keys.ts';
import { fromJsonBytes } from '../../ports/objects.ts';
import { attempt, type Check } from '../shared/checks.ts';
import type { OpenInstallation } from '../shared/open-installation.ts';
import { pipeOf, queueArns } from '../shared/queue-and-pipe.ts';
import { recentDeliveryError } from '../shared/sources/delivery-log.ts';

const deploy = 'npm run deploy';

/** Whether the stacks are there and whole. Without them nothing else can be looked at. */
export function checkStacks(stacks: readonly StackState[], settings: ClientSettings = {}): Check {
  const name = 'stacks';
  const absent = stacks.filter(({ status }) => status === 'absent').map((stack) => stack.name);
  if (absent.length > 0) {
    const fix = adviceFor(settings);
    return { name, state: 'fail', text: `not there: ${absent.join(', ')}`, fix };
  }
  const missing = missingOutputs(stacks);
  if (missing.length > 0) {
    return {
      name,
      state: 'fail',
      text: `outputs missing: ${missing.join(', ')}`,
      fix: `an older version is deployed: ${deploy}`,
    };
  }
  const unfinished = stacks.filter(({ status }) => !/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status));
  if (unfinished.length > 0) {
    const text = unfinished.map((stack) => `${stack.name} is ${stack.status}`).join(', ');
    return {
      name,
      state: 'fail',
      text,
      fix: 'its events say why: aws cloudformation describe-stack-events',
    };
  }
  return {
    name,
    state: 'ok',
    text: `${stacks.map((stack) => stack.name).join(', ')}: there, with all outputs`,
  };
}

/** Whether everything between the delivery stream and the alerts is wired and runs. */
export function checkConfiguration(found: OpenInstallation, datasets: readonly Dataset[]): Promise<Check[]> {
  const { installation: of, s3, sqs, stepFunctions, documents, settings } = found;
  const drift = `somebody changed it by hand; ${deploy} restores the template`;
  return Promise.all([
    attempt('delivery stream', async () => {
      const client = new FirehoseClient(settings);
      const { DeliveryStreamDescription: stream } = await client.send(
        new DescribeDeliveryStreamCommand({ DeliveryStreamName: of.deliveryStream }),
      );
      const target = stream?.Destinations?.[0]?.ExtendedS3DestinationDescription;
      if (stream?.DeliveryStreamStatus !== 'ACTIVE') {
        return {
          state: 'fail',
          text: `${of.deliveryStream} is ${stream?.DeliveryStreamStatus}`,
          fix: deploy,
        };
      }
      if (!target?.BucketARN?.endsWith(`:${of.rawBucket}`) || !target.Prefix?.startsWith('raw/')) {
        return {
          state: 'fail',
          text: `it writes to ${target?.BucketARN}/${target?.Prefix}, not to raw/ of ${of.rawBucket}`,
          fix: drift,
        };
      }
      const refused = await recentDeliveryError(settings, stream, Date.now());
      if (refused !== undefined) {
        return {
          state: 'fail',
          text: `${of.deliveryStream} was refused within the last 15 minutes: ${refused}`,
          fix: `its role, or a key, was changed: ${deploy}, docs/runbook.md, caudal-delivery-late`,
        };
      }
      return { state: 'ok', text: `${of.deliveryStream} is ACTIVE and writes to ${of.rawBucket}` };
    }),
    attempt('raw bucket', async () => {
      const Bucket = of.rawBucket;
      const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
      if (Status !== 'Enabled')
        return {
          state: 'fail',
          text: `versioning is ${Status ?? 'off'}: an overwritten upload would be lost`,
          fix: drift,
        };
      const notifications = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
      if (notifications.EventBridgeConfiguration === undefined) {
        return {
          state: 'fail',
          text: 'it does not notify EventBridge: new objects are not ingested',
          fix: drift,
        };
      }
      return { state: 'ok', text: 'versioned, and notifies EventBridge of new objects' };
    }),
    attempt('rule', async () => {
      const { arn } = await queueArns(sqs, of.ingestQueue);
      const client = new EventBridgeClient(settings);
      const { RuleNames: names = [] } = await client.send(
        new ListRuleNamesByTargetCommand({ TargetArn: arn }),
      );
      const rules = await Promise.all(names.map((Name) => client.send(new DescribeRuleCommand({ Name }))));
      const rule = rules.find(({ EventPattern }) => EventPattern?.includes(of.rawBucket));
      if (rule === undefined)
        return { state: 'fail', text: `no rule leads from ${of.rawBucket} to the queue`, fix: drift };
      if (rule.State !== 'ENABLED') {
        return {
          state: 'fail',
          text: `${rule.Name} is ${rule.State}`,
          fix: `aws events enable-rule --name ${rule.Name}, then replay what was missed`,
        };
      }
      return { state: 'ok', text: 'new objects reach the queue' };
    }),
    attempt('queue', async () => {
      const [queue, dead] = await Promise.all([
        queueArns(sqs, of.ingestQueue),
        queueArns(sqs, of.ingestDeadLetterQueue),
      ]);
      if (queue.deadLetterArn === dead.arn)
        return { state: 'ok', text: 'failed messages go to its dead-letter queue' };
      return {
        state: 'fail',
        text: `failed messages go to ${queue.deadLetterArn ?? 'no queue'}, not to ${dead.arn}`,
        fix: drift,
      };
    }),
    attempt('pipe', async () => {
      const pipe = await pipeOf(settings, (await queueArns(sqs, of.ingestQueue)).arn);
      if (pipe === undefined) return { state: 'fail', text: 'no pipe reads the queue', fix: deploy };
      if (pipe.target !== of.ingestMachine)
        return { state: 'fail', text: `it starts ${pipe.target}`, fix: drift };
      if (pipe.state === 'RUNNING') return { state: 'ok', text: 'RUNNING' };
      return {
        state: 'fail',
        text: `${pipe.state} ${pipe.reason ?? ''}`,
        fix: `aws pipes start-pipe --name ${pipe.name}`,
      };
    }),
    attempt('state machines', async () => {
      const machines = await Promise.all(
        [of.ingestMachine, of.jobMachine].map((stateMachineArn) =>
          stepFunctions.send(new DescribeStateMachineCommand({ stateMachineArn })),
        ),
      );
      const off = machines.filter(({ status }) => status !== 'ACTIVE');
      if (off.length > 0)
        return {
          state: 'fail',
          text: off.map(({ name, status }) => `${name} is ${status}`).join(', '),
          fix: deploy,
        };
      return { state: 'ok', text: machines.map(({ name }) => name).join(', ') };
    }),
    attempt('tables', async () => {
      const names = [
        ...[of.statisticsTable, of.jobsTable, of.alertsTable, of.idempotencyTable],
        ...(of.streamsTable === undefined ? [] : [of.streamsTable]),
      ];
      const tables = await Promise.all(
        names.map((TableName) => documents.send(new DescribeTableCommand({ TableName }))),
      );
      const off = tables.filter(({ Table }) => Table?.TableStatus !== 'ACTIVE');
      if (off.length > 0)
        return {
          state: 'fail',
          text: off.map(({ Table }) => `${Table?.TableName} is ${Table?.TableStatus}`).join(', '),
          fix: deploy,
        };
      const { TimeToLiveDescription: expiry } = await documents.send(
        new DescribeTimeToLiveCommand({ TableName: of.idempotencyTable }),
      );
      if (expiry?.TimeToLiveStatus !== 'ENABLED')
        return { state: 'warn', text: 'idempotency records never expire', fix: drift };
      return { state: 'ok', text: `all ${names.length} ACTIVE` };
    }),
    ...(of.streamsTable === undefined ? [] : [relayCheck(found)]),
    attempt('alert topic', async () => {
      const client = new SNSClient(settings);
      const { Subscriptions: all = [] } = await client.send(
        new ListSubscriptionsByTopicCommand({ TopicArn: of.alertTopic }),
      );
      const pending = all.filter(({ SubscriptionArn }) => SubscriptionArn === 'PendingConfirmation');
      if (all.length === 0)
        return {
          state: 'warn',
          text: 'nobody is subscribed: alerts and alarms reach nobody',
          fix: 'set caudal:alertEmail (docs/configuration.md), or subscribe to the topic',
        };
      if (pending.length === all.length)
        return {
          state: 'warn',
          text: `${pending[0]?.Endpoint} has not confirmed the subscription`,
          fix: 'confirm it by the link in the mail',
        };
      return { state: 'ok', text: `${all.length - pending.length} subscribed` };
    }),
    attempt('layouts', async () => {
      const unlike = await Promise.all(datasets.map((dataset) => unlikeLayout(found, dataset)));
      const changed = unlike.filter((text) => text !== undefined);
      if (changed.length === 0)
        return {
          state: 'ok',
          text: `time zone and shards of ${datasets.length} datasets are those of their partitions`,
        };
      return {
        state: 'fail',
        text: changed.join('; '),
        fix: 'docs/runbook.md, caudal-ingest-failed, DatasetLayoutChanged',
      };
    }),
  ]);
}

/** Whether commits of streams get into their logs by the schedule: who commits publishes at once, but may die before. */
function relayCheck({ installation: of, documents, settings }: OpenInstallation): Promise<Check> {
  return attempt('relay', async () => {
    const { Table } = await documents.send(new DescribeTableCommand({ TableName: of.streamsTable }));
    const index = Table?.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === 'pending');
    if (index?.IndexStatus !== 'ACTIVE')
      return {
        state: 'fail',
        text: `the index pending of the streams is ${index?.IndexStatus ?? 'not there'}`,
        fix: deploy,
      };
    const client = new EventBridgeClient(settings);
    const rule = of.relayRule === undefined ? undefined : await ruleState(client, of.relayRule);
    if (rule === undefined) return { state: 'fail', text: 'no rule calls the relay of streams', fix: deploy };
    const { Targets: targets = [] } = await client.send(new ListTargetsByRuleCommand({ Rule: rule.name }));
    if (!targets.some(({ Arn = '' }) => Arn.includes(':function:')))
      return { state: 'fail', text: `${rule.name} calls no function`, fix: deploy };
    if (rule.state !== 'ENABLED')
      return {
        state: 'fail',
        text: `${rule.name} is ${rule.state}: commits that their own function did not publish stay in no log`,
        fix: `aws events enable-rule --name ${rule.name}`,
      };
    return { state: 'ok', text: 'commits of streams are looked for every minute' };
  });
}

async function unlikeLayout(
  { s3, installation }: OpenInstallation,
  dataset: Dataset,
): Promise<string | undefined> {
  const key = datasetLayoutKey(dataset.storageName);
  const stored = await createObjects(s3).read({ bucket: installation.curatedBucket, key });
  if (stored === undefined) return undefined; // nothing was ever ingested
  const { timeZone, shards } = fromJsonBytes<{ timeZone: string; shards: number }>(stored.bytes);
  if (timeZone === dataset.timeZone && shards === dataset.shards) return undefined;
  return `${dataset.name} is laid out with ${timeZone}, ${shards} shards, and defined with ${dataset.timeZone}, ${dataset.shards}`;
}
