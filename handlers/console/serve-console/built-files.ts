import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';

/** One encoding of a file: how many bytes it takes, and by which its entity tag differs. */
export type Coding = 'br' | 'gzip' | 'identity';

/** A file of the console's build. */
export interface BuiltFile {
  readonly contentType: string;
  /** Of the uncompressed bytes, in hexadecimal. */
  readonly digest: string;
  /** Whether the name has a digest of the content in it, so that a name never means other bytes. */
  readonly immutable: boolean;
  readonly bodies: Readonly<Partial<Record<Coding, Buffer>>> & { readonly identity: Buffer };
}

/** By path below the root, without a slash at its beginning. There is nothing else to be served. */
export type BuiltFiles = ReadonlyMap<string, BuiltFile>;

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

const compressed: Readonly<Record<string, Coding>> = { '.br': 'br', '.gz': 'gzip' };
const hashed = /^assets\/.+-[A-Z0-9]{8,}\.\w+$/;

/**
 * Reads what the build has left in a directory, once and whole: some hundred kilobytes. `app.js.br` and `app.js.gz` are `app.js` in that
 * encoding.
 * @throws {Error} that names a file of a type without a media type, one that is only there compressed, or the missing `index.html`
 */
export function readBuiltFiles(directory: string): BuiltFiles {
  const bytes = new Map(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(directory.length + 1).replaceAll(sep, '/'), readFileSync(path)] as const),
  );
  const files = new Map<string, BuiltFile>();
  for (const [name, identity] of bytes) {
    if (compressed[extname(name)] !== undefined) {
      if (!bytes.has(withoutExtension(name))) throw new Error(`${name} is in ${directory} only compressed.`);
      continue;
    }
    const contentType = contentTypes[extname(name)];
    if (contentType === undefined)
      throw new Error(`The console has no media type for ${name} in ${directory}.`);
    const others = Object.entries(compressed).flatMap(([extension, coding]) => {
      const body = bytes.get(name + extension);
      return body === undefined ? [] : [[coding, body] as const];
    });
    files.set(name, {
      contentType,
      digest: digestOf(identity),
      immutable: hashed.test(name),
      bodies: { identity, ...Object.fromEntries(others) },
    });
  }
  if (!files.has('index.html')) throw new Error(`The console's index.html is not in ${directory}.`);
  return files;
}

/** A text that is made at run time, as a file beside the others. */
export function madeFile(text: string): BuiltFile {
  const identity = Buffer.from(text);
  return {
    contentType: 'application/json',
    digest: digestOf(identity),
    immutable: false,
    bodies: { identity },
  };
}

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex').slice(0, 32);
const withoutExtension = (name: string): string => name.slice(0, name.length - extname(name).length);
