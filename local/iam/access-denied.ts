import { AwsError, accountId } from '../engine/calls.ts';
import type { Access, Caller, Decision } from './evaluate.ts';
import type { ServicePermissions } from './service-permissions.ts';

type Denial = Extract<Decision, { kind: 'denied' }>;

const policyKinds = {
  'no-identity-policy': 'identity-based',
  'no-resource-policy': 'resource-based',
  'no-trust-policy': 'role trust',
};

/** The error that a service answers: AWS's words, and then the statement that would have allowed it. */
export function accessDenied(
  access: Access,
  denial: Denial,
  refusal: ServicePermissions['refusal'] = { code: 'AccessDeniedException', status: 400 },
): AwsError {
  const { code, status, key } = refusal;
  const ofKey = access.action.startsWith('kms:') && key !== undefined;
  return new AwsError(ofKey ? key : code, describeDenial(access, denial), { status: ofKey ? 400 : status });
}

/** `User: … is not authorized to perform: … on resource: … because …`, as AWS writes it, and what is missing. */
export function describeDenial(access: Access, denial: Denial): string {
  const { caller, action, resource } = access;
  const refused = `User: ${nameOf(caller)} is not authorized to perform: ${action} on resource: ${resource}`;
  if (denial.because === 'explicit-deny') {
    const { stack, logicalId, statement } = denial.statement.origin;
    return `${refused} with an explicit deny: statement ${statement} of ${stack}/${logicalId}.`;
  }
  const kind = policyKinds[denial.because];
  const missing = JSON.stringify(missingStatement(access, denial.because));
  return `${refused} because no ${kind} policy allows the ${action} action. Missing statement: ${missing}`;
}

/** What to copy into the role's policy, or into that of the resource. */
function missingStatement(
  { caller, action, resource, context }: Access,
  because: Exclude<Denial['because'], 'explicit-deny'>,
): object {
  if (because === 'no-identity-policy') return { Effect: 'Allow', Action: action, Resource: resource };
  const source = context['aws:sourcearn'];
  return {
    Effect: 'Allow',
    Principal: caller.kind === 'service' ? { Service: caller.name } : { AWS: caller.arn },
    Action: action,
    ...(because === 'no-trust-policy' ? {} : { Resource: action.startsWith('kms:') ? '*' : resource }),
    ...(source === undefined ? {} : { Condition: { ArnEquals: { 'aws:SourceArn': source } } }),
  };
}

/** As AWS names a caller: the session of an assumed role, or the service. */
function nameOf(caller: Caller): string {
  if (caller.kind === 'service') return caller.name;
  return `arn:aws:sts::${accountId}:assumed-role/${caller.arn.split('/').at(-1)}/${caller.session}`;
}
