import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** What every bucket has: no public access, no ACLs, TLS only. @param retain it survives the removal of its stack */
export function guardedBucketProps(retain: boolean): BucketProps {
  return {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  };
}

/** The bucket, named `AccessLogs` in its scope, that takes the access logs of the buckets beside it. */
export function createAccessLogBucket(
  scope: Construct,
  { retain, days }: { retain: boolean; days: number },
): Bucket {
  const bucket = new Bucket(scope, 'AccessLogs', {
    ...guardedBucketProps(retain),
    // The log delivery service can't write under a customer's KMS key.
    encryption: BucketEncryption.S3_MANAGED,
    lifecycleRules: [{ id: 'expire', expiration: Duration.days(days) }],
  });
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'The bucket that receives access logs: logging its own accesses would feed itself for ever.',
  });
  return bucket;
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

/** A dead-letter queue, named `DeadLetters` in its scope. @param of what it takes, as the answer to the check says it */
export function createDeadLetterQueue(scope: Construct, { key, of }: { key: IKey; of: string }): Queue {
  const queue = new Queue(scope, 'DeadLetters', encryptedQueueProps(key));
  Validations.of(queue).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason: `It is the dead-letter queue of ${of}.`,
  });
  return queue;
}
