import { arn } from '../../engine/calls.ts';
import { type Provisioners, physicalName } from '../../template/resource.ts';
import type { Logs } from './service.ts';

/** Log groups and streams. */
export function provisionLogs(logs: Logs): Provisioners {
  return {
    'AWS::Logs::LogGroup': ({ stack, logicalId, properties }) => {
      const name = properties.LogGroupName ?? physicalName(stack, logicalId, { maxLength: 512 });
      logs.createGroup(name);
      return { ref: name, attributes: { Arn: arn('logs', `log-group:${name}:*`) } };
    },
    // A stream is made when it is first written to.
    'AWS::Logs::LogStream': ({ stack, logicalId, properties }) => ({
      ref: properties.LogStreamName ?? physicalName(stack, logicalId),
    }),
  };
}
