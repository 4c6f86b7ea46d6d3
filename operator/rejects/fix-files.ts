import { existsSync, writeFileSync } from 'node:fs';
import { UsageError } from '../../cli/usage-error.ts';
import { bytesOfFixable, type FixableFile } from '../../handlers/operations/rejects/fixable-lines.ts';

/** A file that was written to be fixed. */
export interface WrittenFile {
  readonly path: string;
  readonly folder: string;
  readonly lines: number;
}

/**
 * Writes the files to be fixed and beside them the reasons, as `file:line`, which editors jump to. Nothing is overwritten:
 * somebody may have fixed half of it.
 * @throws {UsageError} when a file is there already
 */
export function writeFixable(
  out: string,
  files: readonly FixableFile[],
): { written: WrittenFile[]; reasons: string } {
  const base = out.replace(/\.(ndjson|json|csv|txt)$/, '');
  const counts = { ndjson: 0, csv: 0 };
  const named = files.map((file) => {
    const number = ++counts[file.format];
    return { file, path: `${base}${number === 1 ? '' : `-${number}`}.${file.format}` };
  });
  const reasons = `${base}.reasons.txt`;
  for (const path of [...named.map((each) => each.path), reasons]) {
    if (existsSync(path))
      throw new UsageError(`${path} exists already: move it away, or choose another --out.`);
  }
  const why: string[] = [];
  const written = named.map(({ file, path }) => {
    const { header, lines, folder } = file;
    writeFileSync(path, bytesOfFixable(file));
    const offset = header === undefined ? 1 : 2;
    lines.forEach(({ of }, index) => {
      why.push(`${path}:${index + offset}: ${of.reason}: ${of.detail} (${of.key} line ${of.line})`);
    });
    return { path, folder, lines: lines.length };
  });
  writeFileSync(reasons, `${why.join('\n')}\n`);
  return { written, reasons };
}
