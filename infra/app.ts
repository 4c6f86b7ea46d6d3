import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { buildCaudal } from './caudal.ts';
import { readConfig } from './config.ts';
import { createApp, projectFiles } from './project.ts';

const app = createApp();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
buildCaudal(app, { config: readConfig((key) => app.node.tryGetContext(key)), ...projectFiles() });
