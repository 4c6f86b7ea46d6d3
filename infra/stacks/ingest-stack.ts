import { join } from 'node:path';
import { Annotations, ArnFormat, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { type CfnEventBus, EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ofStage } from '../../core/stage.ts';
import type { Config } from '../config.ts';
import { AlertTopic } from '../constructs/ingest/alert-topic.ts';
import { DeliveryStream } from '../constructs/ingest/delivery-stream.ts';
import { IngestFunctions, metricsNamespace } from '../constructs/ingest/ingest-functions.ts';
import { IngestMachine } from '../constructs/ingest/ingest-machine.ts';
import { IngestPipe } from '../constructs/ingest/ingest-pipe.ts';
import { IngestQueue } from '../constructs/ingest/ingest-queue.ts';
import { SilenceWatch } from '../constructs/ingest/silence-watch.ts';
import { type AlarmDefinition, Alarms, alarmPeriod } from '../constructs/shared/alarms.ts';
import { createBusDeadLetterQueue } from '../constructs/shared/guarded-resources.ts';
import type { HandlerCode } from '../constructs/shared/handler-function.ts';
import type { DataStack } from './data-stack.ts';

export interface IngestStackProps extends StackProps {
  readonly config: Config;
  readonly data: DataStack;
  readonly definitions: string;
  readonly code: HandlerCode;
}

/** From the delivery stream to statistics and alerts. */
export class IngestStack extends Stack {
  readonly stream: DeliveryStream;
  readonly alerts: AlertTopic;
  readonly bus: EventBus;
  readonly busDeadLetters: Queue;
  readonly queue: IngestQueue;
  readonly machine: IngestMachine;
  readonly pipe: IngestPipe;
  private readonly silence: SilenceWatch;

  constructor(scope: Construct, id: string, props: IngestStackProps) {
    super(scope, id, props);
    const { config, code, data } = props;
    const { buckets, tables } = data;
    const key = data.encryption.key;

    this.stream = new DeliveryStream(this, 'Readings', { bucket: buckets.raw, key, config });
    this.busDeadLetters = createBusDeadLetterQueue(this);
    this.alerts = new AlertTopic(this, 'Alerts', { key, config, deadLetters: this.busDeadLetters });
    if (config.alertEmail === undefined && config.alertWebhook === undefined) {
      Annotations.of(this).addWarningV2(
        'caudal:alertEmail',
        'caudal:alertEmail is empty, and so is caudal:alertWebhook: nobody hears of alerts and alarms until somebody subscribes to the topic AlertTopic.',
      );
    }
    this.queue = new IngestQueue(this, 'Ingest', {
      bucket: buckets.raw,
      key,
      batchWindowSeconds: config.batchWindowSeconds,
    });
    this.bus = new EventBus(this, 'Bus', {
      description: 'IngestCompleted, IngestFailed, JobCompleted and JobFailed of Caudal',
      // Without a stage it has a name that the CDK makes of its place in the app, which differs between an app and a pipeline.
      ...(config.stage === undefined ? {} : { eventBusName: ofStage('caudal', config.stage) }),
    });
    const bus = this.bus;
    this.busDeadLetters.addToResourcePolicy(
      new PolicyStatement({
        sid: 'FromBus',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.busDeadLetters.queueArn],
        // Whether EventBridge names the bus here or one of its rules is not documented: anything of EventBridge in this account.
        conditions: {
          ArnLike: {
            'aws:SourceArn': this.formatArn({
              service: 'events',
              resource: '*',
              arnFormat: ArnFormat.NO_RESOURCE_NAME,
            }),
          },
        },
      }),
    );
    const cfnBus = bus.node.defaultChild as CfnEventBus;
    // On the L1: the L2 would name the bus in the key's policy, and the stacks would wait for each other.
    cfnBus.kmsKeyIdentifier = key.keyArn;
    cfnBus.deadLetterConfig = { arn: this.busDeadLetters.queueArn };
    const { byState } = new IngestFunctions(this, 'Functions', {
      buckets,
      tables,
      topic: this.alerts.topic,
      bus,
      queue: this.queue.queue,
      key,
      config,
      code,
    });
    this.machine = new IngestMachine(this, 'Workflow', {
      definition: join(props.definitions, 'ingest.asl.json'),
      functions: byState,
      curated: buckets.curated,
      jobs: tables.jobs,
      bus,
      key,
      config,
    });
    this.pipe = new IngestPipe(this, 'Batches', {
      queue: this.queue.queue,
      machine: this.machine.machine,
      key,
      config,
    });
    this.silence = new SilenceWatch(this, 'Silence', {
      ...{ buckets, tables, key, config, code },
      topic: this.alerts.topic,
    });
    new Alarms(this, 'Alarms', {
      topic: this.alerts.topic,
      stage: config.stage,
      alarms: this.alarms(config),
    });

    new CfnOutput(this, 'DeliveryStream', { value: this.stream.stream.ref });
    new CfnOutput(this, 'IngestMachine', { value: this.machine.machine.stateMachineArn });
    new CfnOutput(this, 'IngestQueue', { value: this.queue.queue.queueUrl });
    new CfnOutput(this, 'IngestDeadLetterQueue', { value: this.queue.deadLetterQueue.queueUrl });
    new CfnOutput(this, 'AlertTopic', { value: this.alerts.topic.topicArn });
    new CfnOutput(this, 'BusDeadLetterQueue', { value: this.busDeadLetters.queueUrl });
    new CfnOutput(this, 'EventBus', { value: bus.eventBusName });
  }

  private alarms(config: Config): AlarmDefinition[] {
    const { queue, deadLetterQueue, rule } = this.queue;
    const ofRule = (metricName: string, of = rule): Metric =>
      new Metric({
        namespace: 'AWS/Events',
        metricName,
        dimensionsMap: { RuleName: of.ref },
        period: alarmPeriod,
        statistic: 'Sum',
      });
    const machine = this.machine.machine;
    return [
      {
        name: 'caudal-dead-letters',
        description: 'Messages about new raw objects were given up; these objects are not ingested.',
        metric: deadLetterQueue.metricApproximateNumberOfMessagesVisible({
          period: alarmPeriod,
          statistic: 'Maximum',
        }),
        above: 0,
      },
      {
        name: 'caudal-bus-dead-letters',
        description:
          'Events about ended ingestions and jobs were given up, or alerts for the webhook; whoever waits for them does not know of them.',
        metric: this.busDeadLetters.metricApproximateNumberOfMessagesVisible({
          period: alarmPeriod,
          statistic: 'Maximum',
        }),
        above: 0,
      },
      {
        name: 'caudal-rule-failed',
        description:
          'Events about new raw objects were given up and not even put into the dead-letter queue.',
        metric: ofRule('FailedInvocations'),
        above: 0,
      },
      {
        name: 'caudal-rule-dead-letters-failed',
        description:
          'The rule could put events about new raw objects neither into the queue nor into the dead-letter queue.',
        metric: ofRule('InvocationsFailedToBeSentToDlq'),
        above: 0,
      },
      {
        name: 'caudal-silence-unwatched',
        description: 'Silent series were not looked for: the function failed, or was not called.',
        metric: new MathExpression({
          expression: 'errors + failed',
          usingMetrics: {
            errors: this.silence.function.function.metricErrors({ period: alarmPeriod, statistic: 'Sum' }),
            failed: ofRule('FailedInvocations', this.silence.rule),
          },
          label: 'looks that failed',
          period: alarmPeriod,
        }),
        above: 0,
        periods: 3,
      },
      {
        name: 'caudal-ingest-failed',
        description: 'Executions of the ingest state machine failed.',
        metric: machine.metricFailed({ period: alarmPeriod }),
        above: 0,
      },
      {
        name: 'caudal-ingest-timed-out',
        description: 'Executions of the ingest state machine ran for a day and were ended.',
        metric: machine.metricTimedOut({ period: alarmPeriod }),
        above: 0,
      },
      {
        name: 'caudal-delivery-late',
        description: 'Readings wait in the delivery stream for longer than it should gather them.',
        metric: new Metric({
          namespace: 'AWS/Firehose',
          metricName: 'DeliveryToS3.DataFreshness',
          dimensionsMap: { DeliveryStreamName: this.stream.stream.ref },
          period: alarmPeriod,
          statistic: 'Maximum',
        }),
        above: config.bufferSeconds + 600,
        periods: 2,
      },
      {
        name: 'caudal-pipe-failed',
        description: 'The pipe could not start executions.',
        metric: new Metric({
          namespace: 'AWS/EventBridge/Pipes',
          metricName: 'ExecutionFailed',
          dimensionsMap: { PipeName: this.pipe.pipe.ref },
          period: alarmPeriod,
          statistic: 'Sum',
        }),
        above: 0,
      },
      {
        name: 'caudal-queue-late',
        description: 'Messages about new raw objects wait in the queue.',
        metric: queue.metricApproximateAgeOfOldestMessage({ period: alarmPeriod, statistic: 'Maximum' }),
        above: config.batchWindowSeconds + 900,
      },
      {
        name: 'caudal-rejects-high',
        description:
          'More than a fifth of the lines were rejected, or nothing of an uploaded file was taken.',
        // ValidateSegment writes these metrics to its log.
        metric: new MathExpression({
          expression: 'IF(refused > 0, 100, IF(lines > 0, 100 * rejected / lines, 0))',
          usingMetrics: {
            lines: linesMetric('Lines', config),
            rejected: linesMetric('RejectedLines', config),
            refused: linesMetric('RefusedFiles', config),
          },
          label: 'rejected lines, percent; 100 with a refused file',
          period: alarmPeriod,
        }),
        above: 20,
      },
    ];
  }
}

/** What ValidateSegment counts, over all datasets. */
const linesMetric = (metricName: string, config: Config): Metric =>
  new Metric({ namespace: metricsNamespace(config), metricName, period: alarmPeriod, statistic: 'Sum' });
