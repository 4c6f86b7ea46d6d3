import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundleHandler } from './bundle/bundle.ts';
import { writeDatasetsIndex } from './bundle/datasets-index.ts';
import { buildCaudal } from './caudal.ts';
import { readConfig } from './config.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Where bundles are made: of a local cloud, its directory. */
const build = process.env.CAUDAL_BUILD ?? join(root, '.caudal');
const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as {
  context: Record<string, unknown>;
};

// The context of cdk.json, and what the CLI would add to it, are given here too, so that `node infra/app.ts` alone makes the
// templates that `cdk synth` makes. What the CLI passes (`-c name=value`) comes on top of it.
const app = new App({
  context: { 'aws:cdk:enable-path-metadata': true, 'aws:cdk:enable-asset-metadata': true, ...context },
  analyticsReporting: false,
});
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
writeDatasetsIndex(root, build);
buildCaudal(app, {
  config: readConfig((key) => app.node.tryGetContext(key)),
  definitions: join(root, 'state-machines'),
  code: (handler) => bundleHandler({ root, handler, build }),
});
