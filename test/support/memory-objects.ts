import { createHash } from 'node:crypto';
import { SegmentMissing } from '../../ports/faults.ts';
import { acceptedName, acceptedValue } from '../../ports/keys.ts';
import type {
  ConditionalWriter,
  ListedVersion,
  NewObject,
  ObjectCopier,
  ObjectDescriber,
  ObjectLocation,
  ObjectReader,
  ObjectRemover,
  ObjectStreamer,
  ObjectWriter,
  PartReader,
  RangeReader,
  SegmentOpener,
  UploadOpener,
  VersionDescriber,
  VersionLister,
} from '../../ports/objects.ts';

interface Version extends Omit<ListedVersion, 'isCurrent'> {
  bytes: Buffer;
  etag: string;
  metadata: Readonly<Record<string, string>>;
  deleted?: true;
}

type Ports = ObjectReader &
  RangeReader &
  PartReader &
  ObjectWriter &
  ObjectRemover &
  ObjectDescriber &
  ObjectCopier &
  ObjectStreamer &
  ConditionalWriter &
  SegmentOpener &
  UploadOpener &
  VersionDescriber &
  VersionLister;

/**
 * Versioned buckets in memory with what S3 promises: strong consistency, ETags that are the MD5 of the bytes, conditional
 * writes, ranges, and uploads that exist once they are completed.
 */
export class MemoryObjects implements Ports {
  /** By address; the last version is the current one. */
  readonly #versions = new Map<string, Version[]>();
  readonly #clock: () => number;
  #count = 0;

  constructor(clock: () => number = () => 0) {
    this.#clock = clock;
  }

  /** Puts an object as a user would, and answers its version id. */
  put(bucket: string, key: string, body: string | Uint8Array, metadata = {}): string {
    const bytes = Buffer.from(body as Uint8Array);
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    const version = {
      key,
      versionId: `v${++this.#count}`,
      size: bytes.length,
      lastModifiedMs: this.#clock(),
    };
    const address = `${bucket}/${key}`;
    this.#versions.set(address, [
      ...(this.#versions.get(address) ?? []),
      { ...version, bytes, etag, metadata },
    ]);
    return version.versionId;
  }

  /** The current object as text; `undefined` when there is none. */
  text(bucket: string, key: string): string | undefined {
    return this.#current({ bucket, key })?.bytes.toString('utf8');
  }

  /** The keys of the current objects under a prefix, sorted. */
  keys(bucket: string, prefix = ''): string[] {
    const start = `${bucket}/${prefix}`;
    return [...this.#versions]
      .filter(([address, versions]) => address.startsWith(start) && !versions.at(-1)?.deleted)
      .map(([address]) => address.slice(bucket.length + 1))
      .sort();
  }

  /** ETag and metadata of each current object under a prefix, by key. */
  fingerprints(bucket: string, prefix = ''): Record<string, unknown> {
    return Object.fromEntries(
      this.keys(bucket, prefix).map((key) => {
        const { etag, metadata } = this.#current({ bucket, key }) as Version; // keys() lists what is there
        return [key, { etag, ...metadata }];
      }),
    );
  }

  async read(location: ObjectLocation) {
    const found = this.#current(location);
    return found && { bytes: Buffer.from(found.bytes), etag: found.etag, metadata: found.metadata };
  }

  async readRange({ start, end, ...location }: ObjectLocation & { start: number; end: number }) {
    const found = this.#current(location);
    return found && Buffer.from(found.bytes.subarray(start, end));
  }

  async readEnd({ length, ...location }: ObjectLocation & { length: number }) {
    const found = this.#current(location);
    return found && { bytes: Buffer.from(found.bytes.subarray(-length)), size: found.size, etag: found.etag };
  }

  async readPart({ start, end, etag, ...location }: Parameters<PartReader['readPart']>[0]) {
    const found = this.#current(location);
    return found?.etag === etag ? Buffer.from(found.bytes.subarray(start, end)) : 'changed';
  }

  async write({ bucket, key, bytes }: ObjectLocation & { bytes: Uint8Array }) {
    this.put(bucket, key, bytes);
  }

  async remove({ bucket, key }: ObjectLocation) {
    if (this.#current({ bucket, key }) === undefined) return;
    this.put(bucket, key, '');
    const marker = this.#versions.get(`${bucket}/${key}`)?.at(-1);
    if (marker) marker.deleted = true;
  }

  async describe(location: ObjectLocation) {
    return this.#current(location)?.metadata;
  }

  async writeIf({ bucket, key, bytes, metadata, condition }: Parameters<ConditionalWriter['writeIf']>[0]) {
    const etag = this.#current({ bucket, key })?.etag;
    const holds = condition.kind === 'absent' ? etag === undefined : etag === condition.etag;
    if (!holds) return 'conflict';
    this.put(bucket, key, bytes, metadata);
    return 'written';
  }

  async open({ bucket, key, versionId }: ObjectLocation & { versionId: string }) {
    const found = this.#versions.get(`${bucket}/${key}`)?.find((version) => version.versionId === versionId);
    if (found === undefined || found.deleted)
      throw new SegmentMissing(`${bucket}/${key} version ${versionId}`);
    const { bytes, lastModifiedMs, metadata } = found;
    async function* chunks() {
      for (let start = 0; start < bytes.length; start += 100) yield bytes.subarray(start, start + 100);
    }
    return {
      bytes: chunks(),
      arrivedMs: Date.parse(metadata?.['uploaded-at'] ?? '') || lastModifiedMs,
      accepted: metadata?.[acceptedName] === acceptedValue,
    };
  }

  async describeVersion({ bucket, key, versionId }: ObjectLocation & { versionId: string }) {
    const found = this.#versions.get(`${bucket}/${key}`)?.find((version) => version.versionId === versionId);
    return found && { contentType: undefined, metadata: found.metadata };
  }

  async copy({ from, to, metadata }: Parameters<ObjectCopier['copy']>[0]) {
    const versions = this.#versions.get(`${from.bucket}/${from.key}`) ?? [];
    const source =
      from.versionId === undefined
        ? this.#current(from)
        : versions.find(({ versionId }) => versionId === from.versionId);
    return source && this.put(to.bucket, to.key, source.bytes, metadata);
  }

  async stream(location: ObjectLocation, { maxBytes = Number.POSITIVE_INFINITY } = {}) {
    const found = this.#current(location);
    if (found === undefined) return undefined;
    const bytes = found.bytes.subarray(0, maxBytes);
    async function* chunks() {
      for (let start = 0; start < bytes.length; start += 65_536) yield bytes.subarray(start, start + 65_536);
    }
    return chunks();
  }

  upload({ bucket, key, metadata }: NewObject) {
    const pieces: Uint8Array[] = [];
    return {
      write: async (bytes: Uint8Array) => void pieces.push(Buffer.from(bytes)),
      complete: async () => this.put(bucket, key, Buffer.concat(pieces), metadata),
      abort: async () => void pieces.splice(0),
    };
  }

  async *list({ bucket, prefix, startAfter = '' }: { bucket: string; prefix: string; startAfter?: string }) {
    for (const key of this.keys(bucket, prefix)) {
      if (key <= startAfter) continue;
      const versions = this.#versions.get(`${bucket}/${key}`) ?? [];
      for (const { versionId, size, lastModifiedMs, deleted } of [...versions].reverse()) {
        const isCurrent = versionId === versions.at(-1)?.versionId;
        if (!deleted) yield { key, versionId, size, lastModifiedMs, isCurrent };
      }
    }
  }

  #current({ bucket, key }: ObjectLocation): Version | undefined {
    const last = this.#versions.get(`${bucket}/${key}`)?.at(-1);
    return last?.deleted ? undefined : last;
  }
}
