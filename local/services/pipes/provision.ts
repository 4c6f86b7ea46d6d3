import { arn } from '../../engine/calls.ts';
import { type Provisioners, physicalName, unsupportedProperties } from '../../template/resource.ts';
import type { Pipes } from './service.ts';

/** Pipes from a queue to a state machine. */
export function provisionPipes(pipes: Pipes): Provisioners {
  return {
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
          `${stack}/${logicalId}: the local cloud supports only pipes from a queue to a state machine, FIRE_AND_FORGET`,
        );
      }
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
      const name = properties.Name ?? physicalName(stack, logicalId);
      if (properties.DesiredState !== 'STOPPED') {
        pipes.createPipe({
          name,
          queueArn: properties.Source,
          stateMachineArn: properties.Target,
          roleArn: properties.RoleArn,
          batchSize: BatchSize,
          windowSeconds,
        });
      }
      return { ref: name, attributes: { Arn: arn('pipes', `pipe/${name}`) } };
    },
  };
}
