import type { PackedRecord } from '../../../core/lines/packing.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { ReadingStream } from '../../../ports/stream.ts';

/** First wait, doubled up to the cap, each with full jitter (a random share of it), in ms. */
const baseMs = 50;
const capMs = 3_200;
/** API Gateway waits 29 s. After 20 s nothing is tried again; the last attempt may then take 5 s: 25 s at the most. */
export const retryMs = 20_000;
export const attemptMs = 5_000;

/**
 * Sends a batch until all of it is acknowledged or the time is over. Only what failed is sent again.
 * @returns the records that nobody acknowledged, in order, and the last reason
 */
export async function deliver(
  ports: { readonly stream: ReadingStream; readonly clock: Clock },
  batch: readonly PackedRecord[],
  deadlineMs: number,
): Promise<{ unacknowledged: readonly PackedRecord[]; code: string }> {
  let pending = batch;
  for (let attempt = 0; ; attempt += 1) {
    const { failed, code } = await ports.stream.put(pending, attemptMs);
    pending = failed.flatMap((index) => pending[index] ?? []);
    if (pending.length === 0) return { unacknowledged: [], code: '' };
    const waitMs = ports.clock.random() * Math.min(capMs, baseMs * 2 ** attempt);
    if (ports.clock.nowMs() + waitMs > deadlineMs) return { unacknowledged: pending, code };
    await ports.clock.pause(waitMs);
  }
}
