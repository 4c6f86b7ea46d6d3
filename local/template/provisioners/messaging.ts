import { arn } from '../../engine/calls.ts';
import type { EventBridge } from '../../services/eventbridge/service.ts';
import type { Pipes } from '../../services/pipes/pipes.ts';
import type { Sns } from '../../services/sns/service.ts';
import type { Sqs } from '../../services/sqs/service.ts';
import type { Provisioner } from '../load.ts';
import { physicalName } from '../names.ts';
import { unsupportedProperties } from './unsupported.ts';

/** Queues, topics, buses, rules and pipes. */
export function messagingProvisioners(services: {
  queues: Sqs;
  topics: Sns;
  events: EventBridge;
  pipes: Pipes;
}): Record<string, Provisioner> {
  const { queues, topics, events, pipes } = services;
  return {
    'AWS::SQS::Queue': (resource) => {
      const { stack, logicalId, properties } = resource;
      unsupportedProperties(resource, ['FifoQueue']);
      const name = properties.QueueName ?? physicalName(stack, logicalId, { maxLength: 80 });
      const redrive = properties.RedrivePolicy;
      const queue = queues.createQueue({
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
    'AWS::SNS::Topic': (resource) => {
      const { stack, logicalId, properties } = resource;
      unsupportedProperties(resource, ['FifoTopic']);
      const name = properties.TopicName ?? physicalName(stack, logicalId, { maxLength: 256 });
      const topic = topics.createTopic({ name });
      for (const { Protocol, Endpoint } of properties.Subscription ?? []) {
        topics.subscribe({ topicArn: topic.arn, protocol: Protocol, endpoint: Endpoint });
      }
      return { ref: topic.arn, attributes: { TopicArn: topic.arn, TopicName: name } };
    },
    'AWS::SNS::Subscription': ({ properties }) => {
      const subscription = topics.subscribe({
        topicArn: properties.TopicArn,
        protocol: properties.Protocol,
        endpoint: properties.Endpoint,
        rawDelivery: properties.RawMessageDelivery === true || properties.RawMessageDelivery === 'true',
        ...(properties.FilterPolicy && { filterPolicy: properties.FilterPolicy }),
        ...(properties.FilterPolicyScope && { filterPolicyScope: properties.FilterPolicyScope }),
      });
      return { ref: subscription.arn, attributes: { Arn: subscription.arn } };
    },
    'AWS::Events::EventBus': ({ properties }) => {
      const bus = events.createBus({ name: properties.Name });
      return { ref: properties.Name, attributes: { Arn: bus.arn, Name: properties.Name } };
    },
    'AWS::Events::Rule': (resource) => {
      const { stack, logicalId, properties } = resource;
      unsupportedProperties(resource, ['ScheduleExpression']);
      const name = properties.Name ?? physicalName(stack, logicalId);
      const rule = events.putRule({
        name,
        pattern: properties.EventPattern,
        state: properties.State === 'DISABLED' ? 'DISABLED' : 'ENABLED',
        ...(properties.EventBusName === undefined ? {} : { busName: properties.EventBusName }),
        ...(properties.Description === undefined ? {} : { description: properties.Description }),
        targets: (properties.Targets ?? []).map((target: Record<string, never>) => {
          unsupportedProperties({ ...resource, properties: target }, ['InputTransformer']);
          const { Id, Arn, Input, InputPath, DeadLetterConfig, RoleArn } = target as Record<
            string,
            string | undefined
          >;
          const deadLetterArn = (DeadLetterConfig as unknown as { Arn?: string } | undefined)?.Arn;
          return {
            id: Id,
            arn: Arn,
            ...(Input === undefined ? {} : { input: Input }),
            ...(InputPath === undefined ? {} : { inputPath: InputPath }),
            ...(deadLetterArn === undefined ? {} : { deadLetterArn }),
            ...(RoleArn === undefined ? {} : { roleArn: RoleArn }),
          };
        }),
      });
      return { ref: name, attributes: { Arn: rule.arn } };
    },
    'AWS::Pipes::Pipe': (resource) => {
      const { stack, logicalId, properties } = resource;
      unsupportedProperties(resource, ['Enrichment', 'EnrichmentParameters']);
      const { SqsQueueParameters = {}, ...otherSources } = properties.SourceParameters ?? {};
      const { StepFunctionStateMachineParameters = {}, ...otherTargets } = properties.TargetParameters ?? {};
      unsupportedProperties({ ...resource, properties: otherSources }, Object.keys(otherSources));
      unsupportedProperties({ ...resource, properties: otherTargets }, Object.keys(otherTargets));
      const { InvocationType = 'FIRE_AND_FORGET' } = StepFunctionStateMachineParameters;
      if (
        !properties.Source.startsWith('arn:aws:sqs:') ||
        !properties.Target.startsWith('arn:aws:states:') ||
        InvocationType !== 'FIRE_AND_FORGET'
      ) {
        throw new Error(
          `${stack}/${logicalId}: here a pipe leads from a queue to a state machine, FIRE_AND_FORGET`,
        );
      }
      const name = properties.Name ?? physicalName(stack, logicalId);
      if (properties.DesiredState !== 'STOPPED') {
        pipes.createPipe({
          name,
          queueArn: properties.Source,
          stateMachineArn: properties.Target,
          roleArn: properties.RoleArn,
          batchSize: SqsQueueParameters.BatchSize ?? 10,
          windowSeconds: SqsQueueParameters.MaximumBatchingWindowInSeconds ?? 0,
        });
      }
      return { ref: name, attributes: { Arn: arn('pipes', `pipe/${name}`) } };
    },
  };
}
