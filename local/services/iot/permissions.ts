import { type AwsRequest, arn } from '../../engine/calls.ts';
import { type Acting, roleCaller } from '../../iam/permissions.ts';
import type { ServicePermissions } from '../../iam/service-permissions.ts';
import type { ProvisioningTemplate } from './provisioning.ts';
import type { TopicRule } from './topic-rule.ts';

const any = (action: string) => (_: AwsRequest) => [{ action, resource: '*' }];

/** A rule's role is the one of its action: that of its error action is asked for when it is used. */
export const iotPermissions: ServicePermissions = {
  prefix: 'iot',
  needs: { ListThings: any('iot:ListThings'), DescribeEndpoint: any('iot:DescribeEndpoint') },
  roles: {
    'AWS::IoT::TopicRule': {
      service: 'iot.amazonaws.com',
      roleProperty: 'TopicRulePayload.Actions.0.Firehose.RoleArn',
    },
    'AWS::IoT::ProvisioningTemplate': { service: 'iot.amazonaws.com', roleProperty: 'ProvisioningRoleArn' },
  },
};

/** Throws when the rule's role may not put a record. */
export function requireRecord(acting: Acting, { name, roleArn, stream }: TopicRule): void {
  const resource = arn('firehose', `deliverystream/${stream}`);
  acting.require(roleCaller(roleArn, name), 'firehose', { action: 'firehose:PutRecord', resource });
}

/** Throws when the role of the rule's error action may not send. */
export function requireErrorMessage(acting: Acting, { name, onError }: TopicRule): void {
  const resource = arn('sqs', onError?.queueUrl.split('/').at(-1) ?? '');
  acting.require(roleCaller(onError?.roleArn ?? '', name), 'sqs', { action: 'sqs:SendMessage', resource });
}

/** Throws when the template's role may not do this. */
export function requireProvisioning(
  acting: Acting,
  { name, roleArn }: ProvisioningTemplate,
  need: { action: string; resource: string },
): void {
  acting.require(roleCaller(roleArn, name), 'iot', need);
}
