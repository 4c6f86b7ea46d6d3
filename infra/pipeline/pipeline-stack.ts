import { type CfnOutput, Duration, Stack, type StackProps, Stage } from 'aws-cdk-lib';
import { BuildSpec, ComputeType, LinuxArmBuildImage } from 'aws-cdk-lib/aws-codebuild';
import { type CfnPipeline, PipelineType } from 'aws-cdk-lib/aws-codepipeline';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  CodeBuildStep,
  CodePipeline,
  CodePipelineSource,
  type IFileSetProducer,
  ManualApprovalStep,
} from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import { ofStage } from '../../core/stage.ts';
import { buildCaudal, type CaudalProps } from '../caudal.ts';
import type { Config } from '../config.ts';
import type { DeployedStage, PipelineSettings, Place } from './settings.ts';
import { TestAccessStack, testerRoleName, testRoleName } from './test-access.ts';

/** Alarms of production that take a deployment back, before a stage: what broken code sets off within minutes. A condition has five rules at most. */
export const rollbackAlarms = [
  'caudal-api-errors',
  'caudal-dead-letters',
  'caudal-ingest-failed',
  'caudal-jobs-failed',
  'caudal-pipe-failed',
];

/** Minutes for which production is watched after a deployment: two periods of an alarm, after the buffer of 300 s and one execution. */
const watchedMinutes = 20;

/** The CDK's own programs as CodeBuild installs them; a test holds the first one to package.json. */
export const cdkVersion = '2.1148.1';
const cdkAssetsVersion = '4';

export interface PipelineStackProps extends StackProps {
  readonly settings: PipelineSettings;
  /** Of each stage. */
  readonly config: (stage: DeployedStage) => Config;
  readonly files: Pick<CaudalProps, 'definitions' | 'code' | 'views' | 'reports'>;
}

/**
 * The pipeline: source, build with all tests, then each stage with the installation of its name. `production` waits for a person, and goes
 * back to the deployment before when a check or an alarm says so.
 */
export class PipelineStack extends Stack {
  readonly pipeline: CodePipeline;
  readonly #props: PipelineStackProps;
  readonly #source: IFileSetProducer;

  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    super(scope, id, { ...props, env: props.settings.place });
    this.#props = props;
    const { settings } = props;
    this.#source = CodePipelineSource.connection(settings.repository, settings.branch, {
      connectionArn: settings.connection,
    }) as IFileSetProducer; // the library's own types leave `undefined` out of an optional member, here and below
    this.pipeline = new CodePipeline(this, 'Pipeline', {
      pipelineName: 'caudal',
      pipelineType: PipelineType.V2,
      cliVersion: cdkVersion,
      cdkAssetsCliVersion: cdkAssetsVersion,
      crossAccountKeys: Object.values(settings.stages).some(
        ({ account }) => account !== settings.place.account,
      ),
      // One action whose commands are in the assembly. An action for each asset would change the pipeline's structure with the code, and
      // CodePipeline takes a stage back only to an execution of the same structure.
      publishAssetsInParallel: false,
      codeBuildDefaults: {
        buildEnvironment: {
          buildImage: LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0,
          computeType: ComputeType.SMALL,
        },
        // It starts npm; what npm runs is the Node that package.json pins.
        partialBuildSpec: BuildSpec.fromObject({
          phases: { install: { 'runtime-versions': { nodejs: '22' } } },
        }),
      },
      synth: new CodeBuildStep('Build', {
        input: this.#source,
        installCommands: ['npm ci'],
        commands: ['npm run check', 'npm test', "npx cdk synth --quiet --app 'node infra/pipeline/app.ts'"],
        primaryOutputDirectory: 'cdk.out',
        buildEnvironment: { computeType: ComputeType.LARGE },
        timeout: Duration.hours(1),
      }) as IFileSetProducer,
    });
    this.#deploy();
    this.pipeline.buildPipeline();
    // The library allows the action under its former prefix alone, which does not know connections with an ARN of the present one.
    for (const construct of this.pipeline.pipeline.node.findAll()) {
      if (!(construct instanceof Role) || !construct.node.path.includes('/Source/')) continue;
      construct.addToPrincipalPolicy(
        new PolicyStatement({
          actions: ['codeconnections:UseConnection'],
          resources: [settings.connection],
        }),
      );
    }
    this.#rollBack('pre-production', []);
    this.#rollBack('production', rollbackAlarms);
  }

  #deploy(): void {
    const { stages } = this.#props.settings;
    this.pipeline.addStage(this.#stage('sandbox').stage);
    const tested = this.#stage('pre-production');
    const { account, region } = this.#accountOf(stages['pre-production']);
    this.pipeline.addStage(tested.stage, { post: [this.#integrationTests(account, region)] });
    // A stage by itself: within production, going back would wait for a person too, and a refusal would be a failure to go back from.
    this.pipeline.addWave('approval', {
      post: [
        new ManualApprovalStep('Approve', {
          comment: 'Passed the tests in pre-production. Approve to deploy it to production.',
        }),
      ],
    });
    const production = this.#stage('production');
    this.pipeline.addStage(production.stage, { post: [this.#healthCheck(production.apiUrl)] });
  }

  /** The installation of a stage; in pre-production with the role of the tests. */
  #stage(name: DeployedStage): { stage: Stage; apiUrl: CfnOutput } {
    const { settings, config, files } = this.#props;
    const stage = new Stage(this, name, { env: settings.stages[name] });
    const { api } = buildCaudal(stage, { config: config(name), ...files });
    if (name === 'pre-production') {
      const pipeline = this.#accountOf(settings.place);
      new TestAccessStack(stage, `CaudalTestAccess-${name}`, {
        stackName: `CaudalTestAccess-${name}`,
        description: 'Caudal: role of the pipeline for its tests',
        stage: name,
        pipelineAccount: pipeline.account,
        pipelineRegion: pipeline.region,
      });
    }
    return { stage, apiUrl: api.apiUrl };
  }

  /** Where something is, as a value of the pipeline's template where nobody has named an account. */
  #accountOf({ account = this.account, region = this.region }: Place): { account: string; region: string } {
    return { account, region };
  }

  /** Readings go in by the delivery stream and come out of the API as another computation has them: test/deployed/main.ts. */
  #integrationTests(account: string, region: string): CodeBuildStep {
    const stage = 'pre-production';
    const testRole = `arn:${this.partition}:iam::${account}:role/${testRoleName(stage, region)}`;
    const role = new Role(this, 'Tester', {
      roleName: testerRoleName(this.region),
      assumedBy: new ServicePrincipal('codebuild.amazonaws.com'),
    });
    role.addToPolicy(new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [testRole] }));
    return new CodeBuildStep('IntegrationTests', {
      input: this.#source,
      role,
      env: { CAUDAL_STAGE: stage, TEST_ROLE: testRole, TEST_REGION: region },
      installCommands: ['npm ci'],
      commands: [
        // A profile, so that the SDK takes the role again when it has expired.
        'mkdir -p ~/.aws',
        `printf '[profile tested]\\nrole_arn = %s\\ncredential_source = EcsContainer\\nregion = %s\\n' "$TEST_ROLE" "$TEST_REGION" > ~/.aws/config`,
        'AWS_PROFILE=tested AWS_REGION="$TEST_REGION" npm run test:deployed',
      ],
      timeout: Duration.hours(1),
    });
  }

  /** That the API answers at all, without touching production's data. */
  #healthCheck(apiUrl: CfnOutput): CodeBuildStep {
    return new CodeBuildStep('HealthCheck', {
      envFromCfnOutputs: { API_URL: apiUrl },
      commands: [`curl --fail --silent --show-error --retry 5 --retry-all-errors "\${API_URL}health"`],
    });
  }

  /**
   * A stage that fails, or that these alarms find wrong after it, is deployed once more as the last execution that succeeded had it: all of
   * its stacks together. On the L1, because CDK Pipelines makes the stages and has no setting for it.
   */
  #rollBack(name: DeployedStage, alarms: readonly string[]): void {
    const { pipeline } = this.pipeline;
    const index = pipeline.stages.findIndex(({ stageName }) => stageName === name);
    const resource = pipeline.node.defaultChild as CfnPipeline;
    resource.addPropertyOverride(`Stages.${index}.OnFailure`, { Result: 'ROLLBACK' });
    if (alarms.length === 0) return;
    const { place, stages } = this.#props.settings;
    const { account, region } = this.#accountOf(stages[name]);
    const isElsewhere = stages[name].account !== place.account;
    // Elsewhere the role that the bootstrap gives to whoever may look things up there.
    const lookupRole = `arn:${this.partition}:iam::${account}:role/cdk-hnb659fds-lookup-role-${account}-${region}`;
    pipeline.role.addToPrincipalPolicy(
      isElsewhere
        ? new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [lookupRole] })
        : new PolicyStatement({
            actions: ['cloudwatch:DescribeAlarms'],
            resources: alarms.map(
              (alarm) =>
                `arn:${this.partition}:cloudwatch:${region}:${account}:alarm:${ofStage(alarm, name)}`,
            ),
          }),
    );
    resource.addPropertyOverride(`Stages.${index}.OnSuccess`, {
      Conditions: [
        {
          Result: 'ROLLBACK',
          Rules: alarms.map((alarm) => ({
            Name: alarm,
            RuleTypeId: { Category: 'Rule', Owner: 'AWS', Provider: 'CloudWatchAlarm', Version: '1' },
            Configuration: {
              AlarmName: ofStage(alarm, name),
              AlarmStates: 'ALARM',
              WaitTime: String(watchedMinutes),
            },
            Region: region,
            ...(isElsewhere ? { RoleArn: lookupRole } : {}),
          })),
        },
      ],
    });
  }
}
