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
import { Construct } from 'constructs';

/** Days that uploads, contents and thumbnails of jobs are kept; longer than the 14 in which an execution can be redriven. */
export const keptDays = 30;

/**
 * The bucket of the toons: `toons/<client>/` uploads, `jobs/<jobId>/` contents and manifests, `thumbnails/<jobId>/`. All of
 * it expires; what a job found is in its records.
 */
export class ToonsBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: { key: IKey; retain: boolean; accessLogDays: number }) {
    super(scope, id);
    const guarded = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: props.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    } satisfies BucketProps;
    // Of its own: the log bucket of CaudalData would have to name this bucket, and the stacks would wait for each other.
    const accessLogs = new Bucket(this, 'AccessLogs', {
      ...guarded,
      // The log delivery service can't write under a customer's KMS key.
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ id: 'expire', expiration: Duration.days(props.accessLogDays) }],
    });
    Validations.of(accessLogs).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'The bucket that receives access logs: logging its own accesses would feed itself for ever.',
    });
    this.bucket = new Bucket(this, 'Toons', {
      ...guarded,
      encryption: BucketEncryption.KMS,
      encryptionKey: props.key,
      bucketKeyEnabled: true, // one KMS call for many objects instead of one each
      serverAccessLogsBucket: accessLogs as IBucket, // the library's own types leave `undefined` out of an optional member
      serverAccessLogsPrefix: 'toons/',
      lifecycleRules: [
        { id: 'expire', expiration: Duration.days(keptDays) },
        { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
    });
  }
}
