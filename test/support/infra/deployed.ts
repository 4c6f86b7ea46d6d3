import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import type { Template } from 'aws-cdk-lib/assertions';
import { readAssembly, type Stack } from '../../../local/template/assembly.ts';
import { resolve, type Scope } from '../../../local/template/intrinsics.ts';
import type { Synthesized } from './synthesized.ts';

/** Where a template is deployed to. */
export interface Place {
  readonly partition: string;
  readonly region: string;
  readonly urlSuffix: string;
}

/** One place of each partition that is a target (cdk.json, `target-partitions`). */
export const places = {
  aws: { partition: 'aws', region: 'eu-west-1', urlSuffix: 'amazonaws.com' },
  china: { partition: 'aws-cn', region: 'cn-north-1', urlSuffix: 'amazonaws.com.cn' },
  govCloud: { partition: 'aws-us-gov', region: 'us-gov-west-1', urlSuffix: 'amazonaws.com' },
} as const satisfies Record<string, Place>;

/** A resource as CloudFormation would create it. */
export interface DeployedResource {
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  /** With every intrinsic function replaced by what AWS would give. */
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation properties are as many shapes as there are resource types
  readonly properties: any;
  /** `<stack>/<id> (<type>)`, for messages. */
  readonly name: string;
}

const account = '123456789012';

/** CloudFormation's registry schema of every resource type. */
export const registry = await loadAwsServiceSpec();

/** The schema of a type; undefined for one that does not exist. */
export const schemaOf = (type: string) =>
  registry.lookup('resource', 'cloudFormationType', 'equals', type)[0];

/** The stacks of a synthesized app: of a directory that holds an assembly, or of templates under test. */
export const stacksOf = (source: string | Synthesized | Readonly<Record<string, Template>>): Stack[] =>
  typeof source === 'string'
    ? readAssembly(source)
    : Object.entries(source).map(([name, template]) => ({ name, template: template.toJSON() }));

/**
 * All resources of the stacks as they would be after a deployment. What refers to another resource has that one's physical name,
 * URL or ARN in the form that AWS gives it: the ARN of a log group ends in `:*`, a queue's `Ref` is its URL.
 * Throws for a reference to what does not exist, and for an attribute that the type does not have.
 */
export function deployed(stacks: readonly Stack[], place: Place = places.aws): DeployedResource[] {
  const scopes = new Map<string, Scope>();
  for (const stack of stacks) scopes.set(stack.name, scopeOf(stack, stacks, scopes, place));
  return stacks.flatMap(({ name: stack, template }) =>
    Object.entries(template.Resources ?? {}).map(([id, { Type: type, Properties = {} }]) => ({
      stack,
      id,
      type,
      properties: resolve(Properties, scopes.get(stack) as Scope),
      name: `${stack}/${id} (${type})`,
    })),
  );
}

function scopeOf(
  stack: Stack,
  stacks: readonly Stack[],
  scopes: ReadonlyMap<string, Scope>,
  { partition, region, urlSuffix }: Place,
): Scope {
  const pseudo: Record<string, string> = {
    'AWS::AccountId': account,
    'AWS::Partition': partition,
    'AWS::Region': region,
    'AWS::StackName': stack.name,
    'AWS::URLSuffix': urlSuffix,
  };
  const resourceAt = (id: string) => {
    const resource = stack.template.Resources?.[id];
    if (resource === undefined) throw new Error(`${stack.name} refers to ${id}, which it does not have.`);
    const schema = schemaOf(resource.Type);
    if (schema === undefined) throw new Error(`${stack.name}/${id}: no type ${resource.Type} exists.`);
    return { type: resource.Type, schema, properties: resource.Properties ?? {} };
  };
  const nameOf = (id: string): string => {
    const { type, properties } = resourceAt(id);
    const given = properties[nameProperties[type] ?? `${type.split('::').at(-1)}Name`];
    if (given === undefined) return generatedName(type, stack.name, id);
    return String(resolve(given, scopes.get(stack.name) as Scope));
  };
  const arnOf = (id: string): string => {
    const { type, schema } = resourceAt(id);
    const form = schema.arnTemplate ?? arnForms[type];
    if (form === undefined)
      throw new Error(`${stack.name}/${id}: the form of the ARN of ${type} is not known.`);
    const known: Record<string, string> = { Partition: partition, Region: region, Account: account };
    const arn = form.replace(/\$\{(\w+)\}/g, (_, part: string) => known[part] ?? nameOf(id));
    // What GetAtt gives, and not the name of the group alone: for policies about all of its streams.
    return type === 'AWS::Logs::LogGroup' ? `${arn}:*` : arn;
  };
  return {
    ref(name) {
      if (name in pseudo) return pseudo[name];
      const { type } = resourceAt(name);
      if (arnIsRef.has(type)) return arnOf(name);
      return type === 'AWS::SQS::Queue'
        ? `https://sqs.${region}.${urlSuffix}/${account}/${nameOf(name)}`
        : nameOf(name);
    },
    getAtt(id, attribute) {
      const { type, schema } = resourceAt(id);
      if (!(attribute in schema.attributes)) {
        throw new Error(`${stack.name}/${id}: a ${type} has no attribute ${attribute}.`);
      }
      if (type === 'AWS::NetworkFirewall::Firewall' && attribute === 'EndpointIds')
        return [`${region}a:vpce-0a1b2c3d4e5f60718`];
      const address = addresses[`${type}.${attribute}`];
      if (address !== undefined) return address({ name: nameOf(id), region, urlSuffix });
      if (type === 'AWS::Lambda::Url' && attribute === 'FunctionArn')
        return resolve(resourceAt(id).properties.TargetFunctionArn, scopes.get(stack.name) as Scope);
      return attribute === 'Arn' ? arnOf(id) : attribute.endsWith('Name') ? nameOf(id) : `${id}.${attribute}`;
    },
    importValue(name) {
      for (const other of stacks) {
        const found = Object.values(other.template.Outputs ?? {}).find(({ Export }) => Export?.Name === name);
        if (found) return resolve(found.Value, scopes.get(other.name) as Scope);
      }
      throw new Error(`${stack.name} imports ${name}, which no stack exports.`);
    },
    condition: (name) => resolve(stack.template.Conditions?.[name], scopes.get(stack.name) as Scope) === true,
    mapping: (map, first, second) => stack.template.Mappings?.[map]?.[first]?.[second],
  };
}

/** Attributes that are addresses, as AWS makes them up. */
const addresses: Readonly<
  Record<string, (of: { name: string; region: string; urlSuffix: string }) => string>
> = {
  'AWS::CloudFront::Distribution.DomainName': () => 'd111111abcdef8.cloudfront.net',
  'AWS::Lambda::Url.FunctionUrl': ({ region }) => `https://abcdefghijklmnop.lambda-url.${region}.on.aws/`,
  'AWS::S3::Bucket.RegionalDomainName': ({ name, region, urlSuffix }) => `${name}.s3.${region}.${urlSuffix}`,
};

/** Types whose `Ref` is their ARN. */
const arnIsRef = new Set(['AWS::SNS::Topic', 'AWS::StepFunctions::StateMachine']);

/** Forms of ARNs that the registry does not have. */
const arnForms: Readonly<Record<string, string>> = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as the registry writes forms
  'AWS::WAFv2::WebACL': 'arn:${Partition}:wafv2:${Region}:${Account}:regional/webacl/${Name}/1a2b3c4d',
};

/** Properties that give a physical name, where they aren't called as the type with `Name`. */
const nameProperties: Readonly<Record<string, string>> = {
  'AWS::Cognito::UserPoolDomain': 'Domain',
  'AWS::Events::EventBus': 'Name',
  'AWS::Events::Rule': 'Name',
  'AWS::Pipes::Pipe': 'Name',
};

/** A name such as AWS makes up where the template gives none. */
function generatedName(type: string, stack: string, id: string): string {
  if (type === 'AWS::S3::Bucket') return `${stack}-${id}-1a2b3c4d5e6f`.toLowerCase().slice(0, 63);
  if (type === 'AWS::KMS::Key') return '1234abcd-12ab-34cd-56ef-1234567890ab';
  if (type === 'AWS::Cognito::UserPool') return 'eu-west-1_AbCdEfGhI';
  return `${stack}-${id}`.slice(0, 51).concat('-1A2B3C4D5E6F');
}
