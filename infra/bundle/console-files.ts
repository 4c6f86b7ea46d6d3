import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { buildConsole } from '../../console/build.ts';
import type { BundleFile } from './sharp-files.ts';

/** Types whose bytes are compressed already, or that are hardly read. */
const kept: ReadonlySet<string> = new Set(['.ico', '.png', '.webp', '.woff2']);

/**
 * The built console as its function carries it, below `console/`: each file, and beside a file that shrinks `.br` and `.gz` of it. They are
 * compressed here, once, as small as they get.
 * @param build where the build is made, and taken away again
 */
export function consoleFiles(build: string): BundleFile[] {
  mkdirSync(build, { recursive: true });
  const directory = mkdtempSync(join(build, 'console-'));
  try {
    return buildConsole(directory).files.flatMap((file) => {
      const contents = readFileSync(join(directory, file));
      const name = `console/${file}`;
      const plain = { name, contents };
      if (kept.has(extname(file))) return [plain];
      const parameters = { [constants.BROTLI_PARAM_SIZE_HINT]: contents.length };
      const smaller = [
        { name: `${name}.br`, contents: brotliCompressSync(contents, { params: parameters }) },
        { name: `${name}.gz`, contents: gzipSync(contents, { level: 9 }) },
      ].filter((compressed) => compressed.contents.length < contents.length);
      return [plain, ...smaller];
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
