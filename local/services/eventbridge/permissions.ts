import { type AwsRequest, arn } from '../../engine/calls.ts';
import { sourceContext } from '../../iam/permissions.ts';
import type { ServicePermissions } from '../../iam/service-permissions.ts';

const bus = (name: unknown): string =>
  arn(
    'events',
    `event-bus/${String(name ?? 'default')
      .split('/')
      .at(-1)}`,
  );

export const eventBridgePermissions: ServicePermissions = {
  prefix: 'events',
  keys: { 'AWS::Events::EventBus': ({ KmsKeyIdentifier }) => KmsKeyIdentifier },
  // As its page on customer managed keys names them. Who puts events needs nothing of the key.
  creation: {
    'AWS::Events::EventBus': (name) => ({
      service: 'events.amazonaws.com',
      actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'],
      context: sourceContext(bus(name)),
    }),
  },
  needs: {
    DescribeRule: ({ input }: AwsRequest) => {
      const { EventBusName, Name } = input as { EventBusName?: string; Name?: string };
      const name =
        EventBusName === undefined || EventBusName === 'default' ? Name : `${EventBusName}/${Name}`;
      return [{ action: 'events:DescribeRule', resource: arn('events', `rule/${name}`) }];
    },
    PutEvents({ input }: AwsRequest) {
      const entries = (input.Entries ?? []) as { EventBusName?: string }[];
      const buses = new Set(entries.map((entry) => bus(entry.EventBusName)));
      return [...buses].map((resource) => ({ action: 'events:PutEvents', resource }));
    },
  },
};
