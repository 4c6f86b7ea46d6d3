import { Duration } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import {
  Bucket,
  type CfnBucket,
  HttpMethods,
  type LifecycleRule,
  ObjectLockRetention,
  StorageClass,
  TransitionDefaultMinimumObjectSize,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { createAccessLogBucket, encryptedBucketProps } from '../shared/guarded-resources.ts';

export interface BucketsProps {
  readonly key: Key;
  readonly retain: boolean;
  /** Days that access logs are kept. */
  readonly accessLogDays: number;
  /** Days after which larger raw objects become infrequently accessed; 0: never. */
  readonly infrequentDays: number;
  /** Days that Object Lock keeps a version of a raw object; 0: no Object Lock. */
  readonly lockDays: number;
  /** The raw bucket's policy refuses the deletion of versions. */
  readonly denyDeletion: boolean;
  /** Origins whose pages may send files by a link; `*` where one of them is not known yet. */
  readonly uploadOrigins: readonly string[];
}

/**
 * The raw bucket (the log: `raw/`, `landing/`, `errors/`), the curated bucket (`curated/`, `staging/`, `rejects/`), the bucket of uploads that
 * have not landed (`uploads/`, `records/`), and the bucket of their access logs.
 */
export class Buckets extends Construct {
  readonly raw: Bucket;
  readonly curated: Bucket;
  readonly uploads: Bucket;
  readonly accessLogs: Bucket;

  constructor(scope: Construct, id: string, props: BucketsProps) {
    super(scope, id);
    const { retain, key } = props;
    const accessLogs = createAccessLogBucket(this, { retain, days: props.accessLogDays });
    this.accessLogs = accessLogs;

    this.raw = new Bucket(this, 'Raw', {
      ...encryptedBucketProps({ retain, key, accessLogs, prefix: 'raw/' }),
      versioned: true,
      // CloudFormation can't add Object Lock to a bucket: it would make another one.
      ...(props.lockDays === 0
        ? {}
        : { objectLockDefaultRetention: ObjectLockRetention.governance(Duration.days(props.lockDays)) }),
      // S3 bills an infrequently accessed object as 128 KiB at least, so a smaller one stays where it is.
      ...(props.infrequentDays === 0
        ? {}
        : {
            transitionDefaultMinimumObjectSize: TransitionDefaultMinimumObjectSize.ALL_STORAGE_CLASSES_128_K,
          }),
      lifecycleRules: [
        {
          // Replays read current versions; a replaced upload stays for a year in case the replacement was the mistake.
          id: 'replaced-versions',
          noncurrentVersionExpiration: Duration.days(365),
          expiredObjectDeleteMarker: true,
        },
        { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
        { id: 'undeliverable-records', prefix: 'errors/', expiration: Duration.days(365) },
        ...(props.infrequentDays === 0 ? [] : ['raw/', 'landing/'].map(infrequent(props.infrequentDays))),
      ],
    });
    if (props.denyDeletion) this.raw.addToResourcePolicy(noDeletion(this.raw));
    // On the L1: the L2 property `eventBridgeEnabled` would add a custom resource with a function of its own.
    (this.raw.node.defaultChild as CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };

    this.curated = new Bucket(this, 'Curated', {
      ...encryptedBucketProps({ retain, key, accessLogs, prefix: 'curated/' }),
      lifecycleRules: [
        // 14 days is how long Step Functions can redrive an execution that reads these parts.
        { id: 'staging', prefix: 'staging/', expiration: Duration.days(14) },
        { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
    });

    // Apart from the raw bucket: nothing here is ingested, kept in versions or locked.
    this.uploads = new Bucket(this, 'Uploads', {
      ...encryptedBucketProps({ retain, key, accessLogs, prefix: 'uploads/' }),
      lifecycleRules: [
        { id: 'expire', expiration: Duration.days(1) },
        { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      // Who may write is said by the link's signature, not by the page it is used on.
      ...(props.uploadOrigins.length === 0
        ? {}
        : {
            cors: [
              {
                allowedMethods: [HttpMethods.PUT],
                allowedOrigins: [...props.uploadOrigins],
                allowedHeaders: ['content-type', 'if-none-match', 'x-amz-checksum-sha256'],
                maxAge: 3600,
              },
            ],
          }),
    });
  }
}

/** Only this class is read at once, as replay and reconcile do, and cheaper from the first month on. */
const infrequent =
  (days: number) =>
  (prefix: string): LifecycleRule => ({
    id: `infrequent-${prefix.replace('/', '')}`,
    prefix,
    transitions: [{ storageClass: StorageClass.INFREQUENT_ACCESS, transitionAfter: Duration.days(days) }],
  });

/** A deletion without a version only hides the object, so it stays allowed. Lifecycle rules are no caller. */
const noDeletion = (bucket: Bucket): PolicyStatement =>
  new PolicyStatement({
    sid: 'KeepVersions',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['s3:BypassGovernanceRetention', 's3:DeleteObjectVersion'],
    resources: [bucket.arnForObjects('*')],
  });
