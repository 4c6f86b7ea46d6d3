import { randomUUID } from 'node:crypto';
import { type Acting, roleCaller } from '../../iam/permissions.ts';
import type { Sqs } from '../sqs/service.ts';
import type { LambdaOptions } from './service.ts';

/**
 * Sends an event that a function failed three times to the function's dead-letter queue, where it has one, with the rights of the function's role.
 * @param options.onLost told of a function whose event could not be sent there
 */
export function sendDeadLetters(
  acting: Acting,
  options: { queues: Pick<Sqs, 'send'>; onFault(fault: unknown): void; onLost(name: string): void },
): NonNullable<LambdaOptions['onGivenUp']> {
  return ({ role, name, deadLetterArn: resource }, { event, error }) => {
    if (resource === undefined) return;
    try {
      acting.require(roleCaller(role, name), 'sqs', { action: 'sqs:SendMessage', resource });
      options.queues.send(resource, event, {
        attributes: {
          RequestID: { DataType: 'String', StringValue: randomUUID() },
          ErrorCode: { DataType: 'Number', StringValue: '200' }, // the function itself answered with an error
          ErrorMessage: { DataType: 'String', StringValue: error.slice(0, 1_024) || 'no message' },
        },
      });
    } catch (fault) {
      options.onFault(fault);
      options.onLost(name);
    }
  };
}
