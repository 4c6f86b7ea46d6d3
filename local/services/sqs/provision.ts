import type { Provisioners } from '../../template/resource.ts';
import { physicalName, unsupportedProperties } from '../../template/resource.ts';
import type { Sqs } from './service.ts';

/** Standard queues. */
export function provisionSqs(sqs: Sqs): Provisioners {
  return {
    'AWS::SQS::Queue': (resource) => {
      const { stack, logicalId, properties } = resource;
      unsupportedProperties(resource, ['FifoQueue']);
      const name = properties.QueueName ?? physicalName(stack, logicalId, { maxLength: 80 });
      const redrive = properties.RedrivePolicy;
      const queue = sqs.createQueue({
        name,
        visibilityTimeoutSeconds: properties.VisibilityTimeout ?? 30,
        retentionSeconds: properties.MessageRetentionPeriod ?? 345_600,
        delaySeconds: properties.DelaySeconds ?? 0,
        receiveWaitSeconds: properties.ReceiveMessageWaitTimeSeconds ?? 0,
        ...(properties.MaximumMessageSize === undefined
          ? {}
          : { maximumMessageBytes: Number(properties.MaximumMessageSize) }),
        ...(redrive && {
          redrive: {
            deadLetterArn: redrive.deadLetterTargetArn,
            maxReceiveCount: Number(redrive.maxReceiveCount),
          },
        }),
      });
      return { ref: queue.url, attributes: { Arn: queue.arn, QueueName: name, QueueUrl: queue.url } };
    },
  };
}
