import { accountId, arn } from '../engine/calls.ts';
import type { Provisioned, Resource } from '../template/resource.ts';
import { type Context, principalTag } from './conditions.ts';
import type { Policies } from './evaluate.ts';
import { list, PolicyNotUnderstood, parsePolicy, type Statement } from './policy.ts';
import { collected, type PermissionsByService } from './service-permissions.ts';

type Created = Resource & Provisioned;

/** The policies of a template, and which of its resources are encrypted with which of its keys. */
export interface TemplatePolicies extends Policies {
  /** All statements, of roles and resources alike. */
  readonly statements: readonly Statement[];
  /** ARN of the key that the bucket, table, queue, topic or log group of the ARN is encrypted with. */
  keyOf(arn: string): string | undefined;
  /** What each call of a role says of it: its tags, and the VPC of the function that it is of. */
  contextOf(roleArn: string): Context;
}

/**
 * AWS's own policies that a role of the template may have. Their statements are not in the template; each is here with the
 * reason why nothing local needs them.
 */
const managedByAws: Readonly<Record<string, string>> = {
  'service-role/AmazonAPIGatewayPushToCloudWatchLogs': 'the local API writes its access log into a file',
};

/**
 * Reads every policy of a loaded template: of roles (inline, attached, managed), who may assume them, and those of buckets,
 * queues, topics, keys and functions.
 * @throws {PolicyNotUnderstood} for what local/iam does not evaluate
 */
export function loadPolicies(
  resources: readonly Created[],
  services: PermissionsByService,
): TemplatePolicies {
  const policies = collected(services, 'policies');
  const statementsOf = collected(services, 'statements');
  const keyOf = collected(services, 'keys');
  const ownerOf = (resourceArn: string): string => {
    const [, , service = ''] = resourceArn.split(':');
    return services[service]?.ownerOf?.(resourceArn) ?? resourceArn;
  };
  const identity = new Map<string, Statement[]>();
  const trust = new Map<string, Statement[]>();
  const ofResource = new Map<string, Statement[]>();
  const keys = new Map<string, string>();
  const contexts = new Map<string, Context>();
  const vpcOf = new Map(
    resources
      .filter(({ type }) => type === 'AWS::EC2::Subnet')
      .map(({ ref, properties }) => [ref, String(properties.VpcId)]),
  );
  const tell = (roleArn: string, more: Context) =>
    void contexts.set(roleArn, { ...contexts.get(roleArn), ...more });
  const keyArns = new Set(resources.filter(({ type }) => type === 'AWS::KMS::Key').map(arnOf));
  const add = (to: Map<string, Statement[]>, key: string, statements: readonly Statement[]) =>
    void to.set(key, [...(to.get(key) ?? []), ...statements]);
  const roleNamed = (name: unknown) => `arn:aws:iam::${accountId}:role/${String(name)}`;

  for (const resource of resources) {
    const { properties, type, stack, logicalId } = resource;
    const document = (property: string, value: unknown, needs: 'resource' | 'principal' | 'both') =>
      parsePolicy(value, { stack, logicalId, property, needs });
    if (type === 'AWS::IAM::Role') {
      const roleArn = arnOf(resource);
      refuseUnknown(resource);
      add(
        trust,
        roleArn,
        document('AssumeRolePolicyDocument', properties.AssumeRolePolicyDocument, 'principal'),
      );
      add(identity, roleArn, []);
      for (const { Key, Value } of list(properties.Tags) as { Key: string; Value: string }[])
        tell(roleArn, { [principalTag + Key.toLowerCase()]: Value });
      for (const [index, { PolicyDocument }] of list(properties.Policies).entries() as Iterable<
        [number, { PolicyDocument: unknown }]
      >) {
        add(identity, roleArn, document(`Policies.${index}.PolicyDocument`, PolicyDocument, 'resource'));
      }
    } else if (
      type === 'AWS::IAM::Policy' ||
      type === 'AWS::IAM::ManagedPolicy' ||
      type === 'AWS::IAM::RolePolicy'
    ) {
      refuseUnknown(resource);
      const statements = document('PolicyDocument', properties.PolicyDocument, 'resource');
      for (const name of list(properties.Roles ?? properties.RoleName))
        add(identity, roleNamed(name), statements);
    } else if (type === 'AWS::KMS::Key') {
      add(ofResource, arnOf(resource), document('KeyPolicy', properties.KeyPolicy, 'both'));
    } else {
      for (const owner of policies[type]?.(properties) ?? []) {
        add(ofResource, owner, document('PolicyDocument', properties.PolicyDocument, 'both'));
      }
      const statement = statementsOf[type]?.(resource);
      if (statement !== undefined) add(ofResource, String(statement.resources[0]), [statement]);
    }
    // Of a subnet that the template does not make nothing says which VPC it is of.
    const vpcId = vpcOf.get(String(list(properties.VpcConfig?.SubnetIds)[0]));
    if (type === 'AWS::Lambda::Function' && vpcId !== undefined)
      tell(properties.Role, { 'aws:sourcevpc': vpcId });
    const name = keyOf[type]?.(properties);
    // A key of AWS's own, which everyone in the account may use, is none.
    if (name !== undefined && !String(name).startsWith('alias/aws/')) {
      const key = String(name);
      const keyArn = key.startsWith('arn:') ? key : arn('kms', `key/${key}`);
      if (!keyArns.has(keyArn)) {
        throw new PolicyNotUnderstood(
          `${stack}/${logicalId} is encrypted with ${key}, which is not a key of the template, so nothing says who may use it.`,
        );
      }
      keys.set(ownerOf(arnOf(resource)), keyArn);
    }
  }
  return {
    statements: [...identity, ...trust, ...ofResource].flatMap(([, statements]) => statements),
    identity: (roleArn) => identity.get(roleArn),
    trust: (roleArn) => trust.get(roleArn) ?? [],
    resource: (resourceArn) => ofResource.get(ownerOf(resourceArn)) ?? [],
    keyOf: (resourceArn) => keys.get(ownerOf(resourceArn)),
    contextOf: (roleArn) => contexts.get(roleArn) ?? {},
  };
}

/** The same policies with each statement replaced by what `change` makes of it: itself, less, or nothing. */
export function changed(
  policies: TemplatePolicies,
  change: (statement: Statement) => readonly Statement[],
): TemplatePolicies {
  const apply = (statements: readonly Statement[]) => statements.flatMap(change);
  return {
    ...policies,
    statements: apply(policies.statements),
    identity: (roleArn) => {
      const statements = policies.identity(roleArn);
      return statements && apply(statements);
    },
    trust: (roleArn) => apply(policies.trust(roleArn)),
    resource: (resourceArn) => apply(policies.resource(resourceArn)),
  };
}

function arnOf({ ref, attributes = {} }: Created): string {
  return attributes.Arn ?? attributes.TopicArn ?? ref;
}

function refuseUnknown({ type, stack, logicalId, properties }: Resource): void {
  const { PermissionsBoundary, Users, Groups } = properties;
  const what = Object.entries({ PermissionsBoundary, Users, Groups }).find(
    ([, value]) => value !== undefined && list(value).length > 0,
  )?.[0];
  if (what !== undefined) {
    throw new PolicyNotUnderstood(`${stack}/${logicalId}: local/iam does not evaluate ${what} of ${type}.`);
  }
  for (const policyArn of list(properties.ManagedPolicyArns).map(String)) {
    const name = policyArn.split(':policy/')[1] ?? policyArn;
    if (policyArn.startsWith('arn:aws:iam::aws:policy/') && Object.hasOwn(managedByAws, name)) continue;
    throw new PolicyNotUnderstood(
      `${stack}/${logicalId}: the statements of ${policyArn} are not in the template, and local/iam does not know them.`,
    );
  }
}
