import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { outputs, stackNames } from '../cli/installation.ts';
import { ofStage } from '../core/stage.ts';
import { schemaOf } from '../test/support/infra/deployed.ts';
import { everyOptionOn } from '../test/support/infra/option-sets.ts';
import { resourcesOf } from '../test/support/infra/resources.ts';
import { type Synthesized, synthesize, synthesizedAssembly } from '../test/support/infra/synthesized.ts';

const stages = [undefined, 'one', 'two'] as const;
// With all options on: what only an option adds has names too.
const synthesized = stages.map((stage) => synthesize({ ...everyOptionOn, 'caudal:stage': stage ?? '' }));
const [, one] = synthesized as [Synthesized, Synthesized, Synthesized];

/** Names of something else, or within something that each stage has for itself. */
const scoped: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::Method.HttpMethod': 'in its API',
  'AWS::ApiGateway::Stage.StageName': 'in its API',
  'AWS::CloudWatch::Alarm.MetricName': 'of what it reads',
  'AWS::WAFv2::WebACL.Scope': 'a kind of place',
  'AWS::EC2::VPCEndpoint.ServiceName': 'of the service behind it',
  'AWS::Cognito::UserPoolResourceServer.Identifier': 'in its user pool',
  'AWS::Cognito::UserPoolGroup.GroupName': 'in its user pool',
  'AWS::Cognito::UserPoolClient.ClientName': 'in its user pool',
  'AWS::IAM::Policy.PolicyName': 'in its role',
};

/**
 * The properties of a type that can name it: what CloudFormation identifies it by, what its ARN is made of, and all that is called a name,
 * since for a type whose identifier is an ARN or a URL the registry doesn't say which property becomes part of that.
 */
function namingProperties(type: string): string[] {
  const known = schemaOf(type);
  if (known === undefined) throw new Error(`CloudFormation has no resource type ${type}.`);
  const inArn = [...(known.arnTemplate ?? '').matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name ?? '');
  const identifying = [...(known.primaryIdentifier ?? []), ...inArn];
  return Object.keys(known.properties).filter(
    (name) => identifying.includes(name) || /(Name|Domain|Identifier|Alias)$/.test(name),
  );
}

/** Whether a value is made of something in its own stack, or of what another stack of its stage exports. */
function isOfItsStack(value: unknown): boolean {
  const text = JSON.stringify(value);
  return /"Fn::(GetAtt|ImportValue)"/.test(text) || /"Ref":"(?!AWS::)/.test(text);
}

/** Every name that a template gives: `AWS::SQS::Queue.QueueName: …`. */
const namesIn = (template: Synthesized | Template): { name: string; value: string }[] =>
  resourcesOf(template).flatMap(({ type, properties }) =>
    namingProperties(type)
      .filter((property) => properties[property] !== undefined && scoped[`${type}.${property}`] === undefined)
      .filter((property) => !isOfItsStack(properties[property]))
      .map((property) => ({ name: `${type}.${property}`, value: JSON.stringify(properties[property]) })),
  );

const textOf = ({ name, value }: { name: string; value: string }): string => `${name}: ${value}`;

describe('two stages, or a stage and the installation without one,', () => {
  const names = synthesized.map((templates) => namesIn(templates).map(textOf));

  test('share no name', () => {
    expect(names[0]?.length).toBeGreaterThan(20);
    expect(names.map((of) => of.length)).toEqual(stages.map(() => names[0]?.length));
    const all = names.flat();
    expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
  });

  test('share no stack and no export', () => {
    const exported = (templates: Synthesized) =>
      Object.values(templates).flatMap((template: Template) =>
        Object.values(template.toJSON().Outputs as Record<string, { Export?: { Name: string } }>).flatMap(
          (output) => output.Export?.Name ?? [],
        ),
      );
    const all = [...synthesized.flatMap(exported), ...stages.flatMap(stacksOf)];
    expect(all.length).toBeGreaterThan(30);
    expect(new Set(all).size).toBe(all.length);
  });

  test('cannot come to share one: no name is the start of another, of which a stage could be the rest', () => {
    const plain = namesIn(synthesized[0] as Synthesized);
    const clashes = plain.flatMap(({ name, value }) =>
      plain.filter((other) => other.name === name && other.value.startsWith(`${value.replace(/"$/, '')}-`)),
    );
    expect(clashes).toEqual([]);
  });

  test('have metrics and alarms apart', () => {
    const metrics = resourcesOf(one, 'AWS::CloudWatch::Alarm').flatMap(({ properties }) =>
      (properties.Metrics ?? [{ MetricStat: { Metric: properties } }]).flatMap(
        ({ MetricStat }: { MetricStat?: { Metric: { Namespace: string; Dimensions?: object } } }) =>
          MetricStat === undefined ? [] : [{ alarm: properties.AlarmName, ...MetricStat.Metric }],
      ),
    );
    expect(metrics.length).toBeGreaterThan(8);
    for (const { alarm, Namespace, Dimensions } of metrics) {
      expect(alarm).toMatch(/^caudal-.*-one$/);
      const isApart =
        Namespace.endsWith('-one') || /"Ref"|"Fn::|-one"/.test(JSON.stringify(Dimensions ?? []));
      expect(isApart, `${alarm} reads ${Namespace} ${JSON.stringify(Dimensions)}`).toBe(true);
    }
  });
});

function stacksOf(stage: string | undefined): string[] {
  const { constructs } = synthesizedAssembly({ ...everyOptionOn, 'caudal:stage': stage ?? '' });
  return constructs.flatMap((construct) => ('stackName' in construct ? String(construct.stackName) : []));
}

test('the command lines look for the stacks and outputs that a stage has', () => {
  // Beside them those that may be left out, and which no command needs.
  const all = [...stackNames, 'CaudalNetwork', 'CaudalSources', 'CaudalReports', 'CaudalConsole'].map(
    (name) => ofStage(name, 'one'),
  );
  expect(stacksOf('one').sort()).toEqual(all.sort());
  const byStack: Readonly<Record<(typeof stackNames)[number], Template>> = {
    CaudalData: one.data,
    CaudalIngest: one.ingest,
    CaudalJobs: one.jobs,
    CaudalApi: one.api,
  };
  for (const [stack, output] of Object.values(outputs)) {
    expect(Object.keys(byStack[stack as (typeof stackNames)[number]].toJSON().Outputs)).toContain(output);
  }
});

test('every resource that can be tagged says its stage', () => {
  const tagged = resourcesOf(one).filter(({ properties }) => Array.isArray(properties.Tags));
  expect(tagged.length).toBeGreaterThan(30);
  for (const { id, properties } of tagged)
    expect(properties.Tags, id).toContainEqual({ Key: 'stage', Value: 'one' });
});
