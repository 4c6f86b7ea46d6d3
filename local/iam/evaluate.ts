import { type Context, globOf, hold } from './conditions.ts';
import type { Principal, Statement } from './policy.ts';

/** Who calls: a role that a function, state machine, pipe or stream has assumed, or an AWS service as itself. */
export type Caller = { kind: 'role'; arn: string; session: string } | { kind: 'service'; name: string };

/** One thing that a call needs to be allowed. */
export interface Access {
  caller: Caller;
  /** `s3:GetObject` */
  action: string;
  /** ARN */
  resource: string;
  context: Context;
}

/** The statements that speak of an access. */
export interface Policies {
  /** Of roles, by ARN; undefined for a role that the template does not have. */
  identity(roleArn: string): readonly Statement[] | undefined;
  /** Of the bucket, queue, topic, key or function that the ARN names or is in. */
  resource(arn: string): readonly Statement[];
  /** Of roles: who may assume them. */
  trust(roleArn: string): readonly Statement[];
}

export type Decision =
  | { kind: 'allowed' }
  | { kind: 'denied'; because: 'explicit-deny'; statement: Statement }
  | { kind: 'denied'; because: 'no-identity-policy' | 'no-resource-policy' | 'no-trust-policy' };

/**
 * Whether one account's policies allow an access, by AWS's rules: a Deny that matches wins; else one Allow is enough, of the
 * role's policies or of the resource's. A key is different: its own policy has to allow the caller, or to leave it to
 * the account, in which case the role's policies decide. A service has no policies of its own: the resource's decide.
 */
export function evaluate(access: Access, policies: Policies): Decision {
  if (access.action === 'sts:AssumeRole')
    return decide(access, policies.trust(access.resource), 'no-trust-policy');
  const ofResource = policies.resource(access.resource);
  if (access.caller.kind === 'service') return decide(access, ofResource, 'no-resource-policy');
  const ofRole = policies.identity(access.caller.arn) ?? [];
  const matching = [
    ...ofRole.filter((statement) => matches(statement, access)),
    ...ofResource.filter((statement) => matches(statement, access)),
  ];
  const denying = matching.find(({ effect }) => effect === 'Deny');
  if (denying) return { kind: 'denied', because: 'explicit-deny', statement: denying };
  const named = ({ principals = [] }: Statement): boolean =>
    principals.some((principal) => principal.kind !== 'account' && speaksOf(principal, access.caller));
  if (matching.some(named)) return { kind: 'allowed' };
  if (!matching.some(({ principals }) => principals === undefined)) {
    return { kind: 'denied', because: 'no-identity-policy' };
  }
  const left =
    !access.action.startsWith('kms:') || matching.some(({ principals }) => principals !== undefined);
  return left ? { kind: 'allowed' } : { kind: 'denied', because: 'no-resource-policy' };
}

function decide(
  access: Access,
  statements: readonly Statement[],
  because: 'no-resource-policy' | 'no-trust-policy',
): Decision {
  const matching = statements.filter((statement) => matches(statement, access));
  const denying = matching.find(({ effect }) => effect === 'Deny');
  if (denying) return { kind: 'denied', because: 'explicit-deny', statement: denying };
  return matching.length > 0 ? { kind: 'allowed' } : { kind: 'denied', because };
}

function matches(statement: Statement, { caller, action, resource, context }: Access): boolean {
  const { principals, actions, resources, conditions } = statement;
  return (
    actions.some((pattern) => globOf(pattern.toLowerCase())(action.toLowerCase())) &&
    resources.some((pattern) => globOf(pattern)(resource)) &&
    (principals === undefined || principals.some((principal) => speaksOf(principal, caller))) &&
    hold(conditions, context)
  );
}

function speaksOf(principal: Principal, caller: Caller): boolean {
  switch (principal.kind) {
    case 'everyone':
      return true;
    case 'account':
      return caller.kind === 'role';
    case 'role':
      return caller.kind === 'role' && caller.arn === principal.arn;
    case 'service':
      return caller.kind === 'service' && caller.name === principal.name;
  }
}
