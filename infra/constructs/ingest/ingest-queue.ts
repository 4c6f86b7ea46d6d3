import { Aws, Duration } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { createDeadLetterQueue, encryptedQueueProps } from '../shared/guarded-resources.ts';

/** Deliveries of one message before it goes to the dead-letter queue. */
const maxReceives = 5;

/**
 * From "an object was created" to a message: the EventBridge rule on the raw bucket's `raw/` and `landing/`, the queue, and
 * the dead-letter queue that takes both what the rule could not deliver and what the pipe could not hand on.
 */
export class IngestQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  readonly rule: CfnRule;

  constructor(
    scope: Construct,
    id: string,
    props: { bucket: Bucket; key: IKey; batchWindowSeconds: number },
  ) {
    super(scope, id);
    this.deadLetterQueue = createDeadLetterQueue(this, props.key);
    this.queue = new Queue(this, 'Queue', {
      ...encryptedQueueProps(props.key),
      // A message is out of sight while the pipe gathers its batch and starts the execution, which takes seconds.
      visibilityTimeout: Duration.seconds(props.batchWindowSeconds + 60),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: maxReceives },
    });

    this.rule = new CfnRule(this, 'ObjectCreated', {
      description: 'New raw objects of Caudal',
      eventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: {
          bucket: { name: [props.bucket.bucketName] },
          object: { key: [{ prefix: 'raw/' }, { prefix: 'landing/' }] },
        },
      },
      targets: [
        {
          id: 'queue',
          arn: this.queue.queueArn,
          deadLetterConfig: { arn: this.deadLetterQueue.queueArn },
          retryPolicy: { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 },
        },
      ],
    });
    for (const queue of [this.queue, this.deadLetterQueue]) {
      queue.addToResourcePolicy(
        new PolicyStatement({
          sid: 'FromRule',
          principals: [new ServicePrincipal('events.amazonaws.com')],
          actions: ['sqs:SendMessage'],
          resources: [queue.queueArn],
          conditions: {
            ArnEquals: { 'aws:SourceArn': this.rule.attrArn },
            StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          },
        }),
      );
    }
  }
}
