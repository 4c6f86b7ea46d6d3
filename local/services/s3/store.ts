import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AwsError } from '../../engine/calls.ts';
import type { BusEvent } from '../eventbridge/service.ts';
import {
  Bucket,
  type BucketSettings,
  type Condition,
  type LifecycleRule,
  type NewVersion,
  type ObjectVersion,
} from './bucket.ts';
import { ObjectEvents } from './events.ts';
import { Multipart } from './multipart.ts';
import { receive } from './upload.ts';

export interface Write {
  bucket: string;
  key: string;
  body: AsyncIterable<Buffer>;
  /** As they came with the request: digests to verify, lengths. */
  headers: Record<string, string>;
  /** Stored with the object. */
  stored: Pick<ObjectVersion, 'headers' | 'metadata'>;
  condition: Condition;
  /** `PutObject`, `CopyObject`: the reason in the event. */
  reason: string;
}

const maxKeyBytes = 1024;
const sweepMs = 3_600_000;
const dayMs = 86_400_000;

/** All buckets, their multipart uploads and the events that their objects owe. */
export class Store {
  readonly #directory: string;
  readonly #buckets = new Map<string, Bucket>();
  readonly #multiparts = new Map<string, Multipart>();
  readonly #events: ObjectEvents;
  #sweep: NodeJS.Timeout | undefined;

  constructor(directory: string, onObjectCreated: ((event: BusEvent) => Promise<void>) | undefined) {
    this.#directory = directory;
    this.#events = new ObjectEvents(onObjectCreated);
    for (const settings of savedSettings(directory)) this.createBucket(settings);
  }

  /** Makes the bucket, or gives the settings to one that is there. */
  createBucket(settings: BucketSettings): void {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(settings.name) || settings.name.includes('..')) {
      throw new AwsError('InvalidBucketName', `The specified bucket is not valid: ${settings.name}`);
    }
    const known = this.#buckets.get(settings.name);
    if (known !== undefined) {
      known.configure(settings);
      return;
    }
    const bucket = new Bucket(this.#directory, settings);
    bucket.configure(settings);
    this.#buckets.set(settings.name, bucket);
    this.#multiparts.set(settings.name, new Multipart(join(this.#directory, settings.name)));
  }

  get buckets(): Bucket[] {
    return [...this.#buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws NoSuchBucket. */
  bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket !== undefined) return bucket;
    throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', {
      status: 404,
      fields: { BucketName: name },
    });
  }

  /** Throws NoSuchBucket. */
  multipart(bucket: string): Multipart {
    return this.#multiparts.get(this.bucket(bucket).name) as Multipart;
  }

  /** Streams a body to disk and makes it the current version of its key. */
  async write({
    bucket: name,
    key,
    body,
    headers,
    stored,
    condition,
    reason,
  }: Write): Promise<ObjectVersion> {
    const bucket = this.bucket(name);
    checkKey(key);
    bucket.check(key, condition);
    const upload = await receive(bucket.folder, body, headers);
    return this.commit(bucket, { key, ...upload, ...stored, event: reason }, condition);
  }

  /** Makes an uploaded file the current version; without its file when the condition fails. */
  async commit(bucket: Bucket, version: NewVersion, condition: Condition): Promise<ObjectVersion> {
    let committed: ObjectVersion;
    try {
      committed = bucket.commit(version, condition);
    } catch (error) {
      if (version.file !== undefined) await rm(join(bucket.folder, version.file), { force: true });
      throw error;
    }
    this.#events.offer(bucket, committed);
    return committed;
  }

  /** Publishes the events that an earlier process owes, and from now on those of new objects; expires objects hourly. */
  start(): void {
    this.#events.start(this.#buckets.values());
    void this.expire(Date.now());
    this.#sweep = setInterval(() => void this.expire(Date.now()), sweepMs).unref();
  }

  /** Applies the buckets' lifecycle rules as of a moment. */
  async expire(nowMs: number): Promise<void> {
    for (const bucket of this.buckets) await expire(bucket, this.multipart(bucket.name), nowMs);
  }

  close(): void {
    clearInterval(this.#sweep);
    this.#events.close();
    for (const bucket of this.#buckets.values()) bucket.close();
    for (const multipart of this.#multiparts.values()) multipart.close();
  }
}

export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > maxKeyBytes) {
    throw new AwsError('KeyTooLongError', 'Your key is too long', {
      fields: { Size: String(Buffer.byteLength(key)), MaxSizeAllowed: String(maxKeyBytes) },
    });
  }
}

function savedSettings(directory: string): BucketSettings[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(join(directory, name, 'settings.json'), 'utf8')) as BucketSettings];
    } catch {
      // Killed while it was being made: it holds nothing that was acknowledged.
      return [];
    }
  });
}

/** Does what the bucket's lifecycle rules ask for at a moment, as S3 does about once a day. */
async function expire(bucket: Bucket, multipart: Multipart, nowMs: number): Promise<void> {
  for (const rule of bucket.settings.lifecycle ?? []) {
    expireObjects(bucket, rule, nowMs);
    if (rule.abortMultipartDays === undefined) continue;
    await multipart.abortBefore(nowMs - rule.abortMultipartDays * dayMs, rule.prefix ?? '');
  }
}

function expireObjects(bucket: Bucket, rule: LifecycleRule, nowMs: number): void {
  const { prefix = '', expirationDays, noncurrentExpirationDays } = rule;
  const older = (modifiedMs: number, days: number | undefined) =>
    days !== undefined && nowMs - modifiedMs >= days * dayMs;
  const keys: string[] = [];
  for (const key of bucket.keys.after(prefix)) {
    if (!key.startsWith(prefix)) break;
    keys.push(key);
  }
  for (const key of keys) {
    const versions = bucket.versions(key);
    // A version is noncurrent since the one that followed it was written.
    for (const [index, version] of versions.entries()) {
      const next = versions[index - 1];
      if (next !== undefined && older(next.modifiedMs, noncurrentExpirationDays))
        bucket.drop(key, version.versionId);
    }
    const current = bucket.current(key);
    if (current !== undefined && older(current.modifiedMs, expirationDays)) bucket.remove(key);
  }
}
