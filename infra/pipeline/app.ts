import { readConfig, refuseUnknownKeys } from '../config.ts';
import { createApp, projectFiles } from '../project.ts';
import { PipelineStack } from './pipeline-stack.ts';
import { contextOfStage, deployedStages, readPipelineSettings } from './settings.ts';

const app = createApp();
const context = (key: string): unknown => app.node.tryGetContext(key);
refuseUnknownKeys(Object.keys(app.node.getAllContext()), readConfig(context), deployedStages);
new PipelineStack(app, 'CaudalPipeline', {
  description: 'Caudal: pipeline to sandbox, pre-production and production',
  settings: readPipelineSettings(context),
  config: (stage) => readConfig(contextOfStage(context, stage)),
  files: projectFiles(),
});
