import { type Provisioners, physicalName, unsupportedProperties } from '../../template/resource.ts';
import type { EventBridge } from './service.ts';

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
  };
}
