import type { ShardPeriod } from './pages.ts';

/**
 * The faults, by the names that the state machines know. A name is a promise to `state-machines/ingest.asl.json` and
 * `job.asl.json`: it says there whether a retry can help. The message is for people and may change.
 */

/**
 * S3, DynamoDB or SNS throttled, answered 5xx or did not answer, and the SDK's own retries are spent.
 * Retried: the same call succeeds later.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/**
 * A partition kept changing under a merge for longer than the merge's own loop repeats.
 * Retried: the others finish.
 */
export class PartitionConflict extends Error {
  override readonly name = 'PartitionConflict';
}

/**
 * Alerts are still pending: the time of the function ran out, or another notifier holds them, one that died perhaps.
 * Retried for longer than a lease lasts: then nobody holds them any more.
 */
export class AlertsPending extends Error {
  override readonly name = 'AlertsPending';
}

/**
 * A commit of a stream has been in no notification log for minutes, and no relay could put it there. The next call tries again.
 */
export class CommitsPending extends Error {
  override readonly name = 'CommitsPending';
}

/**
 * A page of statistics is damaged: it was not written by Caudal, or only in part. Never retried: it has to be removed and written again,
 * which `npm run caudal -- reconcile --stores --fix` does.
 */
export class StatisticsUnreadable extends Error {
  override readonly name = 'StatisticsUnreadable';
  readonly page: { readonly of: ShardPeriod; readonly n: number };

  constructor(
    page: { readonly of: ShardPeriod; readonly n: number },
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.page = page;
  }
}

/** A segment's object, or that version of it, is not there. Never retried: it stays so. */
export class SegmentMissing extends Error {
  override readonly name = 'SegmentMissing';
}

/**
 * A segment's object is there, and the function may not read it: its role, the bucket's or the key's policy, a key that is disabled,
 * an object in an archive. Never retried: it stays so until someone changes that.
 */
export class SegmentForbidden extends Error {
  override readonly name = 'SegmentForbidden';
}

/**
 * A segment's object has more than one run of the function can read. Never retried: it takes as long each time. It is split, and uploaded in
 * parts, as the message says.
 */
export class SegmentTooLarge extends Error {
  override readonly name = 'SegmentTooLarge';
}

/** A staging, manifest or unit object that an earlier step wrote is not there. Never retried: replay instead. */
export class StagingMissing extends Error {
  override readonly name = 'StagingMissing';
}

/** A dataset's `timeZone` or `shards` differ from those its partitions were written with. Never retried. */
export class DatasetLayoutChanged extends Error {
  override readonly name = 'DatasetLayoutChanged';
}

/** A partition's object can't be read as one. Never retried: it is removed and its day replayed, as the message says. */
export class PartitionUnreadable extends Error {
  override readonly name = 'PartitionUnreadable';
}

/**
 * A partition has no file, and there are statistics of more readings of its day than this merge has: it would make the day smaller.
 * Never retried: the day is replayed whole, as the message says.
 */
export class PartitionMissing extends Error {
  override readonly name = 'PartitionMissing';
}

/** A unit names a dataset that this deployment does not define. Never retried. */
export class DatasetUnknown extends Error {
  override readonly name = 'DatasetUnknown';
}

/** Commits are of a kind of streams that this deployment does not define. The next call of the relay tries again. */
export class StreamUnknown extends Error {
  override readonly name = 'StreamUnknown';
}

/** An input, or a result of an earlier step, that has not the agreed shape. Never retried. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
}

/** An execution runs for a job of toons that nobody submitted, or that has completed. Never retried. */
export class JobMissing extends Error {
  override readonly name = 'JobMissing';
}

/** The map has ended and some toons have no record: the job can't say what became of them. Never retried. */
export class ToonsUnrecorded extends Error {
  override readonly name = 'ToonsUnrecorded';
}

/** A variable that the function needs is not in its environment. Never retried. */
export class EnvironmentIncomplete extends Error {
  override readonly name = 'EnvironmentIncomplete';
}

/** The message of an error that Lambda put into JSON, beside a trace; any other cause as it is. */
export function messageOf(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}

/**
 * A cause for people: of the JSON that Lambda makes of an error only its message, the first line, at most `characters`.
 */
export function shortCause(cause: string | undefined, characters: number): string {
  const line = messageOf(cause ?? '').split('\n')[0] ?? '';
  return line.length > characters ? `${line.slice(0, characters)}…` : line;
}
