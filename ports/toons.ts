import type { Failure, ToonRecord } from '../core/toons/record.ts';
import type { Metadata, PlannedToon, ToonSource, ToonType } from '../core/toons/toon.ts';

/** What the jobs of toons ask of the outside. `adapters/` implements it. Every call may throw `StoreUnavailable`. */

export interface ToonBytes {
  readonly kind: 'bytes';
  readonly bytes: Uint8Array;
}

export interface ToonReader {
  /** The bytes of a toon. Too many are refused by their announced length, before any is kept. */
  read(source: ToonSource, limits: { maxBytes: number }): Promise<ToonBytes | Failure>;
}

export interface ToonRecorder {
  /**
   * Writes the record if the toon has none, and counts the toon. Both can be repeated after a crash at any point:
   * the count is a set of positions, so adding one again changes nothing. Answers the state that is recorded.
   */
  record(toon: PlannedToon, record: ToonRecord): Promise<ToonRecord['state']>;
}

/** A page of a job's records in the order of their ids. */
export interface RecordPage {
  readonly records: readonly ToonRecord[];
  /** Id of the last record, when there may be more after it. */
  readonly next?: string;
}

export interface RecordLister {
  /** Records after the toon `after`, at most `limit`. */
  list(query: {
    jobId: string;
    after?: string | undefined;
    limit: number;
    consistent?: boolean;
  }): Promise<RecordPage>;
}

/** A job of toons as it is submitted. */
export interface NewJob {
  readonly jobId: string;
  readonly clientId: string;
  /** SHA-256 of what was submitted: tells a repetition from another job of the same name. */
  readonly digest: string;
  readonly total: number;
  readonly metadata: Metadata | undefined;
  readonly createdAt: string;
}

export interface JobBook {
  /** Writes the job, Pending, if there is none of its name; `existing` is the digest of the one there is. */
  create(job: NewJob): Promise<{ kind: 'created' } | { kind: 'exists'; digest: string | undefined }>;
}

export interface JobMarker {
  /** Pending to Processing; a job that is Processing stays so. Throws `JobMissing`. */
  begin(job: { jobId: string; executionArn: string; updatedAt: string }): Promise<void>;
}

/** What an execution is started with. The same job always gives the same, or a repeated start would be refused. */
export interface JobStart {
  readonly jobId: string;
  readonly request: { readonly bucket: string; readonly key: string };
  /** Types that occur in the job, sorted: notices about it carry them. */
  readonly toonTypes: readonly ToonType[];
}

export interface ExecutionStarter {
  /** Starts the execution named as the job, or finds that it has been started: both are success. */
  start(job: JobStart): Promise<void>;
}

/** A job of either kind as the API shows it. */
export interface JobView {
  readonly jobId: string;
  readonly kind: 'ingest' | 'toons';
  readonly state: 'Pending' | 'Processing' | 'Completed' | 'Failed';
  /** Toons; of an ingest job its segments. */
  readonly total: number;
  /** Of `total`, those that have ended, the failed ones included. */
  readonly processed: number;
  readonly failed: number;
  /** Lines of an ingest job. */
  readonly lines?: { readonly total: number; readonly valid: number; readonly rejected: number };
  readonly metadata: Metadata;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly error?: string;
  readonly cause?: string;
}

export interface JobViewer {
  /** `undefined` when there is no such job. */
  view(jobId: string): Promise<JobView | undefined>;
}

export interface LinkSigner {
  /** A link that reads one object until `expiresAt` (ISO 8601). */
  readLink(object: { bucket: string; key: string }): Promise<{ url: string; expiresAt: string }>;
  /** A link that writes one object of exactly this length and media type, with the headers that go with it. */
  writeLink(object: {
    bucket: string;
    key: string;
    bytes: number;
    contentType: string;
  }): Promise<{ url: string; headers: Readonly<Record<string, string>>; expiresAt: string }>;
}
