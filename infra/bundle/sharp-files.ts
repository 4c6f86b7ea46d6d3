import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';

/** A file of a bundle, its name relative to the bundle's directory. */
export interface BundleFile {
  readonly name: string;
  readonly contents: Uint8Array;
}

/**
 * `sharp` as a bundle carries it: its JavaScript, and its WebAssembly build in the place where sharp looks before it looks
 * for a native package. So the function runs the same code on every machine and processor, also where a native package
 * lies further up the directory tree. See docs/adr/toon-images.md.
 *
 * @throws Error when the two packages are not of one version
 */
export function sharpFiles(root: string): BundleFile[] {
  const modules = join(root, 'node_modules');
  const read = (...path: string[]) => readFileSync(join(modules, ...path));
  const versionOf = (name: string): string => JSON.parse(read(name, 'package.json').toString()).version;
  const version = versionOf('sharp');
  const binary = versionOf('@img/sharp-wasm32');
  if (version !== binary)
    throw new Error(`sharp is ${version}, @img/sharp-wasm32 is ${binary}; both must be the same`);

  const library = `sharp-wasm32-${version}.node`;
  const place = 'node_modules/sharp/src/build/Release';
  const description = { name: 'sharp', version, license: 'Apache-2.0', exports: './dist/index.mjs' };
  return [
    { name: 'node_modules/sharp/package.json', contents: Buffer.from(JSON.stringify(description)) },
    { name: 'node_modules/sharp/LICENSE', contents: read('sharp', 'LICENSE') },
    {
      name: 'node_modules/sharp/dist/index.mjs',
      contents: bundle(join(modules, 'sharp', 'dist', 'index.mjs'), {
        format: 'esm',
        minify: true,
        // Its CommonJS dependencies call `require` for Node's own modules, which an ES module does not have.
        banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
      }),
    },
    {
      // Not minified: its threads are started from its own source.
      name: `${place}/${library}.js`,
      contents: bundle(join(modules, '@img', 'sharp-wasm32', 'lib', `${library}.js`), { format: 'cjs' }),
    },
    { name: `${place}/${library}.wasm`, contents: read('@img', 'sharp-wasm32', 'lib', `${library}.wasm`) },
    { name: `${place}/LICENSE`, contents: read('@img', 'sharp-wasm32', 'LICENSE') },
  ];
}

function bundle(entryPoint: string, options: BuildOptions): Uint8Array {
  const { outputFiles } = buildSync({
    entryPoints: [entryPoint],
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    logLevel: 'silent', // errors are thrown
    ...options,
  });
  const [file] = outputFiles ?? [];
  if (file === undefined) throw new Error(`esbuild made nothing of ${entryPoint}`);
  return file.contents;
}
