import { createHash } from 'node:crypto';
import { accountId, arn, region } from '../../engine/calls.ts';
import type { BusEvent } from '../eventbridge/service.ts';
import type { Bucket, ObjectVersion } from './bucket.ts';

/** EventBridge's "Object Created" of S3. Publishing it again gives the same id. */
function objectCreated(bucket: string, version: ObjectVersion, reason: string): BusEvent {
  const digest = createHash('sha256')
    .update(`${bucket}\n${version.sequence}\n${version.modifiedMs}`)
    .digest('hex');
  return {
    version: '0',
    id: digest.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: accountId,
    time: `${new Date(version.modifiedMs).toISOString().slice(0, 19)}Z`,
    region,
    resources: [arn('s3', bucket)],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: {
        key: version.key,
        size: version.size,
        etag: version.etag,
        ...(version.versionId === 'null' ? {} : { 'version-id': version.versionId }),
        sequencer: version.sequence.toString(16).toUpperCase().padStart(18, '0'),
      },
      'request-id': digest.slice(32, 48).toUpperCase(),
      requester: accountId,
      'source-ip-address': '127.0.0.1',
      reason,
    },
  };
}

const retryDelayMs = 200;
const maxRetryDelayMs = 10_000;

/**
 * Publishes the events of objects, at least once: a version is marked when its event was taken, and what is not marked
 * is published again at the next start.
 */
export class ObjectEvents {
  readonly #publish: ((event: BusEvent) => Promise<void>) | undefined;
  readonly #timers = new Set<NodeJS.Timeout>();
  #state: 'new' | 'started' | 'closed' = 'new';

  constructor(publish: ((event: BusEvent) => Promise<void>) | undefined) {
    this.#publish = publish;
  }

  start(buckets: Iterable<Bucket>): void {
    this.#state = 'started';
    for (const bucket of buckets) for (const version of bucket.unsent()) this.offer(bucket, version);
  }

  offer(bucket: Bucket, version: ObjectVersion): void {
    if (version.event === undefined || this.#state !== 'started' || this.#publish === undefined) return;
    void this.#send(bucket, version, objectCreated(bucket.name, version, version.event), retryDelayMs);
  }

  async #send(bucket: Bucket, version: ObjectVersion, event: BusEvent, delayMs: number): Promise<void> {
    try {
      await this.#publish?.(event);
    } catch {
      if (this.#state === 'closed') return;
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        void this.#send(bucket, version, event, Math.min(delayMs * 2, maxRetryDelayMs));
      }, delayMs);
      this.#timers.add(timer);
      return;
    }
    if (this.#state === 'started') bucket.markSent(version);
  }

  close(): void {
    this.#state = 'closed';
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
