import { accountId, arn, type Interceptor, region } from '../engine/calls.ts';
import type { Principal } from '../engine/principals.ts';
import type { DeliveryCheck } from '../services/firehose/stream.ts';
import type { FunctionConfiguration } from '../services/lambda/function.ts';
import type { PipeSettings, PipesOptions } from '../services/pipes/pipes.ts';
import type { Subscription } from '../services/sns/service.ts';
import type { LoadedTemplate } from '../template/load.ts';
import { describeDenial } from './access-denied.ts';
import type { Access, Caller, Decision } from './evaluate.ts';
import { type AccessObserver, createGuard, type Guard, isRoleKey } from './guard.ts';
import { logGroupKeyActions } from './key-actions.ts';
import { loadPolicies } from './load-policies.ts';

/** Who assumes the role of a resource, by the resource's type, and where it names the role. */
const assuming: Readonly<Record<string, { service: string; roleProperty: string }>> = {
  'AWS::Lambda::Function': { service: 'lambda.amazonaws.com', roleProperty: 'Role' },
  'AWS::StepFunctions::StateMachine': { service: 'states.amazonaws.com', roleProperty: 'RoleArn' },
  'AWS::Pipes::Pipe': { service: 'pipes.amazonaws.com', roleProperty: 'RoleArn' },
  'AWS::KinesisFirehose::DeliveryStream': {
    service: 'firehose.amazonaws.com',
    roleProperty: 'ExtendedS3DestinationConfiguration.RoleARN',
  },
  'AWS::ApiGateway::Account': { service: 'apigateway.amazonaws.com', roleProperty: 'CloudWatchRoleArn' },
};

export interface PermissionsOptions {
  /** The functions and state machines that call, by access key id. */
  principals: ReadonlyMap<string, Principal>;
  /** Told of every access of every role and service, and of what was decided. */
  observe?: AccessObserver | undefined;
  /** Told of what is denied: once for each caller, action and bucket or other resource. */
  log(text: string): void;
}

/** The policies of the template, enforced wherever the local cloud acts for a role or a service. */
export interface Permissions {
  /**
   * Reads the policies, and checks that every role may be assumed by the service that acts with it and that CloudWatch Logs
   * may use the keys of the log groups, as their creation does on AWS. Call it before anything runs.
   */
  enforce(resources: LoadedTemplate['resources']): void;
  /** For calls through the endpoint. */
  intercept: Interceptor;
  deliverFromStream: DeliveryCheck;
  runPipe: NonNullable<PipesOptions['may']>;
  runMachine(machine: { roleArn: string; name: string }, action: string, resource: string): void;
  deliverFromRule(targetArn: string, rule: { arn: string; roleArn?: string }): void;
  deliverFromTopic(subscription: Subscription): boolean;
  invokeFromApi(functionArn: string, sourceArn: string): void;
  /** Whether a function may write to its log stream. */
  writeLog(configuration: FunctionConfiguration, stream: string): boolean;
}

export function createPermissions({ principals, observe, log }: PermissionsOptions): Permissions {
  let loaded: Guard | undefined;
  const streamRoles = new Map<string, string>();
  const writable = new Map<string, boolean>();
  const told = new Set<string>();

  function guard(): Guard {
    if (loaded) return loaded;
    throw new Error('The template is not loaded: nothing may act before it.');
  }

  /** A function's caller may hide the error that the function got; the log has it in any case. */
  function noticed(access: Access, decision: Decision): void {
    observe?.(access, decision);
    if (decision.kind === 'allowed') return;
    const what = JSON.stringify([access.caller, access.action, access.resource.split('/', 1)]);
    if (!told.has(what)) log(describeDenial(access, decision));
    told.add(what);
  }

  function allowed(act: () => void): boolean {
    try {
      act();
      return true;
    } catch {
      return false; // noticed already
    }
  }

  return {
    enforce(resources) {
      const policies = loadPolicies(resources);
      const made = createGuard({
        policies,
        roleOf: (accessKeyId) => principals.get(accessKeyId),
        observe: noticed,
      });
      for (const resource of resources) {
        const { type, ref, attributes, properties, logicalId, stack } = resource;
        const entry = assuming[type];
        const roleArn = entry && valueAt(properties, entry.roleProperty);
        if (entry && typeof roleArn !== 'string') {
          throw new Error(`${stack}/${logicalId}: ${entry.roleProperty} names no role for it to act with.`);
        }
        if (entry && typeof roleArn === 'string') {
          made.requireTrust(entry.service, roleArn, attributes?.Arn ?? ref);
          if (type === 'AWS::KinesisFirehose::DeliveryStream') streamRoles.set(ref, roleArn);
        }
        if (type === 'AWS::Logs::LogGroup') checkLogGroup(made, policies.keyOf(attributes?.Arn ?? ''), ref);
      }
      loaded = made;
    },
    async intercept(call) {
      // The operator may call while the template is being loaded.
      if (isRoleKey(call.accessKeyId)) await guard().intercept(call);
    },
    deliverFromStream(stream, { bucket, key }) {
      const caller = roleCaller(streamRoles.get(stream) ?? '', stream);
      guard().require(caller, 's3', { action: 's3:PutObject', resource: arn('s3', `${bucket}/${key}`) });
    },
    runPipe(pipe: PipeSettings, action) {
      const [service = ''] = action.split(':');
      const resource = service === 'sqs' ? pipe.queueArn : pipe.stateMachineArn;
      guard().require(roleCaller(pipe.roleArn, pipe.name), service, { action, resource });
    },
    runMachine({ roleArn, name }, action, resource) {
      guard().require(roleCaller(roleArn, name), 'states', { action, resource });
    },
    deliverFromRule(targetArn, rule) {
      const [, , service = ''] = targetArn.split(':');
      const action = deliveryActions[service];
      if (action === undefined) return;
      const context = sourceContext(rule.arn);
      const caller: Caller =
        rule.roleArn === undefined
          ? { kind: 'service', name: 'events.amazonaws.com' }
          : roleCaller(rule.roleArn, 'events');
      guard().require(caller, service, { action, resource: targetArn, context });
    },
    deliverFromTopic: ({ topicArn, endpoint }) =>
      allowed(() =>
        guard().require({ kind: 'service', name: 'sns.amazonaws.com' }, 'sqs', {
          action: 'sqs:SendMessage',
          resource: endpoint,
          context: sourceContext(topicArn),
        }),
      ),
    invokeFromApi(functionArn, sourceArn) {
      guard().require({ kind: 'service', name: 'apigateway.amazonaws.com' }, 'lambda', {
        action: 'lambda:InvokeFunction',
        resource: functionArn,
        context: sourceContext(sourceArn),
      });
    },
    writeLog({ role, name, logGroup }, stream) {
      const resource = arn('logs', `log-group:${logGroup}:log-stream:${stream}`);
      const known = writable.get(resource);
      if (known !== undefined) return known;
      const decided = allowed(() => {
        for (const action of ['logs:CreateLogStream', 'logs:PutLogEvents']) {
          guard().require(roleCaller(role, name), 'logs', { action, resource });
        }
      });
      writable.set(resource, decided);
      return decided;
    },
  };
}

/** What a rule's target takes, by the target's service; log groups take what EventBridge writes by a policy of their own. */
const deliveryActions: Readonly<Record<string, string>> = {
  lambda: 'lambda:InvokeFunction',
  sns: 'sns:Publish',
  sqs: 'sqs:SendMessage',
  states: 'states:StartExecution',
};

function roleCaller(roleArn: string, session: string): Caller {
  return { kind: 'role', arn: roleArn, session };
}

function sourceContext(sourceArn: string): Record<string, string> {
  return { 'aws:sourcearn': sourceArn, 'aws:sourceaccount': accountId };
}

function checkLogGroup(guard: Guard, key: string | undefined, name: string): void {
  if (key === undefined) return;
  const context = { 'kms:encryptioncontext:aws:logs:arn': arn('logs', `log-group:${name}`) };
  for (const action of logGroupKeyActions) {
    guard.require({ kind: 'service', name: `logs.${region}.amazonaws.com` }, 'logs', {
      action,
      resource: key,
      context,
    });
  }
}

function valueAt(properties: Record<string, unknown>, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], properties);
}
