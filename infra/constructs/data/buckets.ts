import { Duration } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, BucketEncryption, type BucketProps, type CfnBucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { createAccessLogBucket, guardedBucketProps } from '../shared/guarded-resources.ts';

/**
 * The raw bucket (the log: `raw/`, `landing/`, `errors/`), the curated bucket (`curated/`, `staging/`, `rejects/`) and the
 * bucket of their access logs.
 */
export class Buckets extends Construct {
  readonly raw: Bucket;
  readonly curated: Bucket;

  // `as IBucket` below: the library's own types leave `undefined` out of an optional member (exactOptionalPropertyTypes).
  constructor(scope: Construct, id: string, props: { key: Key; retain: boolean; accessLogDays: number }) {
    super(scope, id);
    const guarded = guardedBucketProps(props.retain);
    const accessLogs = createAccessLogBucket(this, { retain: props.retain, days: props.accessLogDays });

    const encrypted = {
      ...guarded,
      encryption: BucketEncryption.KMS,
      encryptionKey: props.key,
      bucketKeyEnabled: true, // one KMS call for many objects instead of one each
    } satisfies BucketProps;

    this.raw = new Bucket(this, 'Raw', {
      ...encrypted,
      versioned: true,
      serverAccessLogsBucket: accessLogs as IBucket,
      serverAccessLogsPrefix: 'raw/',
      lifecycleRules: [
        {
          // Replays read current versions; a replaced upload stays for a year in case the replacement was the mistake.
          id: 'replaced-versions',
          noncurrentVersionExpiration: Duration.days(365),
          expiredObjectDeleteMarker: true,
        },
        { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
        { id: 'undeliverable-records', prefix: 'errors/', expiration: Duration.days(365) },
      ],
    });
    // On the L1: the L2 property `eventBridgeEnabled` would add a custom resource with a function of its own.
    (this.raw.node.defaultChild as CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };

    this.curated = new Bucket(this, 'Curated', {
      ...encrypted,
      serverAccessLogsBucket: accessLogs as IBucket,
      serverAccessLogsPrefix: 'curated/',
      lifecycleRules: [
        // 14 days is how long Step Functions can redrive an execution that reads these parts.
        { id: 'staging', prefix: 'staging/', expiration: Duration.days(14) },
        { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
    });
  }
}
