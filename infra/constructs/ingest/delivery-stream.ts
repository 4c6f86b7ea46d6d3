import { ArnFormat, Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, LogStream } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';
import type { Config } from '../../config.ts';
import { alarmPeriod } from '../shared/alarms.ts';
import { allow, type Permission } from '../shared/permissions.ts';

/** The name that producers put records to, before a stage: the one physical name that people type. */
const deliveryStreamName = 'caudal-readings';

/** A stream of Kinesis Data Streams that a delivery stream reads. */
export interface DeliverySource {
  readonly streamArn: string;
  /** ARN of the customer's key that the stream is encrypted with. Undefined where it has none, or Kinesis's own. */
  readonly keyArn: string | undefined;
  /** Name of the delivery stream that reads it. */
  readonly deliveryName: string;
}

/**
 * A delivery stream: direct puts, or the records of a source, gathered, gzipped and written under `raw/`. On the L1, because the L2 grants
 * its role families of actions (`s3:GetObject*`, `s3:Abort*`, …) where these seven do.
 */
export class DeliveryStream extends Construct {
  readonly stream: CfnDeliveryStream;

  constructor(
    scope: Construct,
    id: string,
    props: { bucket: Bucket; key: IKey; config: Config; source?: DeliverySource },
  ) {
    super(scope, id);
    const { bucket, key, config, source } = props;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: config.logRetentionDays,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const logStream = new LogStream(this, 'DeliveryLog', { logGroup, removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('firehose.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    allow(role, [
      {
        actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
        resources: [bucket.bucketArn],
      },
      {
        actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
        resources: [bucket.arnForObjects('raw/*'), bucket.arnForObjects('errors/*')],
        wildcard:
          'The stream names its objects by time; it writes under these two prefixes and nowhere else.',
      },
      { actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn], via: ['s3'] },
      {
        actions: ['logs:PutLogEvents'],
        // Not made from the group's own ARN, which ends in `:*`.
        resources: [
          Stack.of(this).formatArn({
            service: 'logs',
            resource: 'log-group',
            resourceName: `${logGroup.logGroupName}:log-stream:${logStream.logStreamName}`,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        ],
      },
      ...(source === undefined ? [] : readingOf(source)),
    ]);
    this.stream = new CfnDeliveryStream(this, 'Stream', {
      ...(source === undefined
        ? {
            deliveryStreamName: ofStage(deliveryStreamName, config.stage),
            deliveryStreamType: 'DirectPut',
            deliveryStreamEncryptionConfigurationInput: {
              keyType: 'CUSTOMER_MANAGED_CMK',
              keyArn: key.keyArn,
            },
          }
        : {
            deliveryStreamName: source.deliveryName,
            deliveryStreamType: 'KinesisStreamAsSource', // which keeps nothing of its own: the source does
            kinesisStreamSourceConfiguration: { kinesisStreamArn: source.streamArn, roleArn: role.roleArn },
          }),
      extendedS3DestinationConfiguration: {
        bucketArn: bucket.bucketArn,
        roleArn: role.roleArn,
        bufferingHints: { intervalInSeconds: config.bufferSeconds, sizeInMBs: config.bufferMiB },
        compressionFormat: 'GZIP',
        prefix: 'raw/!{timestamp:yyyy/MM/dd/HH}/',
        errorOutputPrefix: 'errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/',
        encryptionConfiguration: { kmsEncryptionConfig: { awskmsKeyArn: key.keyArn } },
        cloudWatchLoggingOptions: {
          enabled: true,
          logGroupName: logGroup.logGroupName,
          logStreamName: logStream.logStreamName,
        },
      },
    });
    // Firehose tries the role when the stream is created; without its policy that fails.
    this.stream.node.addDependency(role);
  }

  /** What Firehose measures of it. */
  metric(metricName: string, statistic: 'Maximum' | 'Sum'): Metric {
    return deliveryMetric(this.stream.ref, metricName, statistic);
  }
}

/** What Firehose measures of a delivery stream. @param name of the stream */
export const deliveryMetric = (name: string, metricName: string, statistic: 'Maximum' | 'Sum'): Metric =>
  new Metric({
    namespace: 'AWS/Firehose',
    metricName,
    dimensionsMap: { DeliveryStreamName: name },
    period: alarmPeriod,
    statistic,
  });

/** As AWS's page on the access of Firehose names them. */
const readingOf = ({ streamArn, keyArn }: DeliverySource): Permission[] => [
  {
    actions: [
      'kinesis:DescribeStream',
      'kinesis:GetRecords',
      'kinesis:GetShardIterator',
      'kinesis:ListShards',
    ],
    resources: [streamArn],
  },
  ...(keyArn === undefined
    ? []
    : [{ actions: ['kms:Decrypt'], resources: [keyArn], via: ['kinesis'] as const }]),
];
