/**
 * The inbox of the merge: parts that wait, by the unit that they belong to, and the lease by which one at a time merges a unit.
 * `adapters/dynamodb/jobs-table/inbox.ts` implements it. The lease saves work and keeps nothing right: what makes a merge right are
 * the union, and conditions on the versions of files and statistics. So times are those of the callers' clocks.
 *
 * Every call throws `StoreUnavailable` where a retry helps, and may be repeated.
 */

/** What one at a time merges: the partitions of one dataset, shard and month. */
export interface MergeUnit {
  /** `storageName` of the dataset. */
  dataset: string;
  shard: number;
  /** Local, `YYYY-MM`. */
  month: string;
}

/** The parts of one job that wait for one unit. */
export interface WaitingParts {
  jobId: string;
  /** The list of the parts: bytes `start` up to, not including, `end` of an object in staging. */
  list: { key: string; start: number; end: number };
  /** Readings in them, … */
  rows: number;
  /** … and the days that they are of. */
  days: number;
  /** UTC ms. */
  sinceMs: number;
  /** When the oldest raw object of the job was uploaded, UTC ms; absent where objects are read again. */
  arrivedMs?: number;
  /** They are of an object that the stream filled within the longest time that parts wait for others: the next one comes as soon. */
  isFull?: boolean;
  /** The last day, `YYYY-MM-DD`, of which these parts have been merged; absent before the first. */
  mergedThrough?: string;
}

export interface UnitState {
  /** The oldest first. */
  waiting: WaitingParts[];
  /** Who merges the unit, and until when nobody else should; UTC ms. It may have lapsed. */
  lease?: { owner: string; untilMs: number };
  /** How long the last merge took, ms; 0 before the first. */
  lastTookMs: number;
}

export interface MergeInbox {
  /** Says that a job has parts to come, so that others may wait for them; true until `untilMs`, UTC ms. */
  announce(jobId: string, untilMs: number): Promise<void>;
  /** Whether parts of other jobs are to come, as those have announced. */
  othersToCome(jobId: string, nowMs: number): Promise<boolean>;
  /** Puts the parts of a job in the inbox, each under its unit, and then takes the announcement back. A repeated call overwrites. */
  put(jobId: string, parts: readonly (Omit<WaitingParts, 'jobId'> & { unit: MergeUnit })[]): Promise<void>;
  /** Strongly consistent. */
  look(unit: MergeUnit): Promise<UnitState>;
  /** Which of the units have parts of this job that wait, in their order. Strongly consistent unit by unit. */
  waitingOf(jobId: string, units: readonly MergeUnit[]): Promise<boolean[]>;
  /** The lease, if nobody else holds it: `true`, and then also for who holds it already. */
  take(unit: MergeUnit, lease: { owner: string; nowMs: number; untilMs: number }): Promise<boolean>;
  /** Gives the lease back, if `owner` holds it, and says how long the merge took. */
  release(unit: MergeUnit, lease: { owner: string; tookMs: number }): Promise<void>;
  /** Notes how far parts have been merged; nothing where they wait no more, or were put again since `parts` was read. */
  advance(unit: MergeUnit, parts: WaitingParts, mergedThrough: string): Promise<void>;
  /** Parts that are merged wait no more, unless they were put again since `parts` was read. */
  remove(unit: MergeUnit, parts: WaitingParts): Promise<void>;
}

/** Raw objects that no job has taken so far. `adapters/sqs.ts` implements it. */
export interface IncomingObjects {
  /** Whether there are any, as far as is known: what came in the last seconds may not be counted, and what was taken may be. */
  areWaiting(): Promise<boolean>;
}
