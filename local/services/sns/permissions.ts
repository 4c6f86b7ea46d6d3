import type { AwsRequest } from '../../engine/calls.ts';
import { type Acting, serviceCaller, sourceContext } from '../../iam/permissions.ts';
import { list } from '../../iam/policy.ts';
import { type ServicePermissions, taking } from '../../iam/service-permissions.ts';
import type { Subscription } from './delivery.ts';

const topic = ({ query }: AwsRequest): string => query.get('TopicArn') ?? query.get('TargetArn') ?? '';

export const snsPermissions: ServicePermissions = {
  prefix: 'sns',
  needs: { Publish: taking('sns:Publish', topic), PublishBatch: taking('sns:Publish', topic) },
  // As its page on encryption names them.
  keyActions: { 'sns:Publish': ['kms:Decrypt', 'kms:GenerateDataKey'] },
  keys: { 'AWS::SNS::Topic': ({ KmsMasterKeyId }) => KmsMasterKeyId },
  policies: { 'AWS::SNS::TopicPolicy': ({ Topics }) => list(Topics).map(String) },
  refusal: { code: 'AuthorizationError', status: 403, key: 'KMSAccessDenied' },
};

/** Whether SNS, as itself, may send a topic's messages to the subscribed queue. */
export function mayDeliver(acting: Acting, { topicArn, endpoint }: Subscription): boolean {
  return acting.allows(serviceCaller('sns'), 'sqs', {
    action: 'sqs:SendMessage',
    resource: endpoint,
    context: sourceContext(topicArn),
  });
}
