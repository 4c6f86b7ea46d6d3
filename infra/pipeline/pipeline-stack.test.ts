import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, test } from 'vitest';
import { datasets, reports } from '#datasets';
import { lakeViews } from '../../core/lake/lake-views.ts';
import { deployed, stacksOf } from '../../test/support/infra/deployed.ts';
import { policyFaults } from '../../test/support/infra/policy-reference.ts';
import { schemaFaults } from '../../test/support/infra/registry-schema.ts';
import { identityStatements, many, resourcesOf } from '../../test/support/infra/resources.ts';
import { shippedContext, synthesize } from '../../test/support/infra/synthesized.ts';
import { ConfigError, readConfig } from '../config.ts';
import { cdkVersion, PipelineStack, rollbackAlarms } from './pipeline-stack.ts';
import { contextOfStage, deployedStages, readPipelineSettings } from './settings.ts';

const root = join(import.meta.dirname, '..', '..');
const connection =
  'arn:aws:codeconnections:eu-south-2:123456789012:connection/0d5e0c8b-6b5e-4a6e-9b0e-2f5d5b1c7a11';
const set = { 'pipeline:repository': 'acme/caudal', 'pipeline:connection': connection };
const settingsOf = (more: Record<string, unknown> = {}) => {
  const context: Record<string, unknown> = { ...shippedContext, ...set, ...more };
  return (key: string) => context[key];
};

/** The pipeline, and of each stage its stacks by their names. */
function pipelineOf(more: Record<string, unknown> = {}) {
  const context = settingsOf(more);
  const app = new App({ context: { ...shippedContext, ...set, ...more }, analyticsReporting: false });
  const stack = new PipelineStack(app, 'CaudalPipeline', {
    settings: readPipelineSettings(context),
    config: (stage) => readConfig(contextOfStage(context, stage)),
    files: {
      definitions: join(root, 'state-machines'),
      views: lakeViews(datasets),
      reports,
      code: () => Code.fromAsset(join(root, 'state-machines')), // any folder: what is in it has tests of its own
    },
  });
  const assembly = app.synth();
  const template = Template.fromStack(stack);
  const [pipeline] = resourcesOf(template, 'AWS::CodePipeline::Pipeline');
  const stacks = Object.fromEntries(
    deployedStages.map((stage) => [
      stage,
      assembly.getNestedAssembly(`assembly-CaudalPipeline-${stage}`).stacks,
    ]),
  );
  return { template, stages: pipeline?.properties.Stages as PipelineStage[], pipeline, stacks };
}

interface PipelineStage {
  readonly Name: string;
  readonly Actions: readonly {
    readonly Name: string;
    readonly RunOrder: number;
    readonly ActionTypeId: { readonly Provider: string };
    readonly RoleArn?: unknown;
  }[];
  readonly OnFailure?: unknown;
  readonly OnSuccess?: { readonly Conditions: readonly { Result: string; Rules: readonly Rule[] }[] };
}

interface Rule {
  readonly RuleTypeId: { readonly Provider: string };
  readonly Configuration: { readonly AlarmName: string; readonly AlarmStates: string };
  readonly RoleArn?: unknown;
}

const { template, stages, pipeline, stacks } = pipelineOf();
const stageOf = (name: string) => stages.find(({ Name }) => Name === name) as PipelineStage;

describe('the pipeline', () => {
  test('goes from the source over the build to the stages, and waits for a person before production', () => {
    expect(pipeline?.properties.PipelineType).toBe('V2');
    expect(stages.map(({ Name }) => Name)).toEqual([
      'Source',
      'Build',
      'UpdatePipeline',
      'Assets',
      'sandbox',
      'pre-production',
      'approval',
      'production',
    ]);
    expect(stageOf('approval').Actions.map(({ ActionTypeId }) => ActionTypeId.Provider)).toEqual(['Manual']);
    for (const stage of deployedStages) {
      expect(stageOf(stage).Actions.map(({ ActionTypeId }) => ActionTypeId.Provider)).not.toContain('Manual');
    }
  });

  test('takes the source by the connection, and builds with the checks and all tests on arm64', () => {
    expect(stageOf('Source').Actions).toMatchObject([
      {
        ActionTypeId: { Provider: 'CodeStarSourceConnection' },
        Configuration: { ConnectionArn: connection, FullRepositoryId: 'acme/caudal', BranchName: 'main' },
      },
    ]);
    const projects = resourcesOf(template, 'AWS::CodeBuild::Project').map(({ properties }) => properties);
    const build = projects.find(({ Source }) => String(Source.BuildSpec).includes('npm test'));
    for (const command of ['npm ci', 'npm run check', 'npm test', 'infra/pipeline/app.ts'])
      expect(build?.Source.BuildSpec).toContain(command);
    for (const { Environment } of projects) {
      expect(Environment).toMatchObject({ Type: 'ARM_CONTAINER', PrivilegedMode: false });
      expect(Environment.Image).toMatch(/^aws\/codebuild\/amazonlinux-aarch64-standard:/);
    }
  });

  test('uses the CLI of package.json', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(cdkVersion).toBe(devDependencies['aws-cdk']);
  });

  test('publishes all files by one action, so that its structure does not change with the code', () => {
    expect(stageOf('Assets').Actions).toHaveLength(1);
  });

  test.each(deployedStages)(
    '%s deploys the stacks of this stage, the data first and the console last',
    (stage) => {
      const names = stacks[stage]
        ?.map(({ stackName }) => stackName)
        .filter((name) => !name.includes('TestAccess'));
      const expected = ['CaudalApi', 'CaudalConsole', 'CaudalData', 'CaudalIngest', 'CaudalJobs'].map(
        (name) => `${name}-${stage}`,
      );
      expect(names?.sort()).toEqual(expected);
      const order = (name: string) =>
        stageOf(stage).Actions.find(({ Name }) => Name === `${name}-${stage}.Deploy`)?.RunOrder ?? 0;
      expect(order('CaudalData')).toBeGreaterThan(0);
      expect(order('CaudalIngest')).toBeGreaterThan(order('CaudalData'));
      expect(order('CaudalApi')).toBeGreaterThan(order('CaudalJobs'));
      expect(order('CaudalConsole')).toBeGreaterThan(order('CaudalApi'));
    },
  );

  test('deploys to a stage what its own synthesis makes', () => {
    const own = synthesize({ 'caudal:stage': 'production' });
    for (const [name, template] of Object.entries({
      'CaudalData-production': own.data,
      'CaudalIngest-production': own.ingest,
      'CaudalJobs-production': own.jobs,
      'CaudalApi-production': own.api,
    })) {
      const deployed = stacks.production?.find(({ stackName }) => stackName === name);
      expect(idsAndTypes(deployed?.template.Resources)).toEqual(idsAndTypes(template.toJSON().Resources));
    }
  });

  test('tests pre-production after all of it is deployed, with a role that only these tests can take', () => {
    const { Actions } = stageOf('pre-production');
    const last = Math.max(...Actions.map(({ RunOrder }) => RunOrder));
    expect(Actions.filter(({ RunOrder }) => RunOrder === last)).toMatchObject([{ Name: 'IntegrationTests' }]);
    const access = stacks['pre-production']?.find(({ stackName }) =>
      stackName.startsWith('CaudalTestAccess'),
    );
    const policy = JSON.stringify(access?.template.Resources);
    expect(policy).toMatch(/"ArnEquals":\{"aws:PrincipalArn":.*caudal-pipeline-test-/);
    expect([...policy.matchAll(/"((?!aws:)\w[\w-]+:[A-Z]\w+)"/g)].map(([, action]) => action).sort()).toEqual(
      [
        'cloudformation:DescribeStacks',
        'cognito-idp:DescribeUserPoolClient',
        'firehose:PutRecordBatch',
        'sts:AssumeRole',
      ],
    );
  });
});

describe('going back', () => {
  test('is what pre-production and production do when they fail, and not sandbox, which is for looking', () => {
    const failing = stages.filter(({ OnFailure }) => OnFailure !== undefined);
    expect(failing.map(({ Name, OnFailure }) => [Name, OnFailure])).toEqual([
      ['pre-production', { Result: 'ROLLBACK' }],
      ['production', { Result: 'ROLLBACK' }],
    ]);
  });

  test('is what production does when one of its alarms sounds after the deployment', () => {
    const [condition] = stageOf('production').OnSuccess?.Conditions ?? [];
    expect(condition?.Result).toBe('ROLLBACK');
    expect(condition?.Rules.length).toBeLessThanOrEqual(5); // of one condition, as CodePipeline takes them
    const alarms = deployedAlarms('production');
    expect(condition?.Rules.map(({ Configuration }) => Configuration.AlarmName)).toEqual(
      rollbackAlarms.map((name) => `${name}-production`),
    );
    for (const { RuleTypeId, Configuration } of condition?.Rules ?? []) {
      expect(RuleTypeId.Provider).toBe('CloudWatchAlarm');
      expect(Configuration.AlarmStates).toBe('ALARM');
      expect(alarms).toContain(Configuration.AlarmName);
    }
    expect(JSON.stringify(template.toJSON().Resources)).toContain('cloudwatch:DescribeAlarms');
  });
});

/** But for those whose ids the CDK makes of their place in the app; they hold nothing, and are made anew. */
const idsAndTypes = (resources: Record<string, { Type: string }>): string[] =>
  Object.entries(resources)
    .filter(([, { Type }]) => Type !== 'AWS::Lambda::Permission' && Type !== 'AWS::ApiGateway::Deployment')
    .map(([id, { Type }]) => `${id} ${Type}`)
    .sort();

function deployedAlarms(stage: string): string[] {
  return (stacks[stage] ?? []).flatMap(({ template: { Resources } }) =>
    Object.values<{ Type: string; Properties: { AlarmName: string } }>(Resources)
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .map(({ Properties }) => Properties.AlarmName),
  );
}

describe('stages in accounts of their own', () => {
  const elsewhere = pipelineOf({
    'pipeline:environment': '111111111111/eu-south-2',
    'pipeline:sandbox': '222222222222/eu-south-2',
    'pipeline:production': '333333333333/eu-south-2',
  });

  test('are deployed there, and one without an account beside the pipeline', () => {
    const accounts = deployedStages.map((stage) => elsewhere.stacks[stage]?.[0]?.environment.account);
    expect(accounts).toEqual(['222222222222', '111111111111', '333333333333']);
  });

  test('are watched with a role of their account', () => {
    const production = elsewhere.stages.find(({ Name }) => Name === 'production');
    for (const { RoleArn } of production?.OnSuccess?.Conditions[0]?.Rules ?? []) {
      expect(JSON.stringify(RoleArn)).toContain(
        ':iam::333333333333:role/cdk-hnb659fds-lookup-role-333333333333',
      );
    }
    expect(JSON.stringify(elsewhere.template.toJSON())).not.toContain('cloudwatch:DescribeAlarms');
  });
});

describe('the settings', () => {
  test('of one stage come before those of all', () => {
    const context = settingsOf({ 'caudal:protectData@sandbox': false });
    expect(readConfig(contextOfStage(context, 'sandbox'))).toMatchObject({
      stage: 'sandbox',
      protectData: false,
    });
    expect(readConfig(contextOfStage(context, 'production'))).toMatchObject({ protectData: true });
  });

  test.each([
    [{ 'pipeline:repository': '' }, 'pipeline:repository is ""; accepted: owner/name at GitHub'],
    [{ 'pipeline:connection': 'arn:aws:s3:::x' }, 'accepted: the ARN of a connection of CodeConnections'],
    [{ 'pipeline:branch': '?' }, 'pipeline:branch is "?"; accepted: a branch'],
    [{ 'pipeline:sandbox': '12/eu-south-2' }, 'accepted: ACCOUNT/REGION such as 123456789012/eu-south-2'],
    [
      { 'pipeline:production': '123456789012/eu-south-2' },
      'pipeline:production names an account, and pipeline:environment does not',
    ],
  ])('refuse %j and say what they take', (more, message) => {
    expect(() => readPipelineSettings(settingsOf(more))).toThrow(ConfigError);
    expect(() => readPipelineSettings(settingsOf(more))).toThrow(message);
  });
});

test("is as CloudFormation has it, and allows what IAM knows, but for the library's own wildcards and former prefix", async () => {
  const resources = deployed(stacksOf({ stack: pipelineOf().template }));
  expect(schemaFaults(resources)).toEqual([]);
  const faults = (await policyFaults(resources)).filter((fault) => / knows no |no action /.test(fault));
  expect(faults).toEqual([expect.stringContaining('codestar-connections:UseConnection knows no resource')]);
  const uses = identityStatements(pipelineOf().template).filter(([, { Action }]) =>
    many(Action).includes('codeconnections:UseConnection'),
  );
  expect(uses.map(([, { Resource }]) => Resource)).toEqual([connection]);
});
