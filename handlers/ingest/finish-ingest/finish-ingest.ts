import type { IncomingObjects, MergeInbox } from '../../../ports/inbox.ts';
import type { ObjectReader, ObjectWriter } from '../../../ports/objects.ts';
import type { IngestEvents, JobFinisher, JobTotals } from '../../../ports/records.ts';
import { type FailedItem, type FailedItems, type Failure, failureOf } from '../failed-items.ts';
import type { MapResults } from '../map-results.ts';
import { createNotifyAlerts, type Notified, type NotifyPorts } from '../notify-alerts.ts';
import type { PendingMerges } from '../state-inputs.ts';
import { createAwaitMerges } from './await-merges.ts';
import { readFailedMerges } from './merge-results.ts';

export interface FinishPorts extends NotifyPorts {
  objects: ObjectReader & ObjectWriter;
  inbox: Pick<MergeInbox, 'look' | 'othersToCome' | 'waitingOf'>;
  incoming: IncomingObjects;
  jobs: JobFinisher;
  events: IngestEvents;
}

export interface FinishRequest {
  jobId: string;
  executionArn: string;
  /** Of the execution, ISO 8601. */
  startedAt: string;
  merge: {
    totals: JobTotals;
    /** The first segments that failed. */
    failed: readonly FailedItem[];
    /** Of the last round of MergePartitions; absent where there was nothing to merge. */
    results?: MapResults;
  };
}

/** How an execution goes on. `totals` and `failed` are what was given: the state machine keeps all of it in one place. */
export interface Finish extends Notified {
  state: 'Completed' | 'Failed' | 'Waiting';
  /** What the machine waits for and then merges; `null` unless it is `Waiting`. */
  pending: PendingMerges | null;
  /** `null` unless it is `Failed`. */
  failure: Failure | null;
  totals: JobTotals;
  failed: readonly FailedItem[];
}

const noMerges: FailedItems = { failed: 0, total: 0, first: [] };

/**
 * FinishIngest: the end of an execution, in one call. Where parts of the job still wait to be merged, and no merge failed, the answer
 * is what to wait for. Else it sends the pending alerts, also those that an earlier execution left. Then, where segments or
 * merges failed, it answers which and why, and leaves the job to the machine; else the job is Completed, and the bus is told.
 *
 * Whatever it did before a crash it may do again: alerts are claimed, and the event comes at least once.
 *
 * @throws {AlertsPending} {StagingMissing} {InvalidInput}
 */
export function createFinishIngest(
  ports: FinishPorts & { curatedBucket: string },
): (request: FinishRequest, run: { remainingMs: () => number }) => Promise<Finish> {
  const { objects, jobs, events, clock } = ports;
  const awaitMerges = createAwaitMerges(ports);
  const notifyAlerts = createNotifyAlerts(ports);
  return async ({ jobId, executionArn, startedAt, merge }, { remainingMs }) => {
    const { totals, failed, results } = merge;
    const merges = results === undefined ? noMerges : await readFailedMerges(objects, results);
    if (results !== undefined && merges.failed === 0) {
      const pending = await awaitMerges({ jobId, startedAt });
      if (pending.count > 0)
        return { state: 'Waiting', pending, failure: null, sent: 0, withdrawn: 0, totals, failed };
    }
    const notified = await notifyAlerts({ owner: jobId, remainingMs });
    const segments = { failed: totals.failedSegments, total: totals.segments, first: failed };
    const failure = failureOf({ segments, merges });
    if (failure !== undefined)
      return { state: 'Failed', pending: null, failure, ...notified, totals, failed };
    await jobs.finish(jobId, new Date(clock.nowMs()).toISOString());
    await events.completed({ jobId, executionArn, totals });
    return { state: 'Completed', pending: null, failure: null, ...notified, totals, failed };
  };
}
