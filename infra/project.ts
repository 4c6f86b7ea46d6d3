import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { datasets, reports } from '#datasets';
import { lakeViews } from '../core/lake/lake-views.ts';
import { bundleHandler } from './bundle/bundle.ts';
import { writeDatasetsIndex } from './bundle/datasets-index.ts';
import type { CaudalProps } from './caudal.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Where bundles are made: of a local cloud, its directory. */
const build = process.env.CAUDAL_BUILD ?? join(root, '.caudal');

/**
 * An app with the context of cdk.json, and with what the CLI would add to it, so that `node infra/app.ts` alone makes the templates that
 * `cdk synth` makes. What the CLI passes (`-c name=value`) comes on top of it.
 */
export function createApp(): App {
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as {
    context: Record<string, unknown>;
  };
  return new App({
    context: { 'aws:cdk:enable-path-metadata': true, 'aws:cdk:enable-asset-metadata': true, ...context },
    analyticsReporting: false,
  });
}

/** The files that an installation is made of; each function is bundled as it is asked for. */
export function projectFiles(): Pick<CaudalProps, 'definitions' | 'code' | 'views' | 'reports'> {
  writeDatasetsIndex(root, build);
  return {
    definitions: join(root, 'state-machines'),
    views: lakeViews(datasets),
    reports,
    code: (handler) => bundleHandler({ root, handler, build }),
  };
}
