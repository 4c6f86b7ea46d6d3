import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AwsError } from '../../engine/calls.ts';
import { Journal } from '../../engine/journal.ts';
import type { CorsRule } from './cors.ts';
import { SortedKeys } from './keys.ts';
import type { Upload } from './upload.ts';

/** One version of an object, or a delete marker (no `file`). */
export interface ObjectVersion {
  key: string;
  /** `null` in a bucket without versioning, as S3 has it. */
  versionId: string;
  /** Grows by one with each write in the bucket. */
  sequence: number;
  modifiedMs: number;
  size: number;
  /** Without quotes. */
  etag: string;
  file?: string;
  /** Content-type and the like, names in lower case. */
  headers: Record<string, string>;
  metadata: Record<string, string>;
  checksums: Upload['checksums'];
  /** Why it was created, when its event is yet to be published. */
  event?: string;
}

export interface LifecycleRule {
  id?: string;
  prefix?: string;
  expirationDays?: number;
  noncurrentExpirationDays?: number;
  abortMultipartDays?: number;
}

export interface BucketSettings {
  name: string;
  versioned?: boolean;
  /** Publish "Object Created" events. */
  eventBridge?: boolean;
  lifecycle?: LifecycleRule[];
  /** Which pages may use presigned URLs of it, and how. Default: none. */
  cors?: CorsRule[];
}

export interface Condition {
  /** ETag that the current version must have. */
  ifMatch?: string;
  /** Only `*`: there must be no current version. */
  ifNoneMatch?: string;
}

export type NewVersion = Omit<ObjectVersion, 'versionId' | 'sequence' | 'modifiedMs' | 'event'> & {
  event: string;
};

type Entry = { put: ObjectVersion } | { drop: [key: string, versionId: string] } | { sent: number };

/**
 * The versions of a bucket's objects: an index in memory, journaled in `index.jsonl`; bytes under `objects/` in files
 * of random names, so a key never becomes a path. The journal's line is the moment of commit: what it does not name
 * is removed at the next start.
 */
export class Bucket {
  readonly name: string;
  readonly createdMs: number;
  settings: BucketSettings;
  readonly folder: string;
  readonly #settingsPath: string;
  readonly #journal: Journal<Entry>;
  /** Newest first; a key with no versions is absent. */
  readonly #versions = new Map<string, ObjectVersion[]>();
  readonly #keys = new SortedKeys();
  /** By sequence: versions whose event is not published. */
  readonly #unsent = new Map<number, ObjectVersion>();
  #sequence = 0;
  #count = 0;

  constructor(directory: string, settings: BucketSettings) {
    this.name = settings.name;
    this.settings = settings;
    this.folder = join(directory, settings.name, 'objects');
    mkdirSync(this.folder, { recursive: true });
    this.#settingsPath = join(directory, settings.name, 'settings.json');
    this.createdMs = statSync(this.folder).birthtimeMs;
    this.#journal = new Journal(join(directory, settings.name, 'index.jsonl'));
    for (const entry of this.#journal.load()) this.#apply(entry);
    this.#removeOrphans();
    this.#journal.compact(this.#count, () => this.#entries());
  }

  configure(settings: BucketSettings): void {
    this.settings = settings;
    writeFileSync(`${this.#settingsPath}.draft`, JSON.stringify(settings));
    renameSync(`${this.#settingsPath}.draft`, this.#settingsPath);
  }

  /** Newest first, delete markers included. */
  versions(key: string): readonly ObjectVersion[] {
    return this.#versions.get(key) ?? [];
  }

  /** The current version, unless it is a delete marker. */
  current(key: string): ObjectVersion | undefined {
    const newest = this.#versions.get(key)?.[0];
    return newest?.file === undefined ? undefined : newest;
  }

  get keys(): SortedKeys {
    return this.#keys;
  }

  /** Throws PreconditionFailed (412), or NoSuchKey (404) when `ifMatch` finds nothing. */
  check(key: string, { ifMatch, ifNoneMatch }: Condition): void {
    const current = this.current(key);
    if (ifNoneMatch !== undefined && current !== undefined) throw preconditionFailed('If-None-Match');
    if (ifMatch === undefined) return;
    if (current === undefined) throw noSuchKey(key);
    if (!sameEtag(ifMatch, current.etag)) throw preconditionFailed('If-Match');
  }

  /**
   * Makes an uploaded file the current version. The condition is checked again in the same turn: one that held when
   * the request began and does not now lost against a concurrent write, ConditionalRequestConflict (409) as S3 says.
   */
  commit(version: NewVersion, condition: Condition): ObjectVersion {
    try {
      this.check(version.key, condition);
    } catch (error) {
      if (!(error instanceof AwsError) || error.status === 404) throw error;
      throw new AwsError(
        'ConditionalRequestConflict',
        'The conditional request cannot succeed due to a conflicting operation against this resource.',
        { status: 409, fields: error.fields },
      );
    }
    const { event, ...rest } = version;
    const put: ObjectVersion = {
      ...rest,
      versionId: this.settings.versioned ? randomBytes(24).toString('base64url') : 'null',
      sequence: this.#sequence + 1,
      modifiedMs: Date.now(),
      ...(this.settings.eventBridge ? { event } : {}),
    };
    const replaced = this.settings.versioned ? undefined : this.versions(put.key)[0];
    this.#append({ put });
    if (replaced?.file !== undefined) this.#unlink(replaced.file);
    return put;
  }

  /** Removes the object, or in a versioned bucket puts a delete marker, which is returned. */
  remove(key: string): ObjectVersion | undefined {
    if (!this.settings.versioned) {
      this.drop(key, 'null');
      return undefined;
    }
    const put: ObjectVersion = {
      key,
      versionId: randomBytes(24).toString('base64url'),
      sequence: this.#sequence + 1,
      modifiedMs: Date.now(),
      size: 0,
      etag: '',
      headers: {},
      metadata: {},
      checksums: {},
    };
    this.#append({ put });
    return put;
  }

  /** Removes one version for good and returns it. */
  drop(key: string, versionId: string): ObjectVersion | undefined {
    const version = this.versions(key).find((each) => each.versionId === versionId);
    if (version === undefined) return undefined;
    this.#append({ drop: [key, versionId] });
    if (version.file !== undefined) this.#unlink(version.file);
    return version;
  }

  /** Versions whose event an earlier or this process has still to publish, oldest first. */
  unsent(): ObjectVersion[] {
    return [...this.#unsent.values()];
  }

  markSent(version: ObjectVersion): void {
    if (this.#unsent.has(version.sequence)) this.#append({ sent: version.sequence });
  }

  close(): void {
    this.#journal.close();
  }

  #append(entry: Entry): void {
    this.#journal.append(entry);
    this.#apply(entry);
    this.#journal.compact(this.#count, () => this.#entries());
  }

  #apply(entry: Entry): void {
    if ('sent' in entry) {
      const version = this.#unsent.get(entry.sent);
      if (version !== undefined) delete version.event;
      this.#unsent.delete(entry.sent);
    } else if ('put' in entry) {
      const { put } = entry;
      const before = this.#versions.get(put.key);
      if (before === undefined) this.#keys.add(put.key);
      const kept = before?.filter((version) => version.versionId !== put.versionId) ?? [];
      this.#count += 1 + kept.length - (before?.length ?? 0);
      this.#versions.set(put.key, [put, ...kept]);
      this.#sequence = Math.max(this.#sequence, put.sequence);
      if (put.event !== undefined) this.#unsent.set(put.sequence, put);
    } else {
      const [key, versionId] = entry.drop;
      const before = this.#versions.get(key) ?? [];
      const kept = before.filter((version) => version.versionId !== versionId);
      this.#count += kept.length - before.length;
      if (kept.length > 0) this.#versions.set(key, kept);
      else if (this.#versions.delete(key)) this.#keys.remove(key);
    }
  }

  #entries(): Entry[] {
    const live = [...this.#versions.values()].flat();
    // An overwritten or deleted object's event is still owed: its line stays, followed by the one that removes it.
    const gone = [...this.#unsent.values()].filter(
      (version) => !this.versions(version.key).includes(version),
    );
    return [
      ...gone.flatMap((put): Entry[] => [{ put }, { drop: [put.key, put.versionId] }]),
      ...live.sort((a, b) => a.sequence - b.sequence).map((put): Entry => ({ put })),
    ];
  }

  #unlink(file: string): void {
    void rm(join(this.folder, file), { force: true });
  }

  #removeOrphans(): void {
    const named = new Set([...this.#versions.values()].flat().map((version) => version.file));
    for (const group of readdirSync(this.folder)) {
      for (const id of readdirSync(join(this.folder, group))) {
        if (!named.has(join(group, id))) rmSync(join(this.folder, group, id));
      }
    }
  }
}

export function sameEtag(given: string, etag: string): boolean {
  return given === '*' || given.replace(/^"|"$/g, '') === etag;
}

export function preconditionFailed(condition: string): AwsError {
  return new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    status: 412,
    fields: { Condition: condition },
  });
}

export function noSuchKey(key: string): AwsError {
  return new AwsError('NoSuchKey', 'The specified key does not exist.', {
    status: 404,
    fields: { Key: key },
  });
}
