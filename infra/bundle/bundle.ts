import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AssetHashType } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { consoleFiles } from './console-files.ts';
import { datasetsIndex } from './datasets-index.ts';
import { type BundleFile, sharpFiles } from './sharp-files.ts';

/** A folder under `handlers/` of the repository at `root`. */
export interface HandlerSource {
  readonly root: string;
  readonly handler: string;
  /** Where bundles are made, and the index of the datasets is; default `.caudal` of the root. */
  readonly build?: string;
}

/** Every folder under `handlers/` that is a function: `ingest/plan-ingest`, sorted. */
export function handlerFolders(root: string): string[] {
  return readdirSync(join(root, 'handlers'), { recursive: true, encoding: 'utf8' })
    .filter((file) => basename(file) === 'handler.ts')
    .map(dirname)
    .sort();
}

/**
 * Sources of credentials that the SDK imports only when the environment has none. A function always has them there, so
 * these never load; they would be a quarter of a bundle.
 */
const unusedCredentials = ['ini', 'process', 'sso', 'web-identity'].map(
  (source) => `@aws-sdk/credential-provider-${source}`,
);

/** Handlers that process images: `sharp` finds its library by a path, so it can't be in the bundle and lies beside it. */
const withSharp: ReadonlySet<string> = new Set(['toons/process-toon']);

/** The handler that serves the console, whose files lie beside it. */
const withConsole: ReadonlySet<string> = new Set(['console/serve-console']);

/**
 * Bundles `handlers/<handler>/handler.ts` with all it imports, the SDK included, into a directory that a Lambda function
 * runs as it is: `index.mjs`, its source map, and `sharp` or the console's files where they are needed. The directory's name carries the hash of its
 * content, so that bundles that are made at the same time by several processes can't disturb each other, and unchanged
 * code is not deployed again.
 *
 * @throws esbuild's own error, with file and line, when the handler does not bundle
 */
export function bundleHandler(source: HandlerSource): Code {
  const { directory, hash } = bundleDirectory(source);
  return Code.fromAsset(directory, { assetHash: hash, assetHashType: AssetHashType.CUSTOM });
}

/** The directory that `bundleHandler` deploys. */
export function bundleDirectory({ root, handler, build = join(root, '.caudal') }: HandlerSource): {
  directory: string;
  hash: string;
} {
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: [join('handlers', handler, 'handler.ts')],
    outfile: join(root, '.caudal', 'bundles', 'index.mjs'),
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    sourcemap: true,
    sourcesContent: false, // the map names files and lines; the sources need not be deployed for that
    mainFields: ['module', 'main'], // the ESM builds: they shake, and so start faster
    // Without `module` the SDK's shared parts come as CommonJS, which does not shake.
    conditions: ['module'],
    // The generated module, not the one that reads a directory.
    alias: { '#datasets': datasetsIndex(build) },
    // Some CommonJS dependencies call `require` for Node's own modules, which an ES module does not have.
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
    external: [...unusedCredentials, ...(withSharp.has(handler) ? ['sharp'] : [])],
    logLevel: 'silent', // errors are thrown
  });
  const files: BundleFile[] = outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }));
  if (withSharp.has(handler)) files.push(...sharpFiles(root));
  if (withConsole.has(handler)) files.push(...consoleFiles(build));
  const digest = createHash('sha256');
  for (const { name, contents } of files) digest.update(name).update(contents);
  const hash = digest.digest('hex');

  const bundles = join(build, 'bundles');
  const directory = join(bundles, `${basename(handler)}-${hash.slice(0, 16)}`);
  if (existsSync(directory)) return { directory, hash };
  mkdirSync(bundles, { recursive: true });
  const unfinished = mkdtempSync(join(bundles, 'unfinished-'));
  for (const { name, contents } of files) {
    mkdirSync(dirname(join(unfinished, name)), { recursive: true });
    writeFileSync(join(unfinished, name), contents);
  }
  try {
    renameSync(unfinished, directory);
  } catch (error) {
    // Another process made the same bundle first.
    if (!existsSync(directory)) throw error;
    rmSync(unfinished, { recursive: true });
  }
  return { directory, hash };
}
