import { describe, expect, test } from 'vitest';
import { type DeployedResource, deployed, stacksOf } from '../test/support/infra/deployed.ts';
import { optionSets } from '../test/support/infra/option-sets.ts';
import { schemaFaults } from '../test/support/infra/registry-schema.ts';
import { limitFaults } from '../test/support/infra/service-limits.ts';
import { synthesize } from '../test/support/infra/synthesized.ts';

const resources = deployed(stacksOf(synthesize()));

test.each(Object.entries(optionSets))(
  "%s every resource is as CloudFormation's registry schema has it, and of a size that services take",
  (_, options) => {
    const of = stacksOf(synthesize(options));
    const all = deployed(of);
    expect(all.length).toBeGreaterThan(150);
    expect(schemaFaults(all)).toEqual([]);
    expect(limitFaults(of, all)).toEqual([]);
  },
);

describe('what services refuse for its size', () => {
  test('is a role with too many policies, and a description that is too long', () => {
    const policy = resources.find(({ type }) => type === 'AWS::IAM::Policy') as DeployedResource;
    const handler = resources.find(({ type }) => type === 'AWS::Lambda::Function') as DeployedResource;
    const long = { ...handler, properties: { ...handler.properties, Description: 'x'.repeat(257) } };
    expect(limitFaults([], [...Array.from({ length: 20 }, () => policy), long])).toEqual([
      `${handler.name}: 257 characters of its description, at most 256.`,
      expect.stringMatching(/^role \S+: \d{5} characters of policies, at most 10240\.$/),
    ]);
  });
});

describe('the schema refuses', () => {
  const [pipe] = resources.filter(({ type }) => type === 'AWS::Pipes::Pipe');
  const [stream] = resources.filter(({ type }) => type === 'AWS::KinesisFirehose::DeliveryStream');

  /** The faults of a resource with some properties replaced. */
  const changed = (
    resource: DeployedResource | undefined,
    properties: object,
    type = resource?.type,
  ): string =>
    schemaFaults([
      {
        ...(resource as DeployedResource),
        type: String(type),
        properties: { ...resource?.properties, ...properties },
      },
    ]).join('\n');

  test.each([
    ['a type that does not exist', changed(pipe, {}, 'AWS::Pipes::Pip'), 'no such type exists'],
    ['an unknown property', changed(pipe, { Sources: 'x' }), 'no property Sources exists'],
    [
      'a required property that is missing',
      schemaFaults([{ ...(pipe as DeployedResource), properties: {} }]).join(),
      'RoleArn is required',
    ],
    [
      'an unknown property inside of another',
      changed(pipe, { SourceParameters: { SqsQueueParameters: { BatchSizes: 10 } } }),
      'SourceParameters.SqsQueueParameters: no property BatchSizes exists',
    ],
    [
      'text for a number',
      changed(pipe, { SourceParameters: { SqsQueueParameters: { BatchSize: '10' } } }),
      'BatchSize: "10" is not an integer',
    ],
    [
      'a word that is none of those allowed',
      changed(pipe, { DesiredState: 'ON' }),
      '"ON" is not one of RUNNING, STOPPED',
    ],
    ['a list for one', changed(pipe, { Source: ['a'] }), 'Source: ["a"] is not a string'],
    ['tags without values', changed(stream, { Tags: [{ Key: 'a' }] }), 'is not a tag with Key and Value'],
  ])('%s', (_, said, fault) => expect(said).toContain(fault));

  test('an attribute that a type does not have, and what does not exist', () => {
    const stack = (value: object) => [
      {
        name: 'S',
        template: {
          Resources: {
            A: { Type: 'AWS::SQS::Queue' },
            B: { Type: 'AWS::SQS::Queue', Properties: { QueueName: value } },
          },
        },
      },
    ];
    expect(() => deployed(stack({ 'Fn::GetAtt': ['A', 'Url'] }))).toThrow(
      'S/A: a AWS::SQS::Queue has no attribute Url',
    );
    expect(() => deployed(stack({ Ref: 'C' }))).toThrow('S refers to C, which it does not have');
    expect(() => deployed(stack({ 'Fn::ImportValue': 'gone' }))).toThrow(
      'S imports gone, which no stack exports',
    );
  });
});
