import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { createAccessLogBucket, encryptedBucketProps } from '../shared/guarded-resources.ts';

/** Days that uploads, contents and thumbnails of jobs are kept; longer than the 14 in which an execution can be redriven. */
const keptDays = 30;

/**
 * The bucket of the toons: `toons/<client>/` uploads, `jobs/<jobId>/` contents and manifests, `thumbnails/<jobId>/`. All of
 * it expires; what a job found is in its records.
 */
export class ToonsBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: { key: IKey; retain: boolean; accessLogDays: number }) {
    super(scope, id);
    const { retain } = props;
    // Of its own: the log bucket of CaudalData would have to name this bucket, and the stacks would wait for each other.
    const accessLogs = createAccessLogBucket(this, { retain, days: props.accessLogDays });
    this.bucket = new Bucket(this, 'Toons', {
      ...encryptedBucketProps({ retain, key: props.key, accessLogs, prefix: 'toons/' }),
      lifecycleRules: [
        { id: 'expire', expiration: Duration.days(keptDays) },
        { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
    });
  }
}
