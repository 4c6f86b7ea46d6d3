import { type AwsRequest, arn, region } from '../../engine/calls.ts';
import { type ServicePermissions, sameName } from '../../iam/service-permissions.ts';

const logStream = ({ input }: AwsRequest): string =>
  arn('logs', `log-group:${input.logGroupName}:log-stream:${input.logStreamName ?? ''}`);

export const logsPermissions: ServicePermissions = {
  prefix: 'logs',
  needs: sameName('logs', ['CreateLogStream', 'PutLogEvents'], logStream),
  keys: { 'AWS::Logs::LogGroup': ({ KmsKeyId }) => KmsKeyId },
  // What it asks of a log group's key, as itself, by its page on encryption.
  creation: {
    'AWS::Logs::LogGroup': (name) => ({
      service: `logs.${region}.amazonaws.com`,
      actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
      context: { 'kms:encryptioncontext:aws:logs:arn': arn('logs', `log-group:${name}`) },
    }),
  },
  // The log group of a stream.
  ownerOf: (resourceArn) => resourceArn.split(':').slice(0, 7).join(':'),
};
