import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { datasetsIndex } from '../../../infra/bundle/datasets-index.ts';

/** A bug, put into a function in place of one of its modules. None of them shows without faults. */
export interface PlantedBug {
  /** The folder under `handlers/`. */
  handler: string;
  /** The module that is replaced, from the root. */
  module: string;
  /** The module with the bug, beside this file. */
  replacement: string;
}

export const plantedBugs = {
  'a retry is counted twice': {
    handler: 'ingest/validate-segment',
    module: 'adapters/dynamodb/items.ts',
    replacement: 'adding-ledger.ts',
  },
  'parts are merged by nobody': {
    handler: 'ingest/merge-partition',
    module: 'adapters/dynamodb/jobs-table/inbox.ts',
    replacement: 'hasty-inbox.ts',
  },
  'a month update is lost': {
    handler: 'ingest/merge-partition',
    module: 'handlers/ingest/merge-partition/merge-parts.ts',
    replacement: 'forgetful-months.ts',
  },
  'what a crash left behind a file is lost': {
    handler: 'ingest/merge-partition',
    module: 'handlers/ingest/merge-partition/settle-partition.ts',
    replacement: 'trusting-partition.ts',
  },
  'an alert is lost between write and publish': {
    handler: 'ingest/finish-ingest',
    module: 'handlers/ingest/notify-alerts.ts',
    replacement: 'hasty-notifier.ts',
  },
  'projections are left behind': {
    handler: 'ingest/merge-partition',
    module: 'handlers/ingest/merge-partition/settle-days.ts',
    replacement: 'trusting-projections.ts',
  },
  'the events of a command are lost': {
    handler: 'api/command-streams',
    module: 'core/streams/relay.ts',
    replacement: 'hasty-relay.ts',
  },
} satisfies Record<string, PlantedBug>;

const root = join(import.meta.dirname, '..', '..', '..');

/** A copy of an assembly in which one function has the bug. `remove` deletes it. */
export async function assemblyWithBug(
  assembly: string,
  { handler, module, replacement }: PlantedBug,
): Promise<{ assembly: string; remove(): void }> {
  const copy = mkdtempSync(join(tmpdir(), 'caudal-planted-'));
  const asset = assetOf(assembly, handler);
  for (const name of readdirSync(assembly)) {
    if (name !== asset) symlinkSync(join(assembly, name), join(copy, name));
  }
  cpSync(join(assembly, asset), join(copy, asset), { recursive: true });
  const planted = join(import.meta.dirname, replacement);
  await build({
    absWorkingDir: root,
    entryPoints: [join('handlers', handler, 'handler.ts')],
    outfile: join(copy, asset, 'index.mjs'),
    allowOverwrite: true,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    conditions: ['module'],
    alias: { '#datasets': datasetsIndex(join(root, '.caudal')) },
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
    logLevel: 'silent',
    plugins: [
      {
        name: 'planted-bug',
        setup(bundle) {
          bundle.onResolve({ filter: /^\./ }, ({ path, resolveDir, importer }) => {
            const isPlanted = importer !== planted && join(resolveDir, path) === join(root, module);
            return isPlanted ? { path: planted } : undefined;
          });
        },
      },
    ],
  });
  return { assembly: copy, remove: () => rmSync(copy, { recursive: true, force: true }) };
}

/** The asset that holds a handler's code, found by the function that bears its name. */
function assetOf(assembly: string, handler: string): string {
  const id = basename(handler)
    .split('-')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  const templates = readdirSync(assembly).filter((file) => file.endsWith('.template.json'));
  const resources = templates.flatMap((file) => {
    const { Resources = {} } = JSON.parse(readFileSync(join(assembly, file), 'utf8')) as {
      Resources?: Record<string, { Type: string; Properties: { Code?: { S3Key?: string } } }>;
    };
    return Object.entries(Resources);
  });
  const found = resources.find(
    ([name, { Type }]) => Type === 'AWS::Lambda::Function' && name.includes(`${id.join('')}Function`),
  );
  const key = found?.[1].Properties.Code?.S3Key;
  if (key === undefined) throw new Error(`${handler} has no function in ${assembly}`);
  return `asset.${key.replace(/\.zip$/, '')}`;
}
