import type { AwsRequest } from '../../engine/calls.ts';
import { type ServicePermissions, sameName } from '../../iam/service-permissions.ts';
import { streamArnOf } from './service.ts';

const streamOf = ({ input }: AwsRequest): string => streamArnOf(input) ?? '*';

export const kinesisPermissions: ServicePermissions = {
  prefix: 'kinesis',
  needs: sameName(
    'kinesis',
    [
      'DescribeStream',
      'DescribeStreamSummary',
      'GetRecords',
      'GetShardIterator',
      'ListShards',
      'ListStreams',
      'PutRecord',
      'PutRecords',
    ],
    streamOf,
  ),
  // As its page on encryption names them.
  keyActions: {
    'kinesis:GetRecords': ['kms:Decrypt'],
    'kinesis:PutRecord': ['kms:GenerateDataKey'],
    'kinesis:PutRecords': ['kms:GenerateDataKey'],
  },
  keys: { 'AWS::Kinesis::Stream': ({ StreamEncryption }) => StreamEncryption?.KeyId },
};
