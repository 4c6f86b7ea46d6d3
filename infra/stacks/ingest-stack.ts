import { join } from 'node:path';
import { Annotations, ArnFormat, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { type CfnEventBus, EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ofStage } from '../../core/stage.ts';
import type { Config } from '../config.ts';
import { AlertTopic } from '../constructs/ingest/alert-topic.ts';
import { DeliveryStream } from '../constructs/ingest/delivery-stream.ts';
import { ingestAlarms } from '../constructs/ingest/ingest-alarms.ts';
import { IngestFunctions } from '../constructs/ingest/ingest-functions.ts';
import { IngestMachine } from '../constructs/ingest/ingest-machine.ts';
import { IngestPipe } from '../constructs/ingest/ingest-pipe.ts';
import { IngestQueue } from '../constructs/ingest/ingest-queue.ts';
import { SilenceWatch } from '../constructs/ingest/silence-watch.ts';
import { LogQueries } from '../constructs/observe/log-queries.ts';
import { Alarms } from '../constructs/shared/alarms.ts';
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
  /** By the name of the state. */
  readonly functions: IngestFunctions['byState'];
  readonly alarms: Alarms;

  constructor(scope: Construct, id: string, props: IngestStackProps) {
    super(scope, id, props);
    const { config, code, data } = props;
    const { buckets, tables } = data;
    const key = data.encryption.key;

    this.stream = new DeliveryStream(this, 'Readings', { bucket: buckets.raw, key, config });
    this.busDeadLetters = createBusDeadLetterQueue(this);
    const { busDeadLetters } = this;
    this.alerts = new AlertTopic(this, 'Alerts', { key, config, deadLetters: busDeadLetters });
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
    busDeadLetters.addToResourcePolicy(
      new PolicyStatement({
        sid: 'FromBus',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [busDeadLetters.queueArn],
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
    cfnBus.deadLetterConfig = { arn: busDeadLetters.queueArn };
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
    this.functions = byState;
    this.pipe = new IngestPipe(this, 'Batches', {
      queue: this.queue.queue,
      machine: this.machine.machine,
      key,
      config,
    });
    const silence = new SilenceWatch(this, 'Silence', {
      ...{ buckets, tables, key, config, code },
      topic: this.alerts.topic,
    });
    const functions = Object.values(byState);
    const logged = [...functions, silence.function];
    new LogQueries(this, 'LogQueries', { functions: logged, folder: 'ingest', stage: config.stage });
    this.alarms = new Alarms(this, 'Alarms', {
      topic: this.alerts.topic,
      stage: config.stage,
      alarms: ingestAlarms({
        ...{ config, tables, busDeadLetters, pipe: this.pipe, silence, functions },
        ...{ queue: this.queue, machine: this.machine, stream: this.stream },
      }),
    });
    // What the dashboard asks for, whether there is one or not: CloudFormation takes away no export that another stack still imports.
    for (const each of functions) this.exportValue(each.function.functionName);
    this.exportValue(this.queue.queue.queueName);

    new CfnOutput(this, 'DeliveryStream', { value: this.stream.stream.ref });
    new CfnOutput(this, 'IngestMachine', { value: this.machine.machine.stateMachineArn });
    new CfnOutput(this, 'IngestQueue', { value: this.queue.queue.queueUrl });
    new CfnOutput(this, 'IngestDeadLetterQueue', { value: this.queue.deadLetterQueue.queueUrl });
    new CfnOutput(this, 'AlertTopic', { value: this.alerts.topic.topicArn });
    new CfnOutput(this, 'BusDeadLetterQueue', { value: busDeadLetters.queueUrl });
    new CfnOutput(this, 'EventBus', { value: bus.eventBusName });
  }
}
