import {
  type Provisioners,
  physicalName,
  type Resource,
  unsupportedProperties,
} from '../../template/resource.ts';
import { bodyTemplate, type PipeTarget } from './polling.ts';
import type { Pipes } from './service.ts';

/** Pipes from a queue to a state machine, or to a delivery stream. */
export function provisionPipes(pipes: Pipes): Provisioners {
  return {
    'AWS::Pipes::Pipe': (resource) => {
      const { stack, logicalId, properties } = resource;
      unsupportedProperties(resource, ['Enrichment', 'EnrichmentParameters']);
      const own = properties.Name ?? physicalName(stack, logicalId);
      // Brokers are elsewhere, and in the local cloud there are none: such a pipe is there and reads nothing.
      if (/^(?:smk:|arn:aws:kafka:)/.test(properties.Source)) {
        const { arn: Arn } = pipes.createIdlePipe({
          name: own,
          source: properties.Source,
          targetArn: properties.Target,
          roleArn: properties.RoleArn,
        });
        return { ref: own, attributes: { Arn } };
      }
      const { SqsQueueParameters = {}, ...otherSources } = properties.SourceParameters ?? {};
      unsupportedProperties({ ...resource, properties: otherSources }, Object.keys(otherSources));
      if (!properties.Source.startsWith('arn:aws:sqs:')) {
        throw new Error(
          `${stack}/${logicalId}: the local cloud supports only pipes from a queue, not from ${properties.Source}`,
        );
      }
      const target = targetOf(resource);
      const { BatchSize = 10, MaximumBatchingWindowInSeconds: windowSeconds = 0 } = SqsQueueParameters;
      // As the poller of SQS, which the template's validation does not know of.
      if (BatchSize > 10 && windowSeconds < 1) {
        throw new Error(
          `${stack}/${logicalId}: AWS refuses this pipe: a BatchSize above 10, here ${BatchSize}, needs a MaximumBatchingWindowInSeconds of 1 or more`,
        );
      }
      if (BatchSize < 1 || BatchSize > 10_000 || windowSeconds > 300) {
        throw new Error(
          `${stack}/${logicalId}: AWS refuses this pipe: BatchSize is from 1 to 10,000, MaximumBatchingWindowInSeconds to 300`,
        );
      }
      const { arn: Arn } = pipes.createPipe({
        name: own,
        queueArn: properties.Source,
        target,
        roleArn: properties.RoleArn,
        batchSize: BatchSize,
        windowSeconds,
        isStopped: properties.DesiredState === 'STOPPED',
      });
      return { ref: own, attributes: { Arn } };
    },
  };
}

function targetOf(resource: Resource): PipeTarget {
  const { stack, logicalId, properties } = resource;
  const {
    StepFunctionStateMachineParameters: ofMachine,
    InputTemplate,
    ...others
  } = properties.TargetParameters ?? {};
  unsupportedProperties({ ...resource, properties: others }, Object.keys(others));
  const { InvocationType = 'FIRE_AND_FORGET' } = ofMachine ?? {};
  if (
    properties.Target.startsWith('arn:aws:states:') &&
    InvocationType === 'FIRE_AND_FORGET' &&
    !InputTemplate
  )
    return { kind: 'machine', arn: properties.Target };
  if (properties.Target.startsWith('arn:aws:firehose:') && InputTemplate === bodyTemplate)
    return { kind: 'stream', arn: properties.Target };
  throw new Error(
    `${stack}/${logicalId}: the local cloud supports only pipes to a state machine, FIRE_AND_FORGET without an InputTemplate, or to a delivery stream with the InputTemplate ${bodyTemplate}`,
  );
}
