import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { deployed, stacksOf } from '../../test/support/infra/deployed.ts';
import { policyFaults } from '../../test/support/infra/policy-reference.ts';
import { schemaFaults } from '../../test/support/infra/registry-schema.ts';
import { resourcesOf } from '../../test/support/infra/resources.ts';
import { shippedContext } from '../../test/support/infra/synthesized.ts';
import { ConfigError } from '../config.ts';
import { GitHubStack } from './github-stack.ts';
import { deployedStages, readGitHubSettings } from './settings.ts';

const contextOf = (more: Record<string, unknown>) => {
  const context: Record<string, unknown> = {
    ...shippedContext,
    'pipeline:repository': 'acme/caudal',
    ...more,
  };
  return (key: string) => context[key];
};
const synthesized = (more: Record<string, unknown> = {}): Template => {
  const app = new App({ context: shippedContext, analyticsReporting: false });
  return Template.fromStack(new GitHubStack(app, 'CaudalGitHub', readGitHubSettings(contextOf(more))));
};

describe('the role of each stage', () => {
  const template = synthesized();

  test.each(deployedStages)(
    '%s is for jobs of the repository in the environment of that name alone',
    (stage) => {
      template.hasResourceProperties('AWS::IAM::Role', {
        AssumeRolePolicyDocument: {
          Statement: [
            {
              Action: 'sts:AssumeRoleWithWebIdentity',
              Effect: 'Allow',
              Principal: { Federated: Match.anyValue() },
              Condition: {
                StringEquals: {
                  'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
                  'token.actions.githubusercontent.com:sub': `repo:acme/caudal:environment:${stage}`,
                },
              },
            },
          ],
        },
      });
    },
  );

  test('takes the roles of the bootstrap, and one tests pre-production; that is all', () => {
    const statements = resourcesOf(template, 'AWS::IAM::Policy').map(({ properties }) =>
      properties.PolicyDocument.Statement.flatMap(({ Action }: { Action: string }) => Action).sort(),
    );
    const tests = [
      'cloudformation:DescribeStacks',
      'cognito-idp:DescribeUserPoolClient',
      'firehose:PutRecordBatch',
    ];
    expect(statements).toEqual([['sts:AssumeRole'], [...tests, 'sts:AssumeRole'], ['sts:AssumeRole']]);
    expect(JSON.stringify(template.toJSON())).not.toMatch(/AccessKey|"AWS::IAM::User"|managedPolicy/i);
  });

  test('is there for the stages of this account, with the provider or beside one', () => {
    const one = synthesized({ 'pipeline:stages': 'production', 'pipeline:createProvider': 'false' });
    one.resourceCountIs('AWS::IAM::Role', 1);
    one.resourceCountIs('AWS::IAM::OIDCProvider', 0);
    template.resourceCountIs('AWS::IAM::OIDCProvider', 1);
  });

  test.each([
    [{ 'pipeline:stages': 'staging' }, 'accepted: some of sandbox, pre-production, production'],
    [{ 'pipeline:createProvider': 'yes' }, 'accepted: true or false'],
    [{ 'pipeline:repository': 'caudal' }, 'accepted: owner/name at GitHub'],
  ])('refuses %j and says what it takes', (more, message) => {
    expect(() => readGitHubSettings(contextOf(more))).toThrow(ConfigError);
    expect(() => readGitHubSettings(contextOf(more))).toThrow(message);
  });
});

describe('the workflow', () => {
  const workflow = (name: string) =>
    readFileSync(join(import.meta.dirname, '..', '..', '.github', 'workflows', name), 'utf8');
  const deploy = workflow('deploy.yml');
  const stage = workflow('deploy-stage.yml');

  test('does nothing before a variable says so', () => {
    expect(deploy).toContain("if: vars.DEPLOY_WITH_ACTIONS == 'true'");
    const jobs = [...deploy.matchAll(/^ {2}([\w-]+):\n(?: {4}.*\n)+/gm)].filter(([text]) =>
      text.includes('uses: ./'),
    );
    expect(jobs).toHaveLength(deployedStages.length);
    for (const [text] of jobs) expect(text).toContain('needs: '); // a job whose need is skipped is skipped
  });

  test('goes through the stages in their order, each in the environment of its name', () => {
    const order = [...deploy.matchAll(/needs: ([\w-]+)\n.*\n(?: {4,}.*\n)* {6}stage: ([\w-]+)/g)].map(
      ([, before, name]) => [before, name],
    );
    expect(order).toEqual([
      ['verify', 'sandbox'],
      ['sandbox', 'pre-production'],
      ['pre-production', 'production'],
    ]);
    expect(stage).toContain(`environment: \${{ inputs.stage }}`);
  });

  test('has no secret', () => {
    expect(deploy + stage).not.toMatch(/secrets\.|AKIA|aws-access-key-id:/);
  });
});

test('is as CloudFormation and IAM have it', async () => {
  const resources = deployed(stacksOf({ stack: synthesized() }));
  expect(schemaFaults(resources)).toEqual([]);
  expect(await policyFaults(resources)).toEqual([]);
});
