import type { Clock } from '../../../ports/clock.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import { StagingMissing } from '../../../ports/faults.ts';
import type { IncomingObjects, MergeInbox } from '../../../ports/inbox.ts';
import { pendingManifestKey, unitsManifestKey } from '../../../ports/keys.ts';
import {
  addressOf,
  fromJsonBytes,
  type ObjectReader,
  type ObjectWriter,
  toJsonBytes,
} from '../../../ports/objects.ts';
import { dueAtMs, othersToCome } from '../merge-delay.ts';
import { roundWaitSeconds } from '../round-wait.ts';
import type { MergeTask, PendingMerges } from '../state-inputs.ts';

/** Units that are looked at for how long to wait; with so many, one is soon due. */
const maxLookedAt = 32;
/** A unit that somebody merges is merged in seconds. */
const heldSeconds = 3;
/** Bounds of what the machine waits between two rounds of merges. */
export const mergeRoundSeconds = { atLeast: 1, atMost: 60 };

/**
 * What of a job still waits to be merged, and for how long the machine lets it wait before it tries again. Nothing that
 * waits is a fault: somebody else merges it, its function was throttled, or parts are worth waiting for.
 *
 * @throws {StagingMissing}
 */
export function createAwaitMerges(ports: {
  objects: ObjectReader & ObjectWriter;
  inbox: Pick<MergeInbox, 'look' | 'othersToCome' | 'waitingOf'>;
  incoming: IncomingObjects;
  clock: Pick<Clock, 'nowMs'>;
  curatedBucket: string;
}): (request: { jobId: string; startedAt?: string }) => Promise<PendingMerges> {
  const { objects, inbox, clock, curatedBucket: bucket } = ports;
  return async ({ jobId, startedAt }) => {
    const all = { bucket, key: unitsManifestKey(jobId) };
    const stored = await objects.read(all);
    if (stored === undefined) throw new StagingMissing(addressOf(all));
    const tasks = fromJsonBytes<MergeTask[]>(stored.bytes);
    const isWaiting = await inbox.waitingOf(
      jobId,
      tasks.flatMap((task) => task.units),
    );
    let position = 0;
    const pending = tasks
      .map((task) => ({ ...task, units: task.units.filter(() => isWaiting[position++]) }))
      .filter(({ units }) => units.length > 0);
    const units = pending.flatMap((task) => task.units);
    if (units.length === 0) return { units: all, count: 0, waitSeconds: 0 };

    const manifest = { bucket, key: pendingManifestKey(jobId) };
    await objects.write({ ...manifest, bytes: toJsonBytes(pending), contentType: 'application/json' });
    const nowMs = clock.nowMs();
    const others = await othersToCome(ports, jobId, nowMs);
    const seconds = await mapBounded(units.slice(0, maxLookedAt), maxLookedAt, async (unit) => {
      const state = await inbox.look(unit);
      if (state.waiting.length === 0) return 0; // merged since it was asked
      if (state.lease !== undefined && state.lease.untilMs > nowMs) return heldSeconds;
      return (dueAtMs(state, others) - nowMs) / 1000;
    });
    const atLeast = roundWaitSeconds({ startedAt, nowMs }, mergeRoundSeconds);
    const waitSeconds = Math.min(
      Math.max(Math.ceil(Math.min(...seconds)), atLeast),
      mergeRoundSeconds.atMost,
    );
    return { units: manifest, count: units.length, waitSeconds };
  };
}
