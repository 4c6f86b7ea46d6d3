import type { Dataset } from '../dataset/dataset.ts';
import type { Rejected } from '../dataset/reading.ts';
import { rejected, show } from './rejection.ts';

/**
 * The last instant, UTC ms, that a reading may have in what arrived at `arrivedMs`. It is never the clock that is asked: an object that is
 * read again, next year too, must give the same.
 */
export const latestMs = (dataset: Dataset, arrivedMs: number): number => arrivedMs + dataset.maxAheadMs;

/** Why a reading can't be of that time; `undefined` when it can. `shown`: the time as the line has it. */
export function timeFault(
  dataset: Dataset,
  { timestampMs, arrivedMs, shown }: { timestampMs: number; arrivedMs: number; shown: unknown },
): Rejected | undefined {
  const lastMs = latestMs(dataset, arrivedMs);
  if (timestampMs > lastMs) {
    const accepted = `at most ${dataset.maxAhead} after its arrival, until ${new Date(lastMs).toISOString()}`;
    return rejected('in-the-future', `timestamp is ${show(shown)}; accepted: ${accepted}`);
  }
  if (timestampMs >= dataset.earliestMs) return undefined;
  const accepted = `from ${dataset.earliest} on, in ${dataset.timeZone}`;
  return rejected('too-early', `timestamp is ${show(shown)}; accepted: ${accepted}`);
}
