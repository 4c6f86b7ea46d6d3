import { accountId, type Interceptor } from '../engine/calls.ts';
import type { Principal } from '../engine/principals.ts';
import type { LoadedTemplate } from '../template/load.ts';
import { describeDenial } from './access-denied.ts';
import type { Access, Caller, Decision } from './evaluate.ts';
import { type AccessObserver, createGuard, type Guard, isRoleKey } from './guard.ts';
import { loadPolicies } from './load-policies.ts';
import { collected, type KeyUse, type Need, type PermissionsByService } from './service-permissions.ts';

export interface PermissionsOptions {
  services: PermissionsByService;
  /** The functions and state machines that call, by access key id. */
  principals: ReadonlyMap<string, Principal>;
  /** Told of every access of every role and service, and of what was decided. */
  observe?: AccessObserver | undefined;
  /** Told of what is denied: once for each caller, action and bucket or other resource. */
  log(text: string): void;
}

/** What services ask before they do something by themselves, with a role or as a service. */
export interface Acting {
  /** Throws the refusal of the service that is asked. */
  require(caller: Caller, service: string, need: Need): void;
  /** The same as an answer. */
  allows(caller: Caller, service: string, need: Need): boolean;
}

/** The policies of the template, enforced wherever the local cloud acts for a role or a service. */
export interface Permissions extends Acting {
  /**
   * Reads the policies, and checks that every role may be assumed by the service that acts with it and that CloudWatch Logs
   * may use the keys of the log groups, as their creation does on AWS. Call it before anything runs.
   */
  enforce(resources: LoadedTemplate['resources']): void;
  /** For calls through the endpoint. */
  intercept: Interceptor;
}

export function createPermissions({ services, principals, observe, log }: PermissionsOptions): Permissions {
  let loaded: Guard | undefined;
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

  return {
    enforce(resources) {
      const policies = loadPolicies(resources, services);
      const made = createGuard({
        services,
        policies,
        roleOf: (accessKeyId) => principals.get(accessKeyId),
        observe: noticed,
      });
      const roles = collected(services, 'roles');
      const creation = collected(services, 'creation');
      for (const resource of resources) {
        const { type, ref, attributes, properties, logicalId, stack } = resource;
        const entry = roles[type];
        const roleArn = entry && valueAt(properties, entry.roleProperty);
        if (entry && typeof roleArn !== 'string') {
          throw new Error(`${stack}/${logicalId}: ${entry.roleProperty} names no role for it to act with.`);
        }
        if (entry && typeof roleArn === 'string') {
          made.requireTrust(entry.service, roleArn, attributes?.Arn ?? ref);
        }
        const key = policies.keyOf(attributes?.Arn ?? '');
        const use = key === undefined ? undefined : creation[type]?.(ref);
        if (key !== undefined && use !== undefined) requireKey(made, key, use);
      }
      loaded = made;
    },
    async intercept(call) {
      // The operator may call while the template is being loaded.
      if (isRoleKey(call.accessKeyId)) await guard().intercept(call);
    },
    require: (caller, service, need) => guard().require(caller, service, need),
    allows(caller, service, need) {
      try {
        guard().require(caller, service, need);
        return true;
      } catch {
        return false; // noticed already
      }
    },
  };
}

/** A resource of the template that acts with its role. */
export function roleCaller(roleArn: string, session: string): Caller {
  return { kind: 'role', arn: roleArn, session };
}

/** A service that acts as itself: `sns`. */
export function serviceCaller(service: string): Caller {
  return { kind: 'service', name: `${service}.amazonaws.com` };
}

/** For whose sake a service acts, as conditions of resource policies ask. */
export function sourceContext(sourceArn: string): Record<string, string> {
  return { 'aws:sourcearn': sourceArn, 'aws:sourceaccount': accountId };
}

function requireKey(guard: Guard, key: string, { service, actions, context }: KeyUse): void {
  for (const action of actions) {
    guard.require({ kind: 'service', name: service }, 'kms', { action, resource: key, context });
  }
}

function valueAt(properties: Record<string, unknown>, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], properties);
}
