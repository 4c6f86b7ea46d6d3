import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { formatBytes } from '../../cli/format.ts';
import { UsageError } from '../../cli/usage-error.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { landingKey, originOf } from '../../core/lines/segment-origin.ts';

/** A file of this machine, and where it goes. */
export interface LandingFile {
  readonly path: string;
  /** In the raw bucket. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  readonly contentType: string;
}

/** What files are called whose lines can be read, by what they hold. */
const contentTypes: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  jsonl: 'application/x-ndjson',
  json: 'application/json',
};
const known = Object.keys(contentTypes)
  .map((name) => `.${name}`)
  .join(', ');

/** What an upload of unknown length may come to: 10,000 parts of 8 MiB. */
const maxBytes = 10_000 * 8 * 1024 * 1024;
const maxKeyBytes = 1_024;

/**
 * Where files land, once all of them may: nothing is uploaded of a call that names one which can't be taken.
 * @throws {UsageError} with a line for each file that is missing, empty, of an unknown kind, or not for this dataset
 */
export function landingFiles(
  paths: readonly string[],
  { dataset, sensorId }: { dataset: Dataset; sensorId: string | undefined },
): LandingFile[] {
  const files: LandingFile[] = [];
  const faults: string[] = [];
  const takenBy = new Map<string, string>();
  for (const path of paths) {
    const key = landingKey({ dataset, sensorId, file: basename(path) });
    const { fault, table } = originOf({ key }, [dataset]);
    const named = contentTypes[/\.([a-z]+)(?:\.gz)?$/i.exec(key)?.[1]?.toLowerCase() ?? ''];
    const contentType = named ?? (table && 'text/plain');
    const size = sizeOf(path);
    const other = takenBy.get(key);
    if (typeof size === 'string') faults.push(`${path}: ${size}`);
    else if (contentType === undefined) faults.push(`${path}: ${acceptedNames(dataset)}`);
    else if (fault !== undefined) faults.push(`${path}: ${fault.detail}`);
    else if (other !== undefined)
      faults.push(`${path}: ${other} has the same name, and the later one would replace it: upload it alone`);
    else if (Buffer.byteLength(key) > maxKeyBytes)
      faults.push(`${path}: its key would be longer than the ${maxKeyBytes} bytes that S3 takes: rename it`);
    else files.push({ path, key, size, contentType: key.endsWith('.gz') ? 'application/gzip' : contentType });
    takenBy.set(key, path);
  }
  if (faults.length > 0) throw new UsageError(`Nothing was uploaded.\n${faults.join('\n')}`);
  return files;
}

function acceptedNames({ name, formats = [] }: Dataset): string {
  const patterns = formats.flatMap(({ match }) => match);
  const more = patterns.length === 0 ? '' : `, or as a format of ${name} has it (${patterns.join(', ')})`;
  return `files are taken whose names end in ${known}${more}, each also with .gz`;
}

/** Bytes, or what is wrong with the file. */
function sizeOf(path: string): number | string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'there is no such file';
  if (!stats.isFile()) return 'it is no file; name the files in it, such as folder/*.csv';
  if (stats.size === 0) return 'it is empty';
  return stats.size > maxBytes ? `it is larger than ${formatBytes(maxBytes)}: split it` : stats.size;
}
