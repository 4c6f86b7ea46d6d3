import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ofStage } from '../core/stage.ts';
import { type ClientSettings, stageOf, stageVariable } from './connection.ts';

/** Names of one installation's resources, as the stacks' outputs tell them. */
export interface Installation {
  readonly rawBucket: string;
  readonly curatedBucket: string;
  readonly statisticsTable: string;
  readonly jobsTable: string;
  readonly alertsTable: string;
  readonly idempotencyTable: string;
  /** `undefined` where the installation has no streams. */
  readonly streamsTable: string | undefined;
  /** Name of the rule that calls the relay of streams; `undefined` where there are none. */
  readonly relayRule: string | undefined;
  /** Glue's database and Athena's workgroup: names. */
  readonly lakeDatabase: string;
  readonly lakeWorkgroup: string;
  readonly deliveryStream: string;
  /** ARNs. */
  readonly ingestMachine: string;
  readonly alertTopic: string;
  readonly jobMachine: string;
  /** URLs. */
  readonly ingestQueue: string;
  readonly ingestDeadLetterQueue: string;
  readonly busDeadLetterQueue: string;
  readonly jobQueue: string;
  readonly jobDeadLetterQueue: string;
  readonly eventBus: string;
  readonly apiUrl: string;
  readonly userPoolId: string;
  /** The machine's client that reads, and the one that may all. */
  readonly clientId: string;
  readonly writerClientId: string;
  readonly tokenUrl: string;
  readonly scopeRead: string;
  readonly scopeWrite: string;
  readonly scopeOperate: string;
  readonly scopeJobs: string;
}

/** Outputs that are there by an option alone. */
const optionalOutputs = {
  streamsTable: ['CaudalData', 'StreamsTable'],
  relayRule: ['CaudalApi', 'RelayRule'],
} as const;

/** The output that each name is read from: stack without a stage, then logical id. */
export const outputs: Readonly<
  Record<Exclude<keyof Installation, keyof typeof optionalOutputs>, readonly [stack: string, output: string]>
> = {
  rawBucket: ['CaudalData', 'RawBucket'],
  curatedBucket: ['CaudalData', 'CuratedBucket'],
  statisticsTable: ['CaudalData', 'StatisticsTable'],
  jobsTable: ['CaudalData', 'JobsTable'],
  alertsTable: ['CaudalData', 'AlertsTable'],
  idempotencyTable: ['CaudalData', 'IdempotencyTable'],
  lakeDatabase: ['CaudalData', 'LakeDatabase'],
  lakeWorkgroup: ['CaudalData', 'LakeWorkgroup'],
  deliveryStream: ['CaudalIngest', 'DeliveryStream'],
  ingestMachine: ['CaudalIngest', 'IngestMachine'],
  alertTopic: ['CaudalIngest', 'AlertTopic'],
  jobMachine: ['CaudalJobs', 'JobMachine'],
  ingestQueue: ['CaudalIngest', 'IngestQueue'],
  ingestDeadLetterQueue: ['CaudalIngest', 'IngestDeadLetterQueue'],
  busDeadLetterQueue: ['CaudalIngest', 'BusDeadLetterQueue'],
  jobQueue: ['CaudalJobs', 'JobQueue'],
  jobDeadLetterQueue: ['CaudalJobs', 'JobDeadLetterQueue'],
  eventBus: ['CaudalIngest', 'EventBus'],
  apiUrl: ['CaudalApi', 'ApiUrl'],
  userPoolId: ['CaudalApi', 'UserPoolId'],
  clientId: ['CaudalApi', 'ClientId'],
  writerClientId: ['CaudalApi', 'WriterClientId'],
  tokenUrl: ['CaudalApi', 'TokenUrl'],
  scopeRead: ['CaudalApi', 'ScopeRead'],
  scopeWrite: ['CaudalApi', 'ScopeWrite'],
  scopeOperate: ['CaudalApi', 'ScopeOperate'],
  scopeJobs: ['CaudalApi', 'ScopeJobs'],
};

/** Stacks of Caudal, without a stage. */
export const stackNames = ['CaudalData', 'CaudalIngest', 'CaudalJobs', 'CaudalApi'] as const;

/** A stack is not there, or lacks an output: nothing was deployed here, or an older version. */
class NotInstalled extends Error {
  override readonly name = 'NotInstalled';
}

/** A stack as CloudFormation describes it. */
interface DescribedStack {
  /** With the stage. */
  readonly name: string;
  /** CloudFormation's; `absent` when there is none of the name. */
  readonly status: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** One of the stacks that every installation has. */
export interface StackState extends DescribedStack {
  /** Which one, without the stage. */
  readonly stack: (typeof stackNames)[number];
}

/** All stacks of the installation, or of its stage. @throws {UsageError} for a stage that there cannot be */
export async function describeStacks(settings: ClientSettings): Promise<StackState[]> {
  const client = new CloudFormationClient(settings);
  return Promise.all(
    stackNames.map(async (stack): Promise<StackState> => ({ stack, ...(await describe(client, stack)) })),
  );
}

/** The stack of further ways in: its status is `absent` where the installation has none. */
export const describeSources = (settings: ClientSettings): Promise<DescribedStack> =>
  describe(new CloudFormationClient(settings), 'CaudalSources');

async function describe(client: CloudFormationClient, of: string): Promise<DescribedStack> {
  const name = ofStage(of, stageOf());
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const [found] = Stacks;
    const told = (found?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [
      OutputKey,
      OutputValue,
    ]);
    return { name, status: found?.StackStatus ?? 'absent', outputs: Object.fromEntries(told) };
  } catch (fault) {
    if ((fault as Error).name !== 'ValidationError') throw fault; // that is what CloudFormation calls "does not exist"
    return { name, status: 'absent', outputs: {} };
  }
}

/** The outputs that are needed and not there, as `stack.output`. */
export function missingOutputs(stacks: readonly StackState[]): string[] {
  return Object.values(outputs).flatMap(([stack, output]) => {
    const found = stacks.find((one) => one.stack === stack);
    return found?.outputs[output] ? [] : [`${found?.name ?? stack}.${output}`];
  });
}

/** The Regions of China, where Cognito has no user pools. */
const inChina = /^cn-/;

/** What may be wrong where stacks or outputs are missing. In China it is not the person who asks. */
export function adviceFor(settings: ClientSettings): string {
  const region = settings.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? '';
  return inChina.test(region)
    ? "In China's Regions there is no CaudalApi, since Cognito has no user pools there, and these commands need it: docs/deploying.md, China and GovCloud, says what is looked after how."
    : `Is this the right account, region and stage (--stage or the variable ${stageVariable})? Deploy with: npm run deploy`;
}

/** @throws {NotInstalled} naming what is not there */
export async function findInstallation(settings: ClientSettings): Promise<Installation> {
  const stacks = await describeStacks(settings);
  const missing = missingOutputs(stacks);
  if (missing.length > 0) {
    const where =
      settings.endpoint ??
      process.env.AWS_ENDPOINT_URL ??
      `region ${settings.region ?? process.env.AWS_REGION ?? 'of the profile'}`;
    throw new NotInstalled(
      `Caudal is not (or not wholly) deployed at ${where}: ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more outputs` : ''} missing. ${adviceFor(settings)}`,
    );
  }
  const value = ([stack, output]: readonly [string, string]) =>
    stacks.find((one) => one.stack === stack)?.outputs[output] ?? '';
  const told = Object.fromEntries(Object.entries(outputs).map(([name, output]) => [name, value(output)]));
  const optional = Object.fromEntries(
    Object.entries(optionalOutputs).map(([name, output]) => [name, value(output) || undefined]),
  );
  return { ...told, ...optional } as unknown as Installation; // the two tables have exactly its names
}
