import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Subscription, SubscriptionFilter, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';
import { toonTypes } from '../../../core/toons/toon.ts';
import type { Config } from '../../config.ts';
import { createDeadLetterQueue, encryptedQueueProps } from '../shared/guarded-resources.ts';

/** Deliveries of one notice before it goes to the dead-letter queue. */
const maxReceives = 5;

/**
 * Where other systems learn that a job has ended: a topic whose messages carry `state` and `toonTypes`, and a queue that
 * is subscribed to it. The queue's filter takes everything; a consumer narrows it, or subscribes a queue with its own.
 */
export class JobNotices extends Construct {
  readonly topic: Topic;
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;

  constructor(scope: Construct, id: string, props: { key: IKey; config: Config }) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      displayName: ofStage('Caudal jobs', props.config.stage),
      masterKey: props.key,
      enforceSSL: true,
    });
    this.deadLetterQueue = createDeadLetterQueue(this, props.key);
    this.queue = new Queue(this, 'Queue', {
      ...encryptedQueueProps(props.key),
      visibilityTimeout: Duration.minutes(1),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: maxReceives },
    });
    new Subscription(this, 'TopicToQueue', {
      topic: this.topic,
      protocol: SubscriptionProtocol.SQS,
      endpoint: this.queue.queueArn,
      rawMessageDelivery: true, // the message as it is; its attributes become the queue's message attributes
      deadLetterQueue: this.deadLetterQueue,
      filterPolicy: {
        state: SubscriptionFilter.stringFilter({ allowlist: ['Completed', 'Failed'] }),
        toonTypes: SubscriptionFilter.stringFilter({ allowlist: [...toonTypes] }),
      },
    });
    this.queue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'FromTopic',
        principals: [new ServicePrincipal('sns.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': this.topic.topicArn } },
      }),
    );
  }
}
