import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stage, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { datasets, reports } from '#datasets';
import { lakeViews } from '../../../core/lake/lake-views.ts';
import { buildCaudal } from '../../../infra/caudal.ts';
import { readConfig } from '../../../infra/config.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/** The context of cdk.json: the feature flags and the configuration that is shipped. */
export const shippedContext = (
  JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> }
).context;

export interface Synthesized {
  /** Where `caudal:network` is not `none`, and `caudal:vpc` is empty. */
  readonly network?: Template;
  readonly data: Template;
  readonly ingest: Template;
  readonly jobs: Template;
  readonly api: Template;
  /** Where `caudal:devices` is true, or another source is chosen. */
  readonly sources?: Template;
  /** Where `caudal:monthlyReports` names datasets. */
  readonly reports?: Template;
  /** Where `caudal:console` is true. */
  readonly console?: Template;
}

/** The app, wired as `cdk synth` wires it, with the checks of cdk-nag. With a Region, as a stage of a pipeline that names it. */
function wired(overrides: Record<string, unknown>, region?: string) {
  const app = new App({ context: { ...shippedContext, ...overrides }, analyticsReporting: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const env = { account: '123456789012', region: region ?? '' };
  const stacks = buildCaudal(region === undefined ? app : new Stage(app, 'Stage', { env }), {
    config: readConfig((key) => app.node.tryGetContext(key)),
    definitions: join(root, 'state-machines'),
    views: lakeViews(datasets),
    reports,
    code: (handler) => Code.fromInline(`// handlers/${handler}`),
  });
  if (region?.startsWith('cn-'))
    Validations.of(stacks.api).acknowledge({
      id: 'CloudFormation-Validate::F3006',
      reason: 'Cognito has no user pools in China, so that this stack can not be deployed there.',
    });
  return { app, stacks, directory: app.synth().directory };
}

/**
 * The templates of the whole app; it throws where `cdk synth` would fail. The functions' code is a line of text that names
 * the handler, because what is in a bundle has tests of its own and takes seconds to make. Where no Region is given, they are for any.
 */
export function synthesize(overrides: Record<string, unknown> = {}, region?: string): Synthesized {
  const {
    network,
    data,
    ingest,
    jobs,
    api,
    sources,
    reports: monthly,
    console,
  } = wired(overrides, region).stacks;
  return {
    ...(network === undefined ? {} : { network: Template.fromStack(network) }),
    data: Template.fromStack(data),
    ingest: Template.fromStack(ingest),
    jobs: Template.fromStack(jobs),
    api: Template.fromStack(api),
    ...(sources === undefined ? {} : { sources: Template.fromStack(sources) }),
    ...(monthly === undefined ? {} : { reports: Template.fromStack(monthly) }),
    ...(console === undefined ? {} : { console: Template.fromStack(console) }),
  };
}

/** Where the assembly was written, and every construct of the app. */
export function synthesizedAssembly(overrides: Record<string, unknown> = {}): {
  directory: string;
  constructs: IConstruct[];
} {
  const { app, directory } = wired(overrides);
  return { directory, constructs: app.node.findAll() };
}
