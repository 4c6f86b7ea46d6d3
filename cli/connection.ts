import { existsSync, readFileSync } from 'node:fs';
import { acceptedStage, isStage } from '../core/stage.ts';
import { UsageError } from './usage-error.ts';

/** What an AWS client is made with; parts that are absent follow the SDK's usual chain. */
export interface ClientSettings {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface Connection {
  readonly settings: ClientSettings;
  /** For people, when something was chosen that they did not name. */
  readonly note: string | undefined;
}

/** Written by `npm start` while a local cloud is up. */
const cloudFile = '.caudal/cloud.json';
/** Names the stage of the installation that is meant, where no option does. */
export const stageVariable = 'CAUDAL_STAGE';
const localCredentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const credentialVariables = [
  'AWS_ACCESS_KEY_ID',
  'AWS_PROFILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
];

/**
 * Where AWS calls go: with credentials or an endpoint in the environment, as the SDK has it; without either, to the
 * local cloud when one is up, so that trying Caudal out never ends in a real account by the default profile.
 * A loopback endpoint needs no credentials: dummy ones are given where there are none.
 */
export function connection(env: Readonly<Record<string, string | undefined>> = process.env): Connection {
  const endpoint = env.AWS_ENDPOINT_URL_FIREHOSE ?? env.AWS_ENDPOINT_URL;
  const hasCredentials = credentialVariables.some((name) => env[name]);
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  if (endpoint !== undefined) {
    if (!isLoopback(endpoint)) return { settings: {}, note: undefined };
    const credentials = hasCredentials ? {} : { credentials: localCredentials };
    return { settings: { region: region ?? 'us-east-1', ...credentials }, note: undefined };
  }
  const local = hasCredentials ? undefined : localCloud();
  if (local === undefined) return { settings: {}, note: undefined };
  return {
    settings: { endpoint: local.endpointUrl, region: region ?? 'us-east-1', credentials: localCredentials },
    note: `using the local cloud at ${local.endpointUrl} (no AWS credentials or AWS_ENDPOINT_URL are set)`,
  };
}

/**
 * The stage of the installation that is meant: the one that the environment names, else that of the local cloud, where calls go there.
 * @returns undefined for the installation without a stage
 * @throws {UsageError} for a name that no stage can have
 */
export function stageOf(env: Readonly<Record<string, string | undefined>> = process.env): string | undefined {
  return namedStage(env) ?? foundStage(env);
}

/** The stage that the environment names. @throws {UsageError} for a name that no stage can have */
export function namedStage(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const named = env[stageVariable] || undefined;
  if (named === undefined || isStage(named)) return named;
  throw new UsageError(`The variable ${stageVariable} takes ${acceptedStage}, not "${named}".`);
}

/** The stage of the local cloud that `npm start` has told of, where calls go there. */
function foundStage(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const cloud = localCloud();
  const endpoint = env.AWS_ENDPOINT_URL?.replace(/\/$/, '') ?? connection(env).settings.endpoint;
  return cloud?.endpointUrl === endpoint ? cloud?.stage : undefined;
}

/**
 * What stands before a suggested command, so that it goes where this one went: nothing where it finds the local cloud by itself, or the
 * endpoint is AWS's or a network's, which nobody names for one command; and the stage, where that is not found by itself.
 */
export function commandPrefix(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const named = env[stageVariable];
  const stage = named && isStage(named) && named !== foundStage(env) ? `${stageVariable}=${named} ` : '';
  const endpoint = env.AWS_ENDPOINT_URL?.replace(/\/$/, '');
  if (endpoint === undefined || !isLoopback(endpoint)) return stage;
  const isFound = !credentialVariables.some((name) => env[name]) && localCloud()?.endpointUrl === endpoint;
  return isFound ? stage : `AWS_ENDPOINT_URL=${endpoint} ${stage}`;
}

/** What stands behind a suggested `npm run deploy`, so that it deploys this stage. */
export function deploySuffix(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const stage = env[stageVariable] || foundStage(env);
  return stage && isStage(stage) ? ` -- -c caudal:stage=${stage}` : '';
}

/**
 * As {@link commandPrefix}, for a suggested command of the AWS CLI, which finds no local cloud by itself and would go to a real account:
 * whatever of endpoint, region and credentials its environment lacks.
 */
export function awsPrefix(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const { settings } = connection(env);
  const endpoint = (env.AWS_ENDPOINT_URL ?? settings.endpoint)?.replace(/\/$/, '');
  if (endpoint === undefined || !isLoopback(endpoint)) return '';
  const { region, credentials } = settings;
  const isRegionSet = env.AWS_DEFAULT_REGION !== undefined || region === undefined;
  const words = [
    `AWS_ENDPOINT_URL=${endpoint}`,
    ...(isRegionSet ? [] : [`AWS_DEFAULT_REGION=${region}`]),
    ...(credentials === undefined
      ? []
      : [
          `AWS_ACCESS_KEY_ID=${credentials.accessKeyId}`,
          `AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey}`,
        ]),
  ];
  return `${words.join(' ')} `;
}

/** What to say where no region is set: which variables lead to AWS, and which to the local cloud. */
export function regionMissing(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const aws = 'For AWS set AWS_REGION, or a region in the profile that AWS_PROFILE names.';
  const cloud = localCloud();
  const found = credentialVariables.filter((name) => env[name]);
  const local =
    cloud === undefined
      ? 'For the local cloud start one with npm start; set AWS_ENDPOINT_URL for one on another port.'
      : `For the local cloud, which is up, set AWS_ENDPOINT_URL=${cloud.endpointUrl}.`;
  const why =
    found.length === 0
      ? ''
      : ` ${found.join(' and ')} in the environment ${found.length > 1 ? 'lead' : 'leads'} to AWS.`;
  return `No AWS region is set.${why} ${aws} ${local}`;
}

/** Whether calls go to a cloud on this machine. */
export function isLocal(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  const endpoint = env.AWS_ENDPOINT_URL ?? connection(env).settings.endpoint;
  return endpoint !== undefined && isLoopback(endpoint);
}

function isLoopback(url: string): boolean {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}

function localCloud(): { readonly endpointUrl: string; readonly stage: string | undefined } | undefined {
  if (!existsSync(cloudFile)) return undefined;
  try {
    const { endpointUrl = 'http://127.0.0.1:4566', stage } = JSON.parse(readFileSync(cloudFile, 'utf8')) as {
      endpointUrl?: string;
      stage?: string;
    };
    return { endpointUrl, stage };
  } catch {
    return undefined;
  }
}
