import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** What every bucket has: no public access, no ACLs, TLS only. @param retain it survives the removal of its stack */
function guardedBucketProps(retain: boolean): BucketProps {
  return {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  };
}

/** What every bucket of the installation's own data has: its key, and a log of who reads it. @param prefix of the log's files */
export function encryptedBucketProps({
  retain,
  key,
  accessLogs,
  prefix,
}: {
  retain: boolean;
  key: IKey;
  accessLogs: Bucket;
  prefix: string;
}): BucketProps {
  return {
    ...guardedBucketProps(retain),
    encryption: BucketEncryption.KMS,
    encryptionKey: key,
    bucketKeyEnabled: true, // one KMS call for many objects instead of one each
    serverAccessLogsBucket: accessLogs as IBucket, // the library's own types leave `undefined` out of an optional member
    serverAccessLogsPrefix: prefix,
  };
}

/** The bucket, named `AccessLogs` in its scope, that takes the access logs of the buckets beside it. */
export function createAccessLogBucket(
  scope: Construct,
  { retain, days }: { retain: boolean; days: number },
): Bucket {
  return new Bucket(scope, 'AccessLogs', {
    ...guardedBucketProps(retain),
    // The log delivery service can't write under a customer's KMS key.
    encryption: BucketEncryption.S3_MANAGED,
    lifecycleRules: [{ id: 'expire', expiration: Duration.days(days) }],
  });
}

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

/**
 * The queue for events that EventBridge can't encrypt or decrypt on their way through a bus. What lies there is encrypted already; a queue
 * under the key that the bus fails with could not be written either, so SQS's own key encrypts this one. What could not be posted to the webhook is there too.
 */
export function createBusDeadLetterQueue(scope: Construct): Queue {
  const queue = new Queue(scope, 'BusDeadLetters', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  Validations.of(queue).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason: 'It is itself the dead-letter queue, of the event bus and of the webhook.',
  });
  return queue;
}

/** A dead-letter queue, named `DeadLetters` in its scope. */
export function createDeadLetterQueue(scope: Construct, key: IKey): Queue {
  return new Queue(scope, 'DeadLetters', encryptedQueueProps(key));
}
