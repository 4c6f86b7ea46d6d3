import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../../cli/usage-error.ts';

/** Formats by the ends of files' names. */
const endings: Readonly<Record<string, 'csv' | 'json' | 'parquet'>> = {
  csv: 'csv',
  json: 'json',
  ndjson: 'json',
  parquet: 'parquet',
};

/**
 * In which of the formats a file is written: by its name, where nobody has said it. No other name is taken for one of them: a table in a file that is called `.xlsx`
 * would be found out by who opens it.
 * @throws {UsageError}
 */
export function formatOfFile<Format extends string>(
  path: string,
  { given, formats }: { readonly given: Format | undefined; readonly formats: readonly Format[] },
): Format {
  if (given !== undefined) return given;
  const byName = endings[/\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''];
  const format = formats.find((each) => each === byName);
  if (format !== undefined) return format;
  const ends = Object.keys(endings).filter((ending) => formats.some((each) => each === endings[ending]));
  throw new UsageError(
    `--out ${path}: the name does not say which format. It ends in .${ends.join(', .')}, or --format says it.`,
  );
}

/**
 * Refuses a file that can't be a new one, before anything is read for it.
 * @throws {UsageError}
 */
export function checkNewFile(path: string): void {
  if (existsSync(path))
    throw new UsageError(`${path} exists already: move it away, or choose another --out.`);
  const folder = statSync(dirname(path), { throwIfNoEntry: false });
  if (!folder?.isDirectory()) throw new UsageError(`--out ${path}: there is no folder ${dirname(path)}.`);
}
