import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { readConfig } from '../../../infra/config.ts';
import { GitHubStack } from '../../../infra/pipeline/github-stack.ts';
import { PipelineStack } from '../../../infra/pipeline/pipeline-stack.ts';
import {
  contextOfStage,
  readGitHubSettings,
  readPipelineSettings,
} from '../../../infra/pipeline/settings.ts';
import { shippedContext } from './synthesized.ts';

const definitions = join(import.meta.dirname, '..', '..', '..', 'state-machines');

/** Every construct of both ways to deploy: the pipeline with its stages, and the roles for GitHub Actions. */
export function pipelineConstructs(): IConstruct[] {
  const context: Record<string, unknown> = {
    ...shippedContext,
    'caudal:alertEmail': 'ops@example.com',
    'pipeline:repository': 'acme/caudal',
    'pipeline:connection':
      'arn:aws:codeconnections:eu-south-2:123456789012:connection/0d5e0c8b-6b5e-4a6e-9b0e-2f5d5b1c7a11',
  };
  const app = new App({ context, analyticsReporting: false });
  const contextOf = (key: string): unknown => context[key];
  new PipelineStack(app, 'CaudalPipeline', {
    settings: readPipelineSettings(contextOf),
    config: (stage) => readConfig(contextOfStage(contextOf, stage)),
    files: { definitions, views: [], reports: {}, code: () => Code.fromAsset(definitions) }, // any folder: what is in it has tests of its own
  });
  new GitHubStack(app, 'CaudalGitHub', readGitHubSettings(contextOf));
  app.synth();
  return app.node.findAll();
}
