import {
  type App,
  DefaultStackSynthesizer,
  type IStackSynthesizer,
  type StackProps,
  Tags,
} from 'aws-cdk-lib';
import type { Config } from './config.ts';
import type { HandlerCode } from './constructs/shared/handler-function.ts';
import { ApiStack } from './stacks/api-stack.ts';
import { DataStack } from './stacks/data-stack.ts';
import { IngestStack } from './stacks/ingest-stack.ts';
import { JobsStack } from './stacks/jobs-stack.ts';

export interface CaudalProps {
  readonly config: Config;
  /** Directory of the `*.asl.json` files. */
  readonly definitions: string;
  /** The deployable code of a folder under `handlers/`. */
  readonly code: HandlerCode;
}

/** The whole installation: four stacks, of which only `CaudalData` holds anything that can't be made again. */
export function buildCaudal(
  app: App,
  props: CaudalProps,
): { data: DataStack; ingest: IngestStack; jobs: JobsStack; api: ApiStack } {
  const data = new DataStack(app, 'CaudalData', {
    ...stackProps('what is kept: key, buckets, tables'),
    config: props.config,
  });
  const ingest = new IngestStack(app, 'CaudalIngest', {
    ...stackProps('delivery stream, queue, state machine, alerts'),
    ...props,
    data,
  });
  const jobs = new JobsStack(app, 'CaudalJobs', {
    ...stackProps('jobs of toons: bucket, state machine, notices'),
    ...props,
    data,
    ingest,
  });
  const api = new ApiStack(app, 'CaudalApi', {
    ...stackProps('API and its tokens'),
    ...props,
    data,
    ingest,
    jobs,
  });
  Tags.of(app).add('application', 'caudal');
  return { data, ingest, jobs, api };
}

/** What all stacks share. The CLI checks the version of the bootstrap itself, so that no template needs a parameter for it. */
function stackProps(description: string): StackProps {
  return {
    description: `Caudal: ${description}`,
    // The cast: the library's own types leave `undefined` out of an optional member (exactOptionalPropertyTypes).
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer,
    terminationProtection: false, // what must not be lost is retained by its own policy
  };
}
