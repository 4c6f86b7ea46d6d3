import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { buildCaudal } from './caudal.ts';
import { readConfig, refuseUnknownKeys } from './config.ts';
import { deployedStages } from './pipeline/settings.ts';
import { createApp, projectFiles } from './project.ts';

const app = createApp();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
const config = readConfig((key) => app.node.tryGetContext(key));
refuseUnknownKeys(Object.keys(app.node.getAllContext()), config, deployedStages);
buildCaudal(app, { config, ...projectFiles() });
