import { randomUUID } from 'node:crypto';
import type { Lambda } from '../services/lambda/service.ts';
import type { Logs } from '../services/logs/service.ts';
import type { Sns } from '../services/sns/service.ts';
import type { Sqs } from '../services/sqs/service.ts';
import type { StepFunctions } from '../services/step-functions/service.ts';

/** What targets may be. */
export interface Targets {
  queues: Sqs;
  topics: Sns;
  functions: Lambda;
  machines: StepFunctions;
  logs: Logs;
}

/**
 * Gives an event to a queue, topic, function, state machine or log group by its ARN; resolves when it is accepted there.
 * Rejects for another kind of target, with its ARN.
 */
export async function deliver(targets: Targets, targetArn: string, event: unknown): Promise<void> {
  const [, , service, , , ...rest] = targetArn.split(':');
  const text = JSON.stringify(event);
  switch (service) {
    case 'sqs':
      targets.queues.send(targetArn, text);
      return;
    case 'sns':
      await targets.topics.publish({ topicArn: targetArn, message: text });
      return;
    case 'lambda':
      targets.functions.invokeLater(targetArn, text);
      return;
    case 'states':
      targets.machines.start(targetArn, text);
      return;
    case 'logs': {
      const group = rest
        .join(':')
        .replace(/^log-group:/, '')
        .replace(/:\*$/, '');
      targets.logs.append({ group, stream: randomUUID(), message: text });
      return;
    }
    default:
      throw new Error(`Nothing here delivers to ${targetArn} (local/engine/deliver.ts).`);
  }
}
