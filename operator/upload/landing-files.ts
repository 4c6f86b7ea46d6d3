import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { formatBytes } from '../../cli/format.ts';
import { UsageError } from '../../cli/usage-error.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { type LandingPlace, landingPlace } from '../../core/lines/landing-file.ts';

/** A file of this machine, and where it goes. */
export interface LandingFile extends LandingPlace {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** What an upload of unknown length may come to: 10,000 parts of 8 MiB. */
const maxBytes = 10_000 * 8 * 1024 * 1024;

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
    const place = landingPlace({ dataset, sensorId, file: basename(path) });
    const size = sizeOf(path);
    const other = 'fault' in place ? undefined : takenBy.get(place.key);
    if (typeof size === 'string') faults.push(`${path}: ${size}`);
    else if ('fault' in place) faults.push(`${path}: ${place.fault}`);
    else if (other !== undefined)
      faults.push(`${path}: ${other} has the same name, and the later one would replace it: upload it alone`);
    else files.push({ path, size, ...place });
    if (!('fault' in place)) takenBy.set(place.key, path);
  }
  if (faults.length > 0) throw new UsageError(`Nothing was uploaded.\n${faults.join('\n')}`);
  return files;
}

/** Bytes, or what is wrong with the file. */
function sizeOf(path: string): number | string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'there is no such file';
  if (!stats.isFile()) return 'it is no file; name the files in it, such as folder/*.csv';
  if (stats.size === 0) return 'it is empty';
  return stats.size > maxBytes ? `it is larger than ${formatBytes(maxBytes)}: split it` : stats.size;
}
