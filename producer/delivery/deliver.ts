import { setTimeout as sleep } from 'node:timers/promises';
import type { PackedRecord } from '../../core/lines/packing.ts';
import type { Backlog } from './backlog.ts';
import { type Backoff, backoffMs } from './backoff.ts';
import type { Sender } from './sender.ts';
import { countAcknowledged, type Tally } from './tally.ts';

/** Firehose did not take the readings: it refused them, or the deadline passed. `unacknowledged` says how many. */
export class DeliveryFailed extends Error {
  override readonly name = 'DeliveryFailed';
}

export interface DeliveryOptions {
  readonly backlog: Backlog;
  readonly sender: Sender;
  readonly tally: Tally;
  /** Requests under way at once. */
  readonly inFlight: number;
  readonly backoff: Backoff;
  /** A request's records are given up when none of them gets through for this long. */
  readonly deadlineMs: number;
  /** From when on the deadline counts, as `performance.now()`; `undefined` while a spool keeps what waits. */
  readonly deadlineFrom: () => number | undefined;
  /** Told of each trouble that is tried again, for people to see. */
  readonly onTrouble: (reason: string) => void;
  /** Stops all requests and waits at once. */
  readonly signal: AbortSignal;
}

/**
 * Delivers a backlog until it is closed and empty: only failed entries are sent again, whole requests when nothing is
 * known of them. Waiting before a retry occupies its place among the `inFlight`, so trouble slows the source down.
 * @throws {DeliveryFailed} at the first refusal or passed deadline; the other requests under way are stopped
 */
export async function deliver(options: DeliveryOptions): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const worker = async (): Promise<void> => {
    try {
      for (
        let batch = await options.backlog.take();
        batch !== undefined;
        batch = await options.backlog.take()
      ) {
        signal.throwIfAborted();
        await deliverBatch(batch, options, signal);
      }
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  };
  const workers = Array.from({ length: options.inFlight }, worker);
  const aborted = new Promise<never>((_, reject) => {
    // A worker that waits for the backlog does not see the signal.
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  aborted.catch(() => {});
  await Promise.race([Promise.all(workers), aborted]);
}

async function deliverBatch(
  batch: readonly PackedRecord[],
  options: DeliveryOptions,
  signal: AbortSignal,
): Promise<void> {
  const { backlog, sender, tally } = options;
  let pending = batch;
  let lastProgressAt = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    tally.requests += 1;
    const outcome = await sender.send(pending, signal);
    const reason = describe(outcome);
    if (outcome.kind === 'answered') {
      const marks = new Set(outcome.failed);
      const failed = pending.filter((_, index) => marks.has(index));
      const arrived = failed.length === 0 ? pending : pending.filter((_, index) => !marks.has(index));
      for (const record of arrived) countAcknowledged(tally, record);
      tally.failedEntries += failed.length;
      backlog.acknowledge(arrived);
      if (arrived.length > 0) {
        lastProgressAt = performance.now();
        attempt = 1;
      }
      if (failed.length === 0) return;
      pending = failed;
    } else if (outcome.kind === 'refused' && tally.records === 0) {
      // Later on a refusal may be credentials that are being renewed: then it is retried like a fault.
      throw new DeliveryFailed(outcome.reason);
    } else if (outcome.kind === 'unanswered' && outcome.throttled) tally.throttled += 1;
    else tally.faults += 1;

    const delayMs = backoffMs(options.backoff, attempt, Math.random());
    const from = options.deadlineFrom();
    const waitedMs = performance.now() + delayMs - Math.max(lastProgressAt, from ?? 0);
    if (from !== undefined && waitedMs > options.deadlineMs) {
      throw new DeliveryFailed(`gave up after ${options.deadlineMs / 1_000} s without progress: ${reason}`);
    }
    options.onTrouble(reason);
    await sleep(delayMs, undefined, { signal });
    tally.retries += pending.length;
  }
}

function describe(outcome: Awaited<ReturnType<Sender['send']>>): string {
  return outcome.kind === 'answered'
    ? `${outcome.failed.length} records failed: ${outcome.code}`
    : outcome.reason;
}
