import type { Failure, ToonRecord } from '../core/toons/record.ts';
import type { Metadata, PlannedToon, Toon, ToonSource, ToonType } from '../core/toons/toon.ts';

/**
 * What the jobs of toons ask of the outside. `adapters/dynamodb/`, `adapters/s3/` and `adapters/step-functions.ts` implement
 * it. Every call throws `StoreUnavailable` once the service throttles, answers 5xx or does not answer, and the SDK's own
 * retries are spent: the same call succeeds later, and may be repeated. Instants are ISO 8601 in UTC.
 */

interface ToonBytes {
  readonly kind: 'bytes';
  readonly bytes: Uint8Array;
}

export interface ToonReader {
  /**
   * The bytes of a toon, all in memory. A failure is the toon's own: `not-found`, or `too-large` for more than `maxBytes`, which
   * is refused by the announced length, before any byte is kept.
   * @throws {StoreUnavailable} also for a body that breaks off; a retry helps
   */
  read(source: ToonSource, limits: { maxBytes: number }): Promise<ToonBytes | Failure>;
}

export interface ToonRecorder {
  /**
   * Writes the record if the toon has none, and counts the toon. Both can be repeated after a crash at any point:
   * the count is a set of positions, so adding one again changes nothing. Answers the state that is recorded, which is that of
   * the first record.
   * @throws {StoreUnavailable} a retry helps
   */
  record(toon: PlannedToon, record: ToonRecord): Promise<ToonRecord['state']>;
}

/** A page of a job's records in the order of their ids. */
interface RecordPage {
  readonly records: readonly ToonRecord[];
  /** Id of the last record, when there may be more after it; to be passed as `after`. */
  readonly next?: string;
}

export interface RecordLister {
  /**
   * Records after the toon `after`, at most `limit` (at least 1) and 1 MB.
   * @throws {StoreUnavailable} a retry helps
   */
  list(query: {
    jobId: string;
    after?: string | undefined;
    limit: number;
    /** Strongly consistent; otherwise the newest records may be missing for less than a second as a rule. */
    consistent?: boolean;
  }): Promise<RecordPage>;
}

/** A job of toons as it is submitted. */
export interface NewJob {
  readonly jobId: string;
  /** The `client_id` of the token it was submitted with. */
  readonly clientId: string;
  /** SHA-256 of what was submitted: tells a repetition from another job of the same name. */
  readonly digest: string;
  /** Toons: 1 to 10,000. */
  readonly total: number;
  readonly metadata: Metadata | undefined;
  readonly createdAt: string;
}

export type Admission = { kind: 'admitted' } | { kind: 'full'; jobs: number; toons: number };

export interface JobBook {
  /**
   * Takes the job among the open ones of its client, unless there are as many as may be: jobs, or toons of them together. A job counts
   * until it has ended, and a day at the most; one that is among them already is taken. Strongly consistent.
   * @throws {StoreUnavailable} a retry helps
   */
  admit(
    job: Pick<NewJob, 'jobId' | 'clientId' | 'total' | 'createdAt'>,
    most: { jobs: number; toons: number },
  ): Promise<Admission>;
  /**
   * Writes the job, Pending, if there is none of its name. `exists` comes with the digest of the one there is, `undefined` for
   * an ingest job; it may be of this very call, whose first answer was lost. Strongly consistent.
   * @throws {StoreUnavailable} a retry helps
   */
  create(job: NewJob): Promise<{ kind: 'created' } | { kind: 'exists'; digest: string | undefined }>;
}

export interface JobMarker {
  /**
   * Pending or Failed to Processing, without the earlier error; a job that is Processing stays so.
   * @throws {JobMissing} when there is no such job of toons, or it has completed; a retry does not help
   * @throws {StoreUnavailable} a retry helps
   */
  begin(job: { jobId: string; executionArn: string; updatedAt: string }): Promise<void>;
}

/** What an execution is started with. The same job always gives the same, or a repeated start would be refused. */
export interface JobStart {
  readonly jobId: string;
  readonly request: { readonly bucket: string; readonly key: string };
  /** Types that occur in the job, sorted: notices about it carry them. */
  readonly toonTypes: readonly ToonType[];
}

/** What the object behind `JobStart.request` holds, as JSON: SubmitJob writes it, PlanJob reads it. */
export interface JobRequest {
  readonly jobId: string;
  readonly toons: readonly Toon[];
}

export interface ExecutionStarter {
  /**
   * Starts the execution named as the job, or finds that it has been started: both are success.
   * @throws {StoreUnavailable} it may have been started all the same; a retry helps
   */
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
  /** Only of ingest jobs: values left out of valid readings. */
  readonly droppedValues?: number;
  /** Only of ingest jobs: files of which nothing was taken, among the processed ones. */
  readonly refused?: number;
  /** Only of ingest jobs: CSV files whose last row was kept although no newline ends it. */
  readonly unterminated?: number;
  /** Only of ingest jobs, where there are any: rejected lines that are counted and whose text was not kept. */
  readonly rejectedWithoutText?: number;
  /** Only of ingest jobs: its readings that were contested when they were merged. */
  readonly contested?: number;
  readonly metadata: Metadata;
  /** The `client_id` of the token that a job of toons was submitted with. */
  readonly clientId?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly error?: string;
  readonly cause?: string;
}

export interface JobViewer {
  /**
   * `undefined` when there is no such job. The state is strongly consistent; the progress of a running job of toons may lag by
   * less than a second as a rule.
   * @throws {StoreUnavailable} a retry helps
   */
  view(jobId: string): Promise<JobView | undefined>;
}

/** A job of either kind as a list shows it. */
export type ListedJob = Pick<
  JobView,
  'jobId' | 'kind' | 'state' | 'total' | 'metadata' | 'clientId' | 'createdAt' | 'updatedAt' | 'error'
>;

/** Where a page of jobs ended. */
export type JobPosition = Pick<JobView, 'jobId' | 'createdAt'>;

export interface JobLister {
  /**
   * Jobs of a kind that were created from `from` to `to` (ISO 8601 with milliseconds, both included), the newest first, after `after`,
   * at most `limit` (at least 1). What `state` and `clientId` leave out is read all the same, up to 500 jobs or 1 MB a call: a page may be
   * short or empty and have a `last`, where the next one begins. Eventually consistent: from an index that lags by less than a second as a rule.
   * @throws {StoreUnavailable} a retry helps
   */
  list(query: {
    kind: JobView['kind'];
    from?: string | undefined;
    to?: string | undefined;
    state?: JobView['state'] | undefined;
    clientId?: string | undefined;
    after?: JobPosition | undefined;
    limit: number;
  }): Promise<{ readonly jobs: readonly ListedJob[]; readonly last?: JobPosition }>;
}

export type Linking = { kind: 'linked' } | { kind: 'full'; bytes: number; freeAtMs: number };

export interface UploadAccounts {
  /**
   * Counts bytes that a client is to get links for, unless there would be more than `maxBytes` of them within 24 hours. `full` tells how many
   * there are, and when (UTC ms) so many more may be linked, within an hour of the earliest instant; nothing is counted then. Bytes count whether they
   * are uploaded or not. `bytes` is at most `maxBytes`.
   * @throws {StoreUnavailable} a retry helps
   */
  link(asked: { clientId: string; bytes: number; atMs: number }, maxBytes: number): Promise<Linking>;
}

/** Links are signed here: nothing is asked but credentials, and whether there is an object shows when the link is followed. */
export interface LinkSigner {
  /** A link that reads one object until `expiresAt` (ISO 8601). */
  readLink(object: { bucket: string; key: string }): Promise<{ url: string; expiresAt: string }>;
  /**
   * A link that writes one object of exactly this length and media type, and with `sha256` (hex) of exactly these bytes, with the headers that
   * go with it.
   */
  writeLink(object: {
    bucket: string;
    key: string;
    bytes: number;
    contentType: string;
    sha256?: string | undefined;
  }): Promise<{ url: string; headers: Readonly<Record<string, string>>; expiresAt: string }>;
}
