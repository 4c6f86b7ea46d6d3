import { type AwsRequest, arn } from '../../engine/calls.ts';
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
  needs: {
    PutEvents({ input }: AwsRequest) {
      const entries = (input.Entries ?? []) as { EventBusName?: string }[];
      const buses = new Set(entries.map((entry) => bus(entry.EventBusName)));
      return [...buses].map((resource) => ({ action: 'events:PutEvents', resource }));
    },
  },
};
