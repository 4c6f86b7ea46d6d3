import { setTimeout as sleep } from 'node:timers/promises';
import { billedBytes, type PackedRecord } from '../../core/lines/packing.ts';
import type { Backlog } from './backlog.ts';
import type { Sender } from './sender.ts';

/** Firehose did not take the readings: it refused them, or the deadline passed. `unacknowledged` says how many. */
export class DeliveryFailed extends Error {
  override readonly name = 'DeliveryFailed';
}

/** What was sent and what became of it. Counts and bytes are since the producer started; all are exact. */
export interface Tally {
  /** Lines taken in for sending. */
  lines: number;
  /** Lines that Firehose acknowledged; more than `lines` when a spool held some from an earlier run. */
  acknowledged: number;
  /** Lines taken in, or left in the spool by an earlier run, that no acknowledgement is known for. */
  unacknowledged: number;
  /** Lines that no record can hold (over 1,000 KiB): not sent. */
  tooLarge: number;
  /** Bytes of the spool in which a checksum does not hold, set aside in `*.damaged`. */
  damagedBytes: number;
  /** Acknowledged records, and their bytes. */
  records: number;
  bytes: number;
  /** Those bytes as billed: each record rounded up to 5 KiB. */
  billedBytes: number;
  /** Requests made, whatever their answer. */
  requests: number;
  /** Records sent again, each time counted. */
  retries: number;
  /** Records that a 200 answer reported as failed. */
  failedEntries: number;
  /** Requests that were throttled, and those that broke, timed out or were answered with a fault. */
  throttled: number;
  faults: number;
}

/** All zero. */
export const emptyTally = (): Tally => ({
  lines: 0,
  acknowledged: 0,
  unacknowledged: 0,
  tooLarge: 0,
  damagedBytes: 0,
  records: 0,
  bytes: 0,
  billedBytes: 0,
  requests: 0,
  retries: 0,
  failedEntries: 0,
  throttled: 0,
  faults: 0,
});

/** Exponential backoff with full jitter: waits of `random × min(cap, base × 2^attempt)`. */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/** From 100 ms, doubled up to 20 s: ten attempts take 50 s on average, and a throttled fleet spreads out. */
export const defaultBackoff: Backoff = { baseMs: 100, capMs: 20_000 };

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
  /** Called with each trouble that is tried again, for people to read. */
  readonly onTrouble: (reason: string) => void;
  /** Stops all requests and waits at once. */
  readonly signal: AbortSignal;
}

/**
 * Delivers a backlog until it is closed and empty: only failed entries are sent again, whole requests when nothing is
 * known of them. Waiting before a retry occupies its place among the `inFlight`, so trouble slows the source down.
 * @throws {DeliveryFailed} at the first refusal or passed deadline; the other requests under way are stopped
 */
export async function deliverBacklog(options: DeliveryOptions): Promise<void> {
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

/**
 * How long to wait before a further attempt.
 * @param attempt attempts without any success so far, from 1
 * @param random 0 to 1
 */
function backoffMs(backoff: Backoff, attempt: number, random: number): number {
  return random * Math.min(backoff.capMs, backoff.baseMs * 2 ** Math.min(attempt, 30));
}

/** Counts one record that Firehose acknowledged. */
function countAcknowledged(tally: Tally, record: PackedRecord): void {
  tally.records += 1;
  tally.bytes += record.data.length;
  tally.billedBytes += billedBytes(record.data.length);
  tally.acknowledged += record.lines;
  tally.unacknowledged -= record.lines;
}
