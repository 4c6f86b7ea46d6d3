/**
 * What the functions ask of the outside, for objects and time. `adapters/s3-*.ts` implement it over S3. Every call may throw
 * `StoreUnavailable`; what is not there is an answer, not a fault.
 */

export interface ObjectLocation {
  bucket: string;
  key: string;
}

export interface StoredObject {
  bytes: Uint8Array;
  etag: string;
  metadata: Readonly<Record<string, string>>;
}

/** Whole objects, for what is known to be small (megabytes). */
export interface ObjectReader {
  read(location: ObjectLocation): Promise<StoredObject | undefined>;
}

export interface RangeReader {
  /** The bytes from `start` up to, not including, `end`; `undefined` when there is no such object. */
  readRange(range: ObjectLocation & { start: number; end: number }): Promise<Uint8Array | undefined>;
}

export interface ObjectWriter {
  /** Overwrites. */
  write(object: ObjectLocation & { bytes: Uint8Array; contentType: string }): Promise<void>;
}

export interface ObjectRemover {
  /** An object that is not there counts as removed. */
  remove(location: ObjectLocation): Promise<void>;
}

/** The object may be written only if there is none yet, or only over the one with this ETag. */
export type WriteCondition = { kind: 'absent' } | { kind: 'matches'; etag: string };

export interface ConditionalWriter {
  /** `conflict`: the condition did not hold, or another write was under way; nothing was written. */
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
  /** The metadata of an object as it is now, without its bytes. */
  describe(location: ObjectLocation): Promise<Readonly<Record<string, string>> | undefined>;
}

export interface SegmentOpener {
  /** The bytes of one version of an object. Throws `SegmentMissing` when it is not there or may not be read. */
  open(segment: ObjectLocation & { versionId: string }): Promise<AsyncIterable<Uint8Array>>;
}

/** An object that is written piece by piece, whose size nobody knows beforehand. It exists only once completed. */
export interface Upload {
  /** Keeps a bounded number of bytes in memory; resolves when the next piece may come. */
  write(bytes: Uint8Array): Promise<void>;
  complete(): Promise<void>;
  /** Forgets what was written. Never throws: it is called on the way out of a fault. */
  abort(): Promise<void>;
}

export interface UploadOpener {
  upload(object: ObjectLocation & { contentType: string }): Upload;
}

export interface ListedVersion {
  key: string;
  versionId: string;
  size: number;
  lastModifiedMs: number;
}

export interface VersionLister {
  /** The versions under a prefix in the order of their keys, from after `startAfter`, without those of deleted objects. */
  list(from: { bucket: string; prefix: string; startAfter?: string }): AsyncIterable<ListedVersion>;
}

/** Time and chance, so that logic has none of its own. */
export interface Clock {
  nowMs(): number;
  pause(ms: number): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
}
