import type { Environment } from 'aws-cdk-lib';
import { ConfigError } from '../config.ts';

/** The stages that a commit goes through, in their order; each is the installation of that name. */
export const deployedStages = ['sandbox', 'pre-production', 'production'] as const;
export type DeployedStage = (typeof deployedStages)[number];

/** An account and Region; undefined in both for wherever the stack itself is deployed. */
export type Place = Environment;

/**
 * What a pipeline is told by the context `pipeline:…`; docs/deploying.md describes it. None of it is in cdk.json, so that a file
 * cdk.context.json can say it: the CLI takes a key from there only where cdk.json has none.
 */
export interface PipelineSettings {
  /** `owner/name` at GitHub. */
  readonly repository: string;
  readonly branch: string;
  /** ARN of the CodeConnections connection to GitHub. */
  readonly connection: string;
  /** Where the pipeline itself runs. */
  readonly place: Place;
  readonly stages: Readonly<Record<DeployedStage, Place>>;
}

const repositoryPattern = /^[\w.-]+\/[\w.-]+$/;
const connectionPattern =
  /^arn:[\w-]+:(codeconnections|codestar-connections):[\w-]+:\d{12}:connection\/[\w-]+$/;
const placePattern = /^(\d{12})\/([a-z]{2}(?:-[a-z]+)+-\d)$/;

/** What the roles of GitHub Actions in one account are told. */
interface GitHubSettings {
  readonly repository: string;
  readonly stages: readonly DeployedStage[];
  readonly createProvider: boolean;
}

/**
 * Reads and checks the settings of the roles.
 * @param context gives the value of a context key, undefined where it is not set
 * @throws {ConfigError} for a value that is missing or can't be used
 */
export function readGitHubSettings(context: (key: string) => unknown): GitHubSettings {
  const named = String(context('pipeline:stages') ?? deployedStages.join(',')).split(',');
  const stages = deployedStages.filter((stage) => named.includes(stage));
  if (stages.length !== named.length) {
    throw new ConfigError(
      `pipeline:stages is ${JSON.stringify(context('pipeline:stages')) ?? 'nothing'}; accepted: some of ${deployedStages.join(', ')}, with commas between them`,
    );
  }
  const provider = String(context('pipeline:createProvider') ?? true);
  if (provider !== 'true' && provider !== 'false') {
    throw new ConfigError(`pipeline:createProvider is ${JSON.stringify(provider)}; accepted: true or false`);
  }
  return { repository: readRepository(context), stages, createProvider: provider === 'true' };
}

function readRepository(context: (key: string) => unknown): string {
  return readText(context, 'repository', { accepted: 'owner/name at GitHub', pattern: repositoryPattern });
}

/**
 * Reads and checks the settings.
 * @param context gives the value of a context key, undefined where it is not set
 * @throws {ConfigError} for a value that is missing or can't be used, and for stages elsewhere than a pipeline that has no place
 */
export function readPipelineSettings(context: (key: string) => unknown): PipelineSettings {
  const place = readPlace(context, 'environment');
  const stages = {
    sandbox: readPlace(context, 'sandbox'),
    'pre-production': readPlace(context, 'pre-production'),
    production: readPlace(context, 'production'),
  };
  const elsewhere = deployedStages.filter((stage) => stages[stage].account !== undefined);
  if (elsewhere.length > 0 && place.account === undefined) {
    throw new ConfigError(
      `pipeline:${elsewhere[0]} names an account, and pipeline:environment does not: set it to the account and Region of the pipeline, as ACCOUNT/REGION`,
    );
  }
  return {
    repository: readRepository(context),
    branch: readText(context, 'branch', { accepted: 'a branch', pattern: /^[\w./-]+$/, otherwise: 'main' }),
    connection: readText(context, 'connection', {
      accepted: 'the ARN of a connection of CodeConnections',
      pattern: connectionPattern,
    }),
    place,
    // A stage without a place of its own is deployed beside the pipeline.
    stages: {
      sandbox: stages.sandbox.account === undefined ? place : stages.sandbox,
      'pre-production': stages['pre-production'].account === undefined ? place : stages['pre-production'],
      production: stages.production.account === undefined ? place : stages.production,
    },
  };
}

/**
 * The context as one stage sees it: `caudal:alertEmail@production` comes before `caudal:alertEmail`, and `caudal:stage` is the stage.
 */
export const contextOfStage =
  (context: (key: string) => unknown, stage: DeployedStage) =>
  (key: string): unknown =>
    key === 'caudal:stage' ? stage : (context(`${key}@${stage}`) ?? context(key));

function readText(
  context: (key: string) => unknown,
  name: string,
  { accepted, pattern, otherwise }: { accepted: string; pattern: RegExp; otherwise?: string },
): string {
  const value = context(`pipeline:${name}`) ?? otherwise;
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw new ConfigError(`pipeline:${name} is ${JSON.stringify(value) ?? 'nothing'}; accepted: ${accepted}`);
}

function readPlace(context: (key: string) => unknown, name: string): Place {
  const value = context(`pipeline:${name}`) ?? '';
  if (value === '') return {};
  const [, account, region] = placePattern.exec(String(value)) ?? [];
  if (account !== undefined && region !== undefined) return { account, region };
  throw new ConfigError(
    `pipeline:${name} is ${JSON.stringify(value)}; accepted: ACCOUNT/REGION such as 123456789012/eu-south-2, or empty`,
  );
}
