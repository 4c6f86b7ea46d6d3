import { Duration } from 'aws-cdk-lib';
import type { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Config } from '../../config.ts';
import { createDeadLetterQueue, encryptedQueueProps } from '../shared/guarded-resources.ts';
import { SourcePipe } from './source-pipe.ts';

/** Deliveries of one message before it goes to the dead-letter queue. */
const maxReceives = 5;

/** Bytes of one message, and messages of a batch: 10 × 256 KiB = 2.5 MiB, below the 4 MiB that PutRecordBatch takes, and each below its 1,000 KiB. */
const maxSourceMessageBytes = 262_144;
const sourceBatchSize = 10;

/** A queue whose messages are readings: JSON, each a record of the delivery stream. */
export class QueueSource extends Construct {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  readonly pipe: CfnPipe;

  constructor(scope: Construct, id: string, props: { stream: CfnDeliveryStream; key: IKey; config: Config }) {
    super(scope, id);
    const { key } = props;
    this.deadLetterQueue = createDeadLetterQueue(this, key);
    this.queue = new Queue(this, 'Queue', {
      ...encryptedQueueProps(key),
      maxMessageSizeBytes: maxSourceMessageBytes,
      visibilityTimeout: Duration.seconds(60),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: maxReceives },
    });
    this.pipe = new SourcePipe(this, 'Readings', {
      ...props,
      name: 'queue',
      description: 'Messages of the queue to the delivery stream of Caudal',
      source: this.queue.queueArn,
      sourceParameters: { sqsQueueParameters: { batchSize: sourceBatchSize } },
      permissions: [
        {
          actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
          resources: [this.queue.queueArn],
        },
        { actions: ['kms:Decrypt'], resources: [key.keyArn], via: ['sqs'] },
      ],
      path: '$.body',
    }).pipe;
  }
}
