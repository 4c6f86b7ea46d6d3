import { DefaultStackSynthesizer, type IStackSynthesizer, type StackProps, Tags, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { LakeView } from '../core/lake/lake-views.ts';
import { ofStage } from '../core/stage.ts';
import { type Config, refuseConsoleIn, refuseUnknownDatasets } from './config.ts';
import { placeFunctions } from './constructs/shared/function-place.ts';
import type { HandlerCode } from './constructs/shared/handler-function.ts';
import { ApiStack } from './stacks/api-stack.ts';
import { ConsoleStack } from './stacks/console-stack.ts';
import { DataStack } from './stacks/data-stack.ts';
import { IngestStack } from './stacks/ingest-stack.ts';
import { JobsStack } from './stacks/jobs-stack.ts';
import { NetworkStack } from './stacks/network-stack.ts';
import { ReportsStack } from './stacks/reports-stack.ts';
import { hasSources, SourcesStack } from './stacks/sources-stack.ts';

export interface CaudalProps {
  readonly config: Config;
  /** Directory of the `*.asl.json` files. */
  readonly definitions: string;
  /** The deployable code of a folder under `handlers/`. */
  readonly code: HandlerCode;
  /** How the datasets of this deployment are asked by SQL. */
  readonly views: readonly LakeView[];
  /** The SQL of reports, by the name of the dataset. */
  readonly reports: Readonly<Record<string, string>>;
}

/**
 * The whole installation: four stacks and, where they are wanted, that of the network, of further sources, of monthly reports and the console's; only `CaudalData` holds anything that can't be made again.
 * @param scope an app, or a stage of a pipeline: the stacks are named the same in either
 */
export function buildCaudal(
  scope: Construct,
  props: CaudalProps,
): {
  network: NetworkStack | undefined;
  data: DataStack;
  ingest: IngestStack;
  jobs: JobsStack;
  api: ApiStack;
  sources: SourcesStack | undefined;
  reports: ReportsStack | undefined;
  console: ConsoleStack | undefined;
} {
  const { stage } = props.config;
  refuseUnknownDatasets(props.config, {
    datasets: props.views.map(({ dataset }) => dataset.name),
    reports: Object.keys(props.reports),
  });
  const makesNetwork = props.config.network !== 'none' && props.config.vpc === undefined;
  const network = makesNetwork
    ? new NetworkStack(scope, ofStage('CaudalNetwork', stage), {
        ...stackProps('CaudalNetwork', stage, 'the network of the functions'),
        config: props.config,
      })
    : undefined;
  const place = props.config.vpc ?? network?.place;
  if (place !== undefined) placeFunctions(scope, place);
  const data = new DataStack(scope, ofStage('CaudalData', stage), {
    ...stackProps('CaudalData', stage, 'what is kept: key, buckets, tables'),
    terminationProtection: props.config.protectData, // its resources are retained, but who would put them together again
    config: props.config,
    views: props.views,
    requiredVpc: props.config.requireNetwork ? place?.vpcId : undefined,
  });
  // The one that a pipeline's stage names, else the one that the CLI is about to deploy to.
  refuseConsoleIn(
    Token.isUnresolved(data.region) ? process.env.CDK_DEFAULT_REGION : data.region,
    props.config,
  );
  const ingest = new IngestStack(scope, ofStage('CaudalIngest', stage), {
    ...stackProps('CaudalIngest', stage, 'delivery stream, queue, state machine, alerts'),
    ...props,
    data,
  });
  const jobs = new JobsStack(scope, ofStage('CaudalJobs', stage), {
    ...stackProps('CaudalJobs', stage, 'jobs of toons: bucket, state machine, notices'),
    ...props,
    data,
    ingest,
  });
  const sources = hasSources(props.config)
    ? new SourcesStack(scope, ofStage('CaudalSources', stage), {
        ...stackProps('CaudalSources', stage, 'devices, queue, Kafka and Kinesis as sources of readings'),
        ...props,
        data,
        ingest,
      })
    : undefined;
  const reports =
    props.config.monthlyReports.length > 0
      ? new ReportsStack(scope, ofStage('CaudalReports', stage), {
          ...stackProps('CaudalReports', stage, 'reports of each month: bucket, schedule, topic'),
          ...props,
          data,
          ingest,
        })
      : undefined;
  const api = new ApiStack(scope, ofStage('CaudalApi', stage), {
    ...stackProps('CaudalApi', stage, 'API and its tokens'),
    ...props,
    data,
    ingest,
    jobs,
    sources,
    reports,
  });
  const console = props.config.console
    ? new ConsoleStack(scope, ofStage('CaudalConsole', stage), {
        ...stackProps('CaudalConsole', stage, 'the page in the browser and its address'),
        ...props,
        data,
        jobs,
        api,
      })
    : undefined;
  Tags.of(scope).add('application', 'caudal');
  if (stage !== undefined) Tags.of(scope).add('stage', stage);
  return { network, data, ingest, jobs, api, sources, reports, console };
}

/** What all stacks share. The CLI checks the version of the bootstrap itself, so that no template needs a parameter for it. */
function stackProps(name: string, stage: string | undefined, description: string): StackProps {
  return {
    stackName: ofStage(name, stage), // else a pipeline's stage would be in front of it, and nothing would find it
    description: `Caudal: ${description}`,
    // The cast: the library's own types leave `undefined` out of an optional member (exactOptionalPropertyTypes).
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer,
    terminationProtection: false, // what must not be lost is retained by its own policy
  };
}
