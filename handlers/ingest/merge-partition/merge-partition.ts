import type { Dataset } from '../../../core/dataset/dataset.ts';
import { createGate } from '../../../ports/concurrency.ts';
import { DatasetUnknown, StagingMissing, StoreUnavailable } from '../../../ports/faults.ts';
import type {
  IncomingObjects,
  MergeInbox,
  MergeUnit,
  UnitState,
  WaitingParts,
} from '../../../ports/inbox.ts';
import type { Meter } from '../../../ports/meter.ts';
import { addressOf, fromJsonBytes } from '../../../ports/objects.ts';
import type { JobMerges } from '../../../ports/records.ts';
import { dueAtMs, othersToCome } from '../merge-delay.ts';
import type { MergeTask, PartList } from '../state-inputs.ts';
import { createKeptFolds } from './kept-folds.ts';
import { measureMerge } from './measure-merge.ts';
import { type MergeCounts, type MergePorts, mergeParts, type PartsToMerge } from './merge-parts.ts';

/** Writes to DynamoDB at once, over all partitions: the SDK's pool has 50 connections, and S3 has one of its own. */
const writesInFlight = 32;

/** A function that is killed leaves its leases: they lapse soon after it would have ended. */
const leaseMs = 45_000;

/** What ends a merge early: time for the days in work, their months and the notes about them. */
const reserveMs = 15_000;

/** New readings that one merge takes from the inbox; the parts of one job are taken whole. */
const maxRowsPerTake = 500_000;

const noCounts = (): MergeCounts => ({
  ...{ partitions: 0, added: 0, replaced: 0, repeated: 0, superseded: 0, contested: 0 },
  ...{ alerts: 0, conflicts: 0 },
});
const countNames = Object.keys(noCounts()) as (keyof MergeCounts)[];

/** Counts are of this child's own merges, those of other jobs' parts included. */
export interface MergeResult extends MergeCounts {
  /** Units that are merged as far as this job goes, … */
  merged: number;
  /** … those of them that another job's execution merged, … */
  mergedByOthers: number;
  /** … and units that wait: somebody else merges them, or parts are worth waiting for. */
  waiting: number;
  /** Readings of other jobs that this child merged beside its own; they are among the counts. */
  ofOthers: number;
  /** Readings of this job, merged by this child, that are contested now, those that one segment contradicts by itself included. */
  contestedNow: number;
}

/**
 * MergePartition: sees to it that the parts of its job are merged, unit by unit. Whoever holds a unit's lease merges all that waits for
 * it, whatever job it is of, in one go: parts that somebody else has merged are found to wait no more. What can't be merged
 * now still waits, and the machine comes back for it.
 *
 * Parts of another job that can't be read are left where they are: their own job fails with them, by name.
 * @throws {DatasetUnknown} {StagingMissing} {PartitionConflict} and what core throws for a changed layout
 */
export function createMergePartition(
  ports: Omit<MergePorts, 'writes'> & {
    inbox: Omit<MergeInbox, 'announce' | 'put' | 'waitingOf'>;
    incoming: IncomingObjects;
    jobs: JobMerges;
    meter: Meter;
    datasets: readonly Dataset[];
  },
) {
  const withGate = { ...ports, writes: createGate(writesInFlight), folds: createKeptFolds() };
  const { inbox, clock } = ports;

  return async (
    { jobId, bucket, units }: MergeTask,
    { remainingMs }: { remainingMs: () => number },
  ): Promise<MergeResult> => {
    const counts = noCounts();
    const found = { merged: 0, mergedByOthers: 0, waiting: 0, ofOthers: 0, contestedNow: 0 };
    for (const unit of units) found[(await seeTo(unit)) ? 'merged' : 'waiting']++;
    return { ...found, ...counts };

    /** Whether the job's parts for the unit are merged. */
    async function seeTo(unit: MergeUnit): Promise<boolean> {
      const before = await inbox.look(unit);
      if (!isWaiting(before)) {
        found.mergedByOthers++;
        return true;
      }
      const nowMs = clock.nowMs();
      const isHeld =
        before.lease !== undefined && before.lease.owner !== jobId && before.lease.untilMs > nowMs;
      if (isHeld || !(await isDue(before)) || remainingMs() < reserveMs) return false;
      if (!(await inbox.take(unit, { owner: jobId, nowMs, untilMs: nowMs + leaseMs }))) return false;
      const setAside = new Set<string>();
      let tookMs = before.lastTookMs;
      try {
        for (;;) {
          const state = await inbox.look(unit); // again: what waited before the lease may be merged
          state.waiting = state.waiting.filter((parts) => !setAside.has(parts.jobId));
          const isMine = isWaiting(state);
          if (state.waiting.length === 0 || (!isMine && !(await isDue(state)))) return !isMine;
          if (remainingMs() < reserveMs) return !isMine;
          const startedMs = clock.nowMs();
          await mergeWaiting(unit, state.waiting, setAside);
          tookMs = clock.nowMs() - startedMs;
        }
      } finally {
        await inbox.release(unit, { owner: jobId, tookMs }).catch((fault: unknown) => {
          if (!(fault instanceof StoreUnavailable)) throw fault; // else the lease lapses by itself
        });
      }
    }

    function isWaiting({ waiting: parts }: UnitState): boolean {
      return parts.some((one) => one.jobId === jobId);
    }

    async function isDue(state: UnitState): Promise<boolean> {
      const nowMs = clock.nowMs();
      if (dueAtMs(state, true) <= nowMs) return true;
      return dueAtMs(state, false) <= nowMs && !(await othersToCome(ports, jobId, nowMs));
    }

    /**
     * Merges what waits, the oldest first, as far as time allows; then none of it that is merged waits any more.
     * @param setAside takes the jobs whose parts can't be read; those of this job are a fault
     */
    async function mergeWaiting(
      unit: MergeUnit,
      waitingParts: readonly WaitingParts[],
      setAside: Set<string>,
    ): Promise<void> {
      const dataset = ports.datasets.find(({ storageName }) => storageName === unit.dataset);
      if (dataset === undefined) throw new DatasetUnknown(`${unit.dataset}, of job ${jobId}`);
      const toMerge: PartsToMerge[] = [];
      let rows = 0;
      for (const parts of waitingParts) {
        const isOwn = parts.jobId === jobId;
        if (rows > 0 && rows + parts.rows > maxRowsPerTake && !isOwn) continue;
        const days = await readList({ bucket, ...parts.list });
        if (days === undefined && isOwn) throw new StagingMissing(addressOf({ bucket, key: parts.list.key }));
        if (days === undefined) setAside.add(parts.jobId);
        else {
          rows += parts.rows;
          toMerge.push({ parts, days, isOwn });
        }
      }
      const ofThese = noCounts();
      const { mergedThrough, unreadable, contested, newestMs } = await mergeParts(withGate, {
        ...{ bucket, dataset, unit, toMerge, counts: ofThese },
        mayGoOn: () => remainingMs() >= reserveMs,
      });
      for (const name of countNames) counts[name] += ofThese[name];
      for (const { parts, days } of toMerge) {
        if (unreadable.has(parts)) {
          setAside.add(parts.jobId);
          continue;
        }
        const readings = contested.get(parts) ?? 0;
        if (readings > 0) {
          const part = [unit.dataset, unit.shard, unit.month, parts.mergedThrough ?? ''].join('#');
          const updatedAt = new Date(clock.nowMs()).toISOString();
          await ports.jobs.contested(parts.jobId, { part, readings, updatedAt });
          if (parts.jobId === jobId) found.contestedNow += readings;
        }
        if (mergedThrough === undefined || (days.at(-1)?.day ?? '') <= mergedThrough) {
          await inbox.remove(unit, parts);
          if (parts.jobId !== jobId) found.ofOthers += parts.rows;
        } else await inbox.advance(unit, parts, mergedThrough);
      }
      const arrivals = toMerge.flatMap(({ parts }) => (unreadable.has(parts) ? [] : (parts.arrivedMs ?? [])));
      measureMerge(ports.meter, {
        dataset: dataset.name,
        counts: ofThese,
        newestMs,
        arrivals,
        nowMs: clock.nowMs(),
      });
    }

    async function readList(at: { bucket: string; key: string; start: number; end: number }) {
      const bytes = await ports.objects.readRange(at);
      return bytes && fromJsonBytes<PartList>(bytes);
    }
  };
}
