import { describe, expect, test } from 'vitest';
import { type DeployedResource, deployed, stacksOf } from '../test/support/infra/deployed.ts';
import { optionSets } from '../test/support/infra/option-sets.ts';
import { overlap, policyFaults } from '../test/support/infra/policy-reference.ts';
import { synthesize } from '../test/support/infra/synthesized.ts';

/** A role's policy with one statement. */
const planted = (statement: object): DeployedResource[] => [
  {
    stack: 'planted',
    id: 'Policy',
    type: 'AWS::IAM::Policy',
    properties: { PolicyDocument: { Statement: [{ Effect: 'Allow', ...statement }] } },
    name: 'planted/Policy',
  },
];

describe('the policies', () => {
  test.each(Object.entries(optionSets))(
    '%s allow actions that exist, on resources of a form that these know, under conditions that they have',
    async (_, options) => {
      const resources = deployed(stacksOf(synthesize(options)));
      expect(resources.filter(({ type }) => type === 'AWS::IAM::Policy').length).toBeGreaterThan(15);
      expect(await policyFaults(resources)).toEqual([]);
    },
  );

  const logGroup = 'arn:aws:logs:eu-west-1:123456789012:log-group:caudal';
  test.each([
    [
      'a stream of an ARN that ends in `:*`',
      { Action: 'logs:PutLogEvents', Resource: `${logGroup}:*:log-stream:delivery` },
      'logs:PutLogEvents knows no resource of the form',
    ],
    [
      'a misspelt action',
      { Action: 's3:ListObjects', Resource: 'arn:aws:s3:::raw' },
      'no action s3:ListObjects',
    ],
    [
      'an action on objects for the bucket',
      { Action: ['s3:GetObject', 's3:ListBucket'], Resource: 'arn:aws:s3:::raw' },
      's3:GetObject knows no resource of the form arn:aws:s3:::raw',
    ],
    [
      'the index of a table for an action that reads none',
      { Action: 'dynamodb:GetItem', Resource: 'arn:aws:dynamodb:eu-west-1:123456789012:table/t/index/i' },
      'dynamodb:GetItem knows no resource',
    ],
    [
      'a resource beside one that is right',
      { Action: 'sqs:SendMessage', Resource: ['arn:aws:sqs:eu-west-1:123456789012:q', 'https://sqs/q'] },
      'sqs:SendMessage know no resource of the form https://sqs/q',
    ],
    ['everything', { Action: 'sqs:SendMessage', Resource: '*' }, 'sqs:SendMessage is allowed on *'],
    [
      'a condition that does not exist',
      {
        Action: 'sqs:SendMessage',
        Resource: 'arn:aws:sqs:eu-west-1:123456789012:q',
        Condition: { StringEquals: { 'sqs:Sender': 'me' } },
      },
      'sqs:SendMessage knows no condition key sqs:Sender',
    ],
  ])('are refused for %s', async (_, statement, fault) => {
    expect((await policyFaults(planted(statement))).join('\n')).toContain(fault);
  });
});

test.each([
  ['arn:aws:s3:::raw/landing/*', true],
  ['arn:aws:s3:::*', true],
  ['arn:aws:s3:::raw', false],
  ['arn:aws:s3:::raw/', false],
  ['arn:aws:s3:::ra?/a', true],
])('%s is an object: %s', (pattern, is) => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a form of AWS's reference
  expect(overlap(pattern, 'arn:${Partition}:s3:::${BucketName}/${ObjectName}')).toBe(is);
});
