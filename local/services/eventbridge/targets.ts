import { randomUUID } from 'node:crypto';
import { type Acting, roleCaller, serviceCaller, sourceContext } from '../../iam/permissions.ts';
import type { Lambda } from '../lambda/service.ts';
import type { Logs } from '../logs/service.ts';
import type { Sns } from '../sns/service.ts';
import type { Sqs } from '../sqs/service.ts';
import type { StepFunctions } from '../step-functions/service.ts';

/** The services whose resources may be targets. */
export interface TargetServices {
  sqs: Sqs;
  sns: Sns;
  lambda: Lambda;
  stepFunctions: StepFunctions;
  logs: Logs;
}

interface TargetKind {
  /** What EventBridge needs on the target; a log group takes what EventBridge writes by a policy that is not evaluated. */
  action?: string;
  deliver(services: TargetServices, targetArn: string, text: string): unknown;
}

/** By the service in the target's ARN. */
const kinds: Readonly<Record<string, TargetKind>> = {
  sqs: { action: 'sqs:SendMessage', deliver: ({ sqs }, targetArn, text) => sqs.send(targetArn, text) },
  sns: {
    action: 'sns:Publish',
    deliver: ({ sns }, topicArn, message) => sns.publish({ topicArn, message }),
  },
  lambda: {
    action: 'lambda:InvokeFunction',
    deliver: ({ lambda }, targetArn, text) => lambda.invokeLater(targetArn, text),
  },
  states: {
    action: 'states:StartExecution',
    deliver: ({ stepFunctions }, targetArn, text) => stepFunctions.start(targetArn, text),
  },
  logs: {
    deliver({ logs }, targetArn, message) {
      const [, , , , , ...rest] = targetArn.split(':');
      const group = rest
        .join(':')
        .replace(/^log-group:/, '')
        .replace(/:\*$/, '');
      logs.append({ group, stream: randomUUID(), message });
    },
  },
};

const serviceOf = (targetArn: string): string => targetArn.split(':')[2] ?? '';

/** Gives an event to its target; resolves when it is accepted there. Rejects for another kind of target, with its ARN. */
export async function deliver(services: TargetServices, targetArn: string, event: unknown): Promise<void> {
  const kind = kinds[serviceOf(targetArn)];
  if (kind === undefined) {
    throw new Error(
      `The local cloud does not deliver to ${targetArn} (local/services/eventbridge/targets.ts).`,
    );
  }
  await kind.deliver(services, targetArn, JSON.stringify(event));
}

/** Throws when EventBridge, or the role that the rule names for the target, may not deliver to it. */
export function requireDelivery(
  acting: Acting,
  targetArn: string,
  rule: { arn: string; roleArn?: string },
): void {
  const service = serviceOf(targetArn);
  const action = kinds[service]?.action;
  if (action === undefined) return;
  const caller = rule.roleArn === undefined ? serviceCaller('events') : roleCaller(rule.roleArn, 'events');
  acting.require(caller, service, { action, resource: targetArn, context: sourceContext(rule.arn) });
}
