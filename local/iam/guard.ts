import { AwsError, type AwsRequest, accountId, type Interceptor, region } from '../engine/calls.ts';
import { accessDenied } from './access-denied.ts';
import { type Access, type Caller, type Decision, evaluate } from './evaluate.ts';
import type { TemplatePolicies } from './load-policies.ts';
import type { Need, PermissionsByService } from './service-permissions.ts';

/** Told of each access and what was decided. */
export type AccessObserver = (access: Access, decision: Decision) => void;

export interface GuardOptions {
  services: PermissionsByService;
  policies: TemplatePolicies;
  /** The role that acts under an access key id; undefined for one that is nobody's. */
  roleOf(accessKeyId: string): { roleArn: string; logicalId: string } | undefined;
  observe?: AccessObserver | undefined;
}

/** Decides about every call. Each function throws the AccessDenied of the service that is called. */
export interface Guard {
  /** For calls that come through the endpoint. */
  intercept: Interceptor;
  /** For what a service does inside: `service` answers it. */
  require(caller: Caller, service: string, need: Need): void;
  /** Whether a service may assume a role. Throws an Error that names both. */
  requireTrust(service: string, roleArn: string, sourceArn: string): void;
}

/** Whether an access key id is a role's; any other is the operator's, who may do everything. */
export const isRoleKey = (accessKeyId: string | undefined): accessKeyId is string =>
  accessKeyId?.startsWith('LKIA') === true;

/** At some 400 bytes each. */
const rememberedDecisions = 2_000;

export function createGuard({ services, policies, roleOf, observe }: GuardOptions): Guard {
  // Policies don't change, so neither does a decision; most calls are for the same few tables.
  const decided = new Map<string, Decision>();

  function decide(access: Access): Decision {
    const key = JSON.stringify(access);
    const known = decided.get(key);
    if (known) return known;
    const decision = evaluate(access, policies);
    // Objects' keys are without end.
    if (decided.size === rememberedDecisions) decided.clear();
    decided.set(key, decision);
    return decision;
  }

  function check(service: string, access: Access): void {
    const decision = decide(access);
    observe?.(access, decision);
    if (decision.kind === 'denied') throw accessDenied(access, decision, services[service]?.refusal);
  }

  function require(caller: Caller, service: string, { action, resource, context, keyActions }: Need): void {
    // The endpoint stands for one with TLS: what runs here is on loopback.
    const common = {
      'aws:securetransport': 'true',
      'aws:viaawsservice': 'false',
      's3:tlsversion': '1.3',
      ...(caller.kind === 'role' ? policies.contextOf(caller.arn) : {}),
      ...context,
    };
    check(service, { caller, action, resource, context: common });
    const key = policies.keyOf(resource);
    if (key === undefined) return;
    const via = { 'aws:viaawsservice': 'true', 'kms:viaservice': `${service}.${region}.amazonaws.com` };
    for (const keyAction of keyActions ?? keyActionsOf(services, action)) {
      check(service, { caller, action: keyAction, resource: key, context: { ...common, ...via } });
    }
  }

  function callerOf(accessKeyId: string | undefined): Caller | undefined {
    if (!isRoleKey(accessKeyId)) return undefined;
    const principal = roleOf(accessKeyId);
    if (principal) return { kind: 'role', arn: principal.roleArn, session: principal.logicalId };
    throw new AwsError(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
      {
        status: 403,
      },
    );
  }

  function requireAll(caller: Caller, request: AwsRequest): void {
    const { service, action } = request;
    const needs = services[service]?.needs?.[action];
    if (needs === undefined) {
      throw new AwsError(
        'AccessDeniedException',
        `The local cloud does not know which permission ${service}:${action} needs, so every role is refused it. ` +
          "Add the operation to the permissions.ts of the service's folder in local/services/.",
        { status: 403 },
      );
    }
    for (const need of needs(request)) require(caller, service, need);
  }

  return {
    async intercept({ request, phase, status }) {
      const caller = callerOf(request.accessKeyId);
      if (caller === undefined) return;
      if (phase === 'before') {
        requireAll(caller, request);
        return;
      }
      const { service } = request;
      for (const need of services[service]?.needsOfAnswer?.(request, Number(status)) ?? []) {
        require(caller, service, need);
      }
    },
    require,
    requireTrust(service, roleArn, sourceArn) {
      const access: Access = {
        caller: { kind: 'service', name: service },
        action: 'sts:AssumeRole',
        resource: roleArn,
        context: { 'aws:sourceaccount': accountId, 'aws:sourcearn': sourceArn },
      };
      if (policies.identity(roleArn) === undefined) {
        throw new Error(`${sourceArn} acts as ${roleArn}, which is not a role of the template.`);
      }
      const decision = evaluate(access, policies);
      observe?.(access, decision);
      if (decision.kind === 'allowed') return;
      throw accessDenied(access, decision);
    },
  };
}

/** None for an action that touches no content. */
function keyActionsOf(services: PermissionsByService, action: string): readonly string[] {
  const [prefix = ''] = action.split(':');
  return services[prefix]?.keyActions?.[action] ?? [];
}
