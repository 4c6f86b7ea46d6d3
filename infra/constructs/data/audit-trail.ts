import { Aws, Duration, Stack } from 'aws-cdk-lib';
import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { encryptedBucketProps } from '../shared/guarded-resources.ts';
import type { Buckets } from './buckets.ts';
import type { Tables } from './tables.ts';

export interface AuditTrailProps {
  readonly name: string;
  readonly buckets: Buckets;
  readonly tables: Tables;
  readonly key: IKey;
  readonly retain: boolean;
  /** Days that its files are kept. */
  readonly days: number;
}

/** ARN of the trail with this name; the key's policy names it before the trail is there. */
export function auditTrailArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({ service: 'cloudtrail', resource: 'trail', resourceName: name });
}

/**
 * Who read, wrote or removed which object of the raw and curated buckets and which item's key of the tables: the data events
 * of CloudTrail, in a bucket of their own. Management events are left to the account's own trail.
 */
export class AuditTrail extends Construct {
  constructor(scope: Construct, id: string, props: AuditTrailProps) {
    super(scope, id);
    const { buckets, tables, key } = props;
    const bucket = new Bucket(this, 'Logs', {
      ...encryptedBucketProps({
        ...{ retain: props.retain, key, accessLogs: buckets.accessLogs },
        prefix: 'audit/',
      }),
      lifecycleRules: [{ id: 'expire', expiration: Duration.days(props.days) }],
    });
    const trailArn = auditTrailArn(this, props.name);
    const statement = (sid: string, action: string, resource: string) =>
      new PolicyStatement({
        sid,
        principals: [new ServicePrincipal('cloudtrail.amazonaws.com')],
        actions: [action],
        resources: [resource],
        conditions: { ArnEquals: { 'aws:SourceArn': trailArn } },
      });
    bucket.addToResourcePolicy(statement('TrailAcl', 's3:GetBucketAcl', bucket.bucketArn));
    bucket.addToResourcePolicy(
      statement('TrailFiles', 's3:PutObject', bucket.arnForObjects(`AWSLogs/${Aws.ACCOUNT_ID}/*`)),
    );
    const dataEvents = (
      name: string,
      type: string,
      match: { startsWith?: string[]; equalTo?: string[] },
    ) => ({
      name,
      fieldSelectors: [
        { field: 'eventCategory', equalTo: ['Data'] },
        { field: 'resources.type', equalTo: [type] },
        { field: 'resources.ARN', ...match },
      ],
    });
    const trail = new CfnTrail(this, 'Trail', {
      trailName: props.name,
      isLogging: true,
      s3BucketName: bucket.bucketName,
      kmsKeyId: key.keyArn,
      enableLogFileValidation: true,
      isMultiRegionTrail: false, // what it names lies in one Region
      includeGlobalServiceEvents: false,
      advancedEventSelectors: [
        dataEvents('objects', 'AWS::S3::Object', {
          startsWith: [buckets.raw, buckets.curated].map(({ bucketArn }) => `${bucketArn}/`),
        }),
        dataEvents('items', 'AWS::DynamoDB::Table', {
          equalTo: tables.all.map(({ tableArn }) => tableArn),
        }),
      ],
    });
    // CloudTrail tries the bucket when the trail is created.
    if (bucket.policy !== undefined) trail.node.addDependency(bucket.policy);
  }
}
