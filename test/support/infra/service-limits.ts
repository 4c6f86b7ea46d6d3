import type { Stack } from '../../../local/template/assembly.ts';
import type { DeployedResource } from './deployed.ts';
import { many } from './resources.ts';

/** A bound that a service refuses to go over, on something of a resource. Sizes are of JSON without spaces. */
interface Limit {
  readonly what: string;
  readonly most: number;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation properties are as many shapes as there are resource types
  measure(properties: any): number;
}

const sizeOf = (value: unknown): number =>
  value === undefined ? 0 : Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value));
const description = (most: number): Limit => ({
  what: 'characters of its description',
  most,
  measure: ({ Description = '' }) => Description.length,
});

/** From the services' pages of quotas, in November 2026. */
const limits: Readonly<Record<string, readonly Limit[]>> = {
  'AWS::CloudWatch::Alarm': [
    {
      what: 'characters of its description',
      most: 1024,
      measure: ({ AlarmDescription = '' }) => AlarmDescription.length,
    },
  ],
  'AWS::Events::Rule': [
    description(512),
    { what: 'characters of its pattern', most: 2048, measure: ({ EventPattern }) => sizeOf(EventPattern) },
    { what: 'targets', most: 5, measure: ({ Targets = [] }) => Targets.length },
  ],
  'AWS::IAM::Role': [
    {
      what: 'characters of its trust policy',
      most: 2048,
      measure: ({ AssumeRolePolicyDocument }) => sizeOf(AssumeRolePolicyDocument),
    },
  ],
  'AWS::KMS::Key': [
    { what: 'bytes of its policy', most: 32_768, measure: ({ KeyPolicy }) => sizeOf(KeyPolicy) },
  ],
  'AWS::Lambda::Function': [
    description(256),
    {
      what: 'bytes of its environment',
      most: 4096,
      measure: ({ Environment }) => sizeOf(Environment?.Variables),
    },
  ],
  'AWS::Pipes::Pipe': [description(512)],
  'AWS::S3::BucketPolicy': [
    { what: 'bytes', most: 20_480, measure: ({ PolicyDocument }) => sizeOf(PolicyDocument) },
  ],
  'AWS::SNS::TopicPolicy': [
    { what: 'bytes', most: 30_720, measure: ({ PolicyDocument }) => sizeOf(PolicyDocument) },
  ],
  'AWS::SQS::Queue': [
    {
      what: 'seconds of its visibility timeout',
      most: 43_200,
      measure: ({ VisibilityTimeout = 30 }) => VisibilityTimeout,
    },
    {
      what: 'seconds of its retention',
      most: 1_209_600,
      measure: ({ MessageRetentionPeriod = 345_600 }) => MessageRetentionPeriod,
    },
  ],
  'AWS::StepFunctions::StateMachine': [
    {
      what: 'bytes of its definition',
      most: 1_048_576,
      measure: ({ DefinitionString }) => sizeOf(DefinitionString),
    },
    {
      what: 'characters of its name',
      most: 80,
      measure: ({ StateMachineName = '' }) => StateMachineName.length,
    },
  ],
};

const maxInlinePolicies = 10_240;
const maxFunctionPolicy = 20_480;
const maxTemplate = 1_048_576;
const maxResources = 500;
const maxOutputs = 200;

/** What of these stacks a service would refuse for its size, a sentence each. */
export function limitFaults(stacks: readonly Stack[], resources: readonly DeployedResource[]): string[] {
  const faults: string[] = [];
  const check = (name: string, what: string, measured: number, most: number): void => {
    if (measured > most) faults.push(`${name}: ${measured} ${what}, at most ${most}.`);
  };
  for (const { name, template } of stacks) {
    check(name, 'bytes of template', sizeOf(template), maxTemplate);
    check(name, 'resources', Object.keys(template.Resources ?? {}).length, maxResources);
    check(name, 'outputs', Object.keys(template.Outputs ?? {}).length, maxOutputs);
  }
  for (const { name, type, properties } of resources) {
    for (const { what, most, measure } of limits[type] ?? []) check(name, what, measure(properties), most);
  }
  // What several resources give to one.
  const sums = new Map<string, number>();
  const add = (key: string, value: unknown) => sums.set(key, (sums.get(key) ?? 0) + sizeOf(value));
  for (const { type, properties } of resources) {
    if (type === 'AWS::IAM::Policy') {
      for (const role of many<string>(properties.Roles)) add(`role ${role}`, properties.PolicyDocument);
    } else if (type === 'AWS::Lambda::Permission') add(`function ${properties.FunctionName}`, properties);
  }
  for (const [of, size] of sums) {
    const most = of.startsWith('role ') ? maxInlinePolicies : maxFunctionPolicy;
    check(of, 'characters of policies', size, most);
  }
  return faults;
}
