/**
 * What the functions ask of the outside, for objects. `adapters/s3/` implements it over S3, which is strongly consistent:
 * what was written is what the next call reads, describes or lists.
 *
 * Every call throws `StoreUnavailable` once the store throttles, answers 5xx or does not answer, and the SDK's own retries are
 * spent: the same call succeeds later. Other refusals (access denied, no such bucket) come out as the SDK names them; a
 * retry does not help. An object that is not there is an answer, not a fault, where the answer's type has room for it.
 */

export interface ObjectLocation {
  bucket: string;
  /** 1 to 1,024 bytes of UTF-8. */
  key: string;
}

/** The location as messages name it: `s3://bucket/key`. */
export const addressOf = ({ bucket, key }: ObjectLocation): string => `s3://${bucket}/${key}`;

/** A value as bytes of JSON. Only for values that JSON can hold. */
export const toJsonBytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

/**
 * The value of JSON that this deployment wrote itself: its shape is not checked.
 * @throws {SyntaxError} for bytes that are no JSON
 */
export const fromJsonBytes = <Shape>(bytes: Uint8Array): Shape =>
  JSON.parse(Buffer.from(bytes).toString('utf8'));

interface StoredObject {
  bytes: Uint8Array;
  /** As the store writes it, quotes included: for {@link WriteCondition}. */
  etag: string;
  /** What the writer gave, by lower-case names. */
  metadata: Readonly<Record<string, string>>;
}

export interface ObjectReader {
  /**
   * A whole object, held in memory: only for what is known to be small (megabytes). `undefined` when there is none.
   * @throws {StoreUnavailable} also for a body that breaks off; a retry helps
   */
  read(location: ObjectLocation): Promise<StoredObject | undefined>;
}

export interface RangeReader {
  /**
   * The bytes from `start` up to, not including, `end`, both counted from 0; fewer where the object ends before `end`.
   * `undefined` when there is no such object.
   * @throws {StoreUnavailable} also for a body that breaks off; a retry helps
   */
  readRange(range: ObjectLocation & { start: number; end: number }): Promise<Uint8Array | undefined>;
}

/** The last bytes of an object, and which state of it they are of. */
export interface ObjectEnd {
  readonly bytes: Uint8Array;
  /** Of the whole object. */
  readonly size: number;
  readonly etag: string;
}

/** Parts of an object that others overwrite meanwhile, all of one state of it. */
export interface PartReader {
  /**
   * At most `length` bytes (at least 1), fewer where the object has no more. `undefined` when there is no such object.
   * @throws {StoreUnavailable} also for a body that breaks off; a retry helps
   */
  readEnd(end: ObjectLocation & { length: number }): Promise<ObjectEnd | undefined>;
  /**
   * The bytes from `start` up to, not including, `end` of the object with this ETag; `changed` when it is another now, or gone.
   * @throws {StoreUnavailable} also for a body that breaks off; a retry helps
   */
  readPart(
    part: ObjectLocation & { start: number; end: number; etag: string },
  ): Promise<Uint8Array | 'changed'>;
}

export interface ObjectWriter {
  /**
   * Overwrites. An object appears whole or not at all.
   * @throws {StoreUnavailable} it may have been written all the same; a retry helps
   */
  write(object: ObjectLocation & { bytes: Uint8Array; contentType: string }): Promise<void>;
}

export interface ObjectRemover {
  /**
   * An object that is not there counts as removed.
   * @throws {StoreUnavailable} a retry helps
   */
  remove(location: ObjectLocation): Promise<void>;
}

/** The object may be written only if there is none yet, or only over the one with this ETag. */
export type WriteCondition = { kind: 'absent' } | { kind: 'matches'; etag: string };

export interface ConditionalWriter {
  /**
   * `conflict`: the condition did not hold, or another write was under way; this call wrote nothing. Because the SDK repeats
   * a call whose answer was lost, `conflict` may also mean that its first attempt wrote.
   * @param object `metadata` by lower-case names, at most 2 KB together
   * @throws {StoreUnavailable} it may have been written all the same; a retry helps
   */
  writeIf(
    object: ObjectLocation & {
      bytes: Uint8Array;
      contentType: string;
      metadata: Readonly<Record<string, string>>;
      condition: WriteCondition;
    },
  ): Promise<'written' | 'conflict'>;
}

export interface ObjectDescriber {
  /**
   * The metadata of an object as it is now, without its bytes; `undefined` when there is none.
   * @throws {StoreUnavailable} a retry helps
   */
  describe(location: ObjectLocation): Promise<Readonly<Record<string, string>> | undefined>;
}

/** One version of a raw object. */
interface OpenSegment {
  /** To be read once. */
  bytes: AsyncIterable<Uint8Array>;
  /**
   * UTC ms at which it was uploaded: what its metadata `uploaded-at` says (ISO 8601 with Z or an offset), which copies keep; without
   * it, or where it is over a day after S3 stored the object, the version's LastModified, which S3 gives in whole seconds. Both are
   * as immutable as the bytes, so that a replay finds the same.
   */
  arrivedMs: number;
  /** Its metadata say that a person has accepted it as it is: `acceptedName` of `keys.ts`. */
  accepted: boolean;
}

export interface SegmentOpener {
  /**
   * Opens one version of an object.
   * @throws {SegmentMissing} when it is not there; a retry does not help
   * @throws {SegmentForbidden} when it may not be read; a retry does not help
   * @throws {StoreUnavailable} here, or while the bytes are read: then open it again from the start
   */
  open(segment: ObjectLocation & { versionId: string }): Promise<OpenSegment>;
}

export interface ObjectCopier {
  /**
   * Copies an object inside of the store, up to 5 GiB, over the one that was there.
   * @param copy.metadata by lower-case names, at most 2 KB together, in place of the source's
   * @returns the version id of what was written; `undefined` when there is no source
   * @throws {StoreUnavailable} it may have been written all the same; a retry helps
   */
  copy(copy: {
    from: ObjectLocation & { versionId?: string };
    to: ObjectLocation;
    contentType: string;
    metadata: Readonly<Record<string, string>>;
  }): Promise<string | undefined>;
}

export interface VersionDescriber {
  /**
   * What the writer of a version said of it; `undefined` when there is no such version.
   * @throws {StoreUnavailable} a retry helps
   */
  describeVersion(
    version: ObjectLocation & { versionId: string },
  ): Promise<{ contentType: string | undefined; metadata: Readonly<Record<string, string>> } | undefined>;
}

export interface ObjectStreamer {
  /**
   * Opens an object to be read once, or its first bytes. `undefined` when there is none.
   * @param options.maxBytes of it; by default all
   * @throws {StoreUnavailable} here, or while the bytes are read: then open it again from the start
   */
  stream(
    location: ObjectLocation,
    options?: { maxBytes?: number },
  ): Promise<AsyncIterable<Uint8Array> | undefined>;
}

/** An object that is written piece by piece, whose size nobody knows beforehand. It exists only once completed. */
export interface Upload {
  /**
   * Keeps a bounded number of bytes in memory (8 MiB and a piece); resolves when the next piece may come. The piece must not
   * change until the upload is completed or aborted.
   * @throws {StoreUnavailable} abort, and begin again with the first piece
   */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Overwrites the object that was there.
   * @returns the version id of what was written; `null` (the word) in a bucket without versions
   * @throws {StoreUnavailable} it may exist all the same; abort, and begin again with the first piece
   */
  complete(): Promise<string>;
  /** Forgets what was written. Never throws: it is called on the way out of a fault. */
  abort(): Promise<void>;
}

export interface NewObject extends ObjectLocation {
  contentType: string;
  /** By lower-case names, at most 2 KB together. */
  metadata?: Readonly<Record<string, string>>;
}

export interface UploadOpener {
  /** Asks nothing of the store until the first piece is sent. */
  upload(object: NewObject): Upload;
}

export interface ListedVersion {
  key: string;
  /** `null` (the word) in a bucket without versions. */
  versionId: string;
  /** Bytes. */
  size: number;
  /** UTC ms; S3 answers whole seconds. */
  lastModifiedMs: number;
  /** It is what reading the key gives; so is none of a deleted object's. */
  isCurrent: boolean;
}

export interface VersionLister {
  /**
   * The versions under a prefix in the order of their keys (by UTF-8 bytes), those of one key from new to old, from after the
   * key `startAfter`; without those of objects whose newest version is a delete marker, unless they are asked for. A page at a
   * time is in memory.
   * @throws {StoreUnavailable} while it is iterated; list again after the last key that was seen whole
   */
  list(from: {
    bucket: string;
    prefix: string;
    startAfter?: string;
    deleted?: boolean;
  }): AsyncIterable<ListedVersion>;
}
