import type { Segment } from '../../ports/keys.ts';
import type { VersionLister } from '../../ports/objects.ts';

/** One version of a raw object, as the listing has it. */
export interface RawObject extends Segment {
  /** Bytes as they are stored, compressed or not. */
  readonly size: number;
  readonly lastModifiedMs: number;
  readonly isCurrent: boolean;
}

/** Where raw objects are: Firehose's and people's. */
const rawPrefixes = ['raw/', 'landing/'];

/** Every version of every raw object, a page of at most 1,000 in memory; those of deleted objects are left out. */
export async function* listRawObjects(
  lister: VersionLister,
  bucket: string,
  ...prefixes: readonly string[]
): AsyncGenerator<RawObject> {
  for (const prefix of prefixes.length > 0 ? prefixes : rawPrefixes) {
    for await (const version of lister.list({ bucket, prefix })) {
      if (!version.key.endsWith('/')) yield { bucket, ...version }; // a slash: a console's folder
    }
  }
}

/** The versions of files that people uploaded and deleted since, which the bucket still keeps. `prefix`: of the keys. */
export async function* listDeletedFiles(
  lister: VersionLister,
  bucket: string,
  prefix = 'landing/',
): AsyncGenerator<RawObject> {
  const current = new Set<string>();
  for await (const version of lister.list({ bucket, prefix, deleted: true })) {
    // Versions of a key come from new to old.
    if (version.isCurrent) current.add(version.key);
    else if (!current.has(version.key) && !version.key.endsWith('/')) yield { bucket, ...version };
  }
}

/** Every version of one key from new to old; of a deleted one those that the bucket still keeps. */
export async function* versionsOf(
  lister: VersionLister,
  bucket: string,
  key: string,
): AsyncGenerator<RawObject> {
  let found = false;
  for await (const object of listRawObjects(lister, bucket, key)) {
    if (object.key !== key) continue;
    found = true;
    yield object;
  }
  if (found) return;
  for await (const object of listDeletedFiles(lister, bucket, key)) if (object.key === key) yield object;
}

/** The version that a key gives; `undefined` when there is none, or it is deleted. */
export async function newestVersion(
  lister: VersionLister,
  bucket: string,
  key: string,
): Promise<string | undefined> {
  // The key itself comes before all others that begin with it, and its versions from new to old.
  for await (const version of lister.list({ bucket, prefix: key }))
    return version.key === key && version.isCurrent ? version.versionId : undefined;
  return undefined;
}

/** UTC day on which a raw object arrived: of `raw/` the one in its key, of `landing/` the one when it was uploaded. */
export function arrivedOn({ key, lastModifiedMs }: { key: string; lastModifiedMs: number }): string {
  const hour = /^raw\/(\d{4})\/(\d\d)\/(\d\d)\/\d\d\//.exec(key);
  return hour === null
    ? new Date(lastModifiedMs).toISOString().slice(0, 10)
    : `${hour[1]}-${hour[2]}-${hour[3]}`;
}
