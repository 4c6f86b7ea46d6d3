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
