import { type AwsRequest, arn } from '../../engine/calls.ts';
import { list } from '../../iam/policy.ts';
import { type ServicePermissions, sameName, taking } from '../../iam/service-permissions.ts';

const arnOf = (url: unknown): string => arn('sqs', String(url).split('/').at(-1) ?? '');
const queue = ({ input }: AwsRequest): string => arnOf(input.QueueUrl);

export const sqsPermissions: ServicePermissions = {
  prefix: 'sqs',
  needs: {
    ...sameName(
      'sqs',
      [
        'ChangeMessageVisibility',
        'DeleteMessage',
        'GetQueueAttributes',
        'PurgeQueue',
        'ReceiveMessage',
        'SendMessage',
      ],
      queue,
    ),
    DeleteMessageBatch: taking('sqs:DeleteMessage', queue),
    SendMessageBatch: taking('sqs:SendMessage', queue),
    // As who asks for it; SQS moves with the caller's permissions to receive, delete and send as well.
    StartMessageMoveTask: taking('sqs:StartMessageMoveTask', ({ input }) => String(input.SourceArn)),
  },
  // As its page on encryption names them.
  keyActions: {
    'sqs:ReceiveMessage': ['kms:Decrypt'],
    'sqs:SendMessage': ['kms:Decrypt', 'kms:GenerateDataKey'],
  },
  keys: { 'AWS::SQS::Queue': ({ KmsMasterKeyId }) => KmsMasterKeyId },
  policies: { 'AWS::SQS::QueuePolicy': ({ Queues }) => list(Queues).map(arnOf) },
  refusal: { code: 'AccessDeniedException', status: 403, key: 'KmsAccessDenied' },
};
