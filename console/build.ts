import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync, type Metafile } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const entry = 'console/main.tsx';

/** What others wrote of what is served: their licences ask for the notice. */
const packages = ['preact', 'uplot', 'oauth4webapi', 'world-atlas'];

/** What a build wrote, by paths below its directory: `index.html`, `assets/main-3F2A….js`. */
export interface ConsoleBuild {
  readonly files: readonly string[];
  /** What a browser fetches before it shows the first view: scripts and styles, without chunks of views. */
  readonly first: readonly string[];
  /** Of which sources each file is made: esbuild's, whose paths are below the root of the repository. */
  readonly metafile: Metafile;
}

/**
 * Builds the console into `outDir`, which is emptied first: `index.html`, and `assets/<name>-<HASH>.<extension>`, which never change
 * and so may be cached for ever. There is no `config.json`: who serves the files answers that. It builds at once, so that a
 * construct of the templates can call it; it may be awaited all the same.
 *
 * @throws esbuild's own error, with file and line, when a source does not bundle
 */
export function buildConsole(outDir: string): ConsoleBuild {
  rmSync(outDir, { recursive: true, force: true });
  const { metafile, outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: join(outDir, 'assets'),
    write: false,
    bundle: true,
    splitting: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2023',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    metafile: true,
    legalComments: 'none', // they are in licences.txt
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    tsconfigRaw: {}, // the page does not depend on how the rest is checked
    logLevel: 'silent', // errors are thrown
  });
  const nameOf = (path: string): string => join('assets', path.slice(path.lastIndexOf('/') + 1));
  const written = new Map<string, Uint8Array | string>();
  for (const { path, contents } of outputFiles) written.set(nameOf(path), contents);
  const first = firstLoad(metafile).map(nameOf);
  written.set('index.html', page(first));
  written.set('licences.txt', licences());
  for (const [file, contents] of written) {
    mkdirSync(dirname(join(outDir, file)), { recursive: true });
    writeFileSync(join(outDir, file), contents);
  }
  return { files: [...written.keys()].sort(), first, metafile };
}

/** The entry's script, what it imports at once, and its styles. */
function firstLoad({ outputs }: Metafile): string[] {
  const main = Object.keys(outputs).find(
    (path) => outputs[path]?.entryPoint === entry && path.endsWith('.js'),
  );
  if (main === undefined) throw new Error(`esbuild made nothing of ${entry}`);
  const found = new Set([main]);
  for (const path of found) {
    for (const { path: imported, kind } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement') found.add(imported);
  }
  const styles = outputs[main]?.cssBundle;
  return styles === undefined ? [...found] : [...found, styles];
}

function page(first: readonly string[]): string {
  const tags = first.map((file, index) => {
    if (file.endsWith('.css')) return `<link rel="stylesheet" href="/${file}" />`;
    return index === 0
      ? `<script type="module" src="/${file}"></script>`
      : `<link rel="modulepreload" href="/${file}" />`;
  });
  return readFileSync(join(root, 'console', 'index.html'), 'utf8').replace(
    '<!-- assets -->',
    tags.join('\n    '),
  );
}

function licences(): string {
  return packages
    .map((name) => `${name}\n\n${readFileSync(join(root, 'node_modules', name, licenceOf(name)), 'utf8')}`)
    .join('\n\n');
}

function licenceOf(name: string): string {
  return name === 'oauth4webapi' ? 'LICENSE.md' : 'LICENSE';
}
