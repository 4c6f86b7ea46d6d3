import { type AwsRequest, arn } from '../../engine/calls.ts';
import { type Acting, roleCaller } from '../../iam/permissions.ts';
import { type ServicePermissions, sameName } from '../../iam/service-permissions.ts';
import type { SourceAction } from './source-reader.ts';
import type { StreamSettings } from './stream.ts';

const streamOf = ({ input }: AwsRequest): string =>
  arn('firehose', `deliverystream/${input.DeliveryStreamName}`);

/** Firehose uses a grant of the key that it made with the stream, so putting records asks for nothing of the key. */
export const firehosePermissions: ServicePermissions = {
  prefix: 'firehose',
  needs: sameName('firehose', ['DescribeDeliveryStream', 'PutRecord', 'PutRecordBatch'], streamOf),
  roles: {
    'AWS::KinesisFirehose::DeliveryStream': {
      service: 'firehose.amazonaws.com',
      roleProperty: 'ExtendedS3DestinationConfiguration.RoleARN',
    },
  },
};

/** Whether the stream's role may write to its log of errors. */
export function mayLog(
  acting: Acting,
  { name, roleArn = '' }: StreamSettings,
  { group, stream }: { group: string; stream: string },
): boolean {
  const resource = arn('logs', `log-group:${group}:log-stream:${stream}`);
  return acting.allows(roleCaller(roleArn, name), 'logs', { action: 'logs:PutLogEvents', resource });
}

/** Throws when the stream's role may not write the object. */
export function requireObject(
  acting: Acting,
  { name, roleArn = '' }: StreamSettings,
  { bucket, key }: { bucket: string; key: string },
): void {
  const resource = arn('s3', `${bucket}/${key}`);
  acting.require(roleCaller(roleArn, name), 's3', { action: 's3:PutObject', resource });
}

/** Throws when the stream's role may not do this to its source. */
export function requireSource(
  acting: Acting,
  { name, roleArn = '', source = '' }: StreamSettings,
  action: SourceAction,
): void {
  acting.require(roleCaller(roleArn, name), 'kinesis', { action, resource: source });
}
