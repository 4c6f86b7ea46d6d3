import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { text } from './options.ts';
import { UsageError } from './usage-error.ts';

/** A file to be read on this machine. */
export interface InputFile {
  /** As it was typed; `standard input` for `-`. */
  readonly shown: string;
  /** Its last part; `undefined` for standard input, which has none. */
  readonly name: string | undefined;
  /** Its bytes, once. */
  open(): AsyncIterable<Uint8Array>;
}

/** The positional argument for one. */
export const inputFile = text({
  help: 'a path, a file:// URL, or - for standard input; also compressed (.gz)',
  valueName: 'FILE',
  required: true,
});

/** @throws {UsageError} for a file that is not there, is none, or is elsewhere */
export function inputFileOf(typed: string): InputFile {
  if (typed === '-') return { shown: 'standard input', name: undefined, open: () => process.stdin };
  const path = pathOf(typed);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new UsageError(`${typed}: there is no such file.`);
  if (stats.isDirectory()) throw new UsageError(`${typed} is a folder: name one file in it.`);
  return { shown: typed, name: basename(path), open: () => createReadStream(path) };
}

function pathOf(typed: string): string {
  const scheme = /^([a-z][a-z0-9+]+):\/\//i.exec(typed)?.[1]?.toLowerCase();
  if (scheme === undefined) return typed;
  if (scheme !== 'file')
    throw new UsageError(
      `${typed} is not a file of this machine: fetch it first, or pipe it in, as with curl … | … -`,
    );
  try {
    return fileURLToPath(typed);
  } catch (fault) {
    throw new UsageError(`${typed} is no file URL of this machine: ${(fault as Error).message}.`);
  }
}
