import { Duration, Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** What every queue has: the installation's key, TLS only, the longest retention. */
export function encryptedQueueProps(key: IKey): QueueProps {
  return {
    encryption: QueueEncryption.KMS,
    encryptionMasterKey: key,
    dataKeyReuse: Duration.hours(1), // one KMS call an hour instead of one every five minutes
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  };
}

/** A dead-letter queue, named `DeadLetters` in its scope. @param of what it takes, as the answer to the check says it */
export function createDeadLetterQueue(scope: Construct, { key, of }: { key: IKey; of: string }): Queue {
  const queue = new Queue(scope, 'DeadLetters', encryptedQueueProps(key));
  Validations.of(queue).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason: `It is the dead-letter queue of ${of}.`,
  });
  return queue;
}
