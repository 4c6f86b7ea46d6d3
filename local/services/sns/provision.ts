import { type Provisioners, physicalName, unsupportedProperties } from '../../template/resource.ts';
import type { Sns } from './service.ts';

/** Standard topics and their subscriptions. */
export function provisionSns(sns: Sns): Provisioners {
  return {
    'AWS::SNS::Topic': (resource) => {
      const { stack, logicalId, properties } = resource;
      unsupportedProperties(resource, ['FifoTopic']);
      const name = properties.TopicName ?? physicalName(stack, logicalId, { maxLength: 256 });
      const topic = sns.createTopic({ name });
      for (const { Protocol, Endpoint } of properties.Subscription ?? []) {
        sns.subscribe({ topicArn: topic.arn, protocol: Protocol, endpoint: Endpoint });
      }
      return { ref: topic.arn, attributes: { TopicArn: topic.arn, TopicName: name } };
    },
    'AWS::SNS::Subscription': ({ properties }) => {
      const subscription = sns.subscribe({
        topicArn: properties.TopicArn,
        protocol: properties.Protocol,
        endpoint: properties.Endpoint,
        rawDelivery: properties.RawMessageDelivery === true || properties.RawMessageDelivery === 'true',
        ...(properties.FilterPolicy && { filterPolicy: properties.FilterPolicy }),
        ...(properties.FilterPolicyScope && { filterPolicyScope: properties.FilterPolicyScope }),
      });
      return { ref: subscription.arn, attributes: { Arn: subscription.arn } };
    },
  };
}
