import { type Provisioners, physicalName } from '../../template/resource.ts';
import { readTransformer } from './input.ts';
import type { EventBridge } from './service.ts';

interface TargetProperties {
  readonly Id: string;
  readonly Arn: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: Parameters<typeof readTransformer>[0];
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly RoleArn?: string;
}

/** Buses, and rules with their targets. */
export function provisionEventBridge(eventbridge: EventBridge): Provisioners {
  return {
    'AWS::Events::EventBus': ({ properties }) => {
      const bus = eventbridge.createBus({ name: properties.Name });
      return { ref: properties.Name, attributes: { Arn: bus.arn, Name: properties.Name } };
    },
    'AWS::Events::Rule': (resource) => {
      const { stack, logicalId, properties } = resource;
      const name = properties.Name ?? physicalName(stack, logicalId);
      const rule = eventbridge.putRule({
        name,
        ...(properties.EventPattern === undefined ? {} : { pattern: properties.EventPattern }),
        ...(properties.ScheduleExpression === undefined
          ? {}
          : { schedule: String(properties.ScheduleExpression) }),
        state: properties.State === 'DISABLED' ? 'DISABLED' : 'ENABLED',
        ...(properties.EventBusName === undefined ? {} : { busName: properties.EventBusName }),
        ...(properties.Description === undefined ? {} : { description: properties.Description }),
        targets: (properties.Targets ?? []).map((target: TargetProperties) => {
          const { Id, Arn, Input, InputPath, InputTransformer, DeadLetterConfig, RoleArn } = target;
          const deadLetterArn = DeadLetterConfig?.Arn;
          return {
            id: Id,
            arn: Arn,
            ...(Input === undefined ? {} : { input: Input }),
            ...(InputPath === undefined ? {} : { inputPath: InputPath }),
            ...(InputTransformer === undefined ? {} : { transformer: readTransformer(InputTransformer) }),
            ...(deadLetterArn === undefined ? {} : { deadLetterArn }),
            ...(RoleArn === undefined ? {} : { roleArn: RoleArn }),
          };
        }),
      });
      return { ref: name, attributes: { Arn: rule.arn } };
    },
  };
}
