import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';
import type { Config } from '../../config.ts';
import { allow, onBehalfOf } from '../shared/permissions.ts';

/** Characters that Step Functions takes as the input of an execution, and so a pipe's batch at most. */
export const maxBatchCharacters = 262_144;

/**
 * Characters of one message at most. An S3 key has up to 1,024 bytes, and the worst of them are control characters: one byte
 * becomes `\u0001` in the event, whose backslash is escaped again in the message's body: 7 × 1,024 = 7,168. The rest of the
 * event and of the message (ids, receipt handle, ARNs, escaped quotes) stays below 2,400.
 */
export const maxMessageCharacters = 7 * 1024 + 2400;

/** Messages of one batch: 25 × 9,568 = 239,200, below 262,144 whatever the keys are, and with room for what PlanIngest adds to its input. */
export const batchSize = 25;

/** Messages of one batch where nothing waits for more: without a window SQS's poller takes no more, and refuses the pipe otherwise. */
export const batchSizeWithoutWindow = 10;

/** Queue to state machine: one execution for up to 25 new objects (10 without a window), or for what came within the window. */
export class IngestPipe extends Construct {
  readonly pipe: CfnPipe;

  constructor(
    scope: Construct,
    id: string,
    props: { queue: IQueue; machine: IStateMachine; key: IKey; config: Config },
  ) {
    super(scope, id);
    const { queue, machine, key, config } = props;
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: ofStage('/aws/vendedlogs/pipes/caudal-ingest', config.stage), // one policy of the account covers all with this prefix
      retention: config.logRetentionDays,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('pipes.amazonaws.com', {
        // By its name it would wait for itself: the pipe is created with the role.
        conditions: onBehalfOf(
          Stack.of(this).formatArn({
            service: 'pipes',
            resource: 'pipe',
            resourceName: '*',
          }),
        ),
      }),
    });
    allow(role, [
      {
        actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        resources: [queue.queueArn],
      },
      { actions: ['kms:Decrypt'], resources: [key.keyArn], via: ['sqs'] },
      { actions: ['states:StartExecution'], resources: [machine.stateMachineArn] },
    ]);
    this.pipe = new CfnPipe(this, 'Pipe', {
      description: 'Batches of new raw objects to the ingest state machine',
      roleArn: role.roleArn,
      source: queue.queueArn,
      sourceParameters: {
        sqsQueueParameters: {
          batchSize: config.batchWindowSeconds === 0 ? batchSizeWithoutWindow : batchSize,
          maximumBatchingWindowInSeconds: config.batchWindowSeconds,
        },
      },
      target: machine.stateMachineArn,
      // A Standard execution runs for longer than a pipe waits; its failures have alarms of their own.
      targetParameters: { stepFunctionStateMachineParameters: { invocationType: 'FIRE_AND_FORGET' } },
      logConfiguration: {
        level: 'ERROR',
        cloudwatchLogsLogDestination: { logGroupArn: logGroup.logGroupRef.logGroupArn },
      },
    });
    // The pipe tries its role when it is created; without the policy that fails.
    this.pipe.node.addDependency(role);
  }
}
