import type { Dataset } from '../dataset/dataset.ts';
import type { Rejected } from '../dataset/reading.ts';
import { endTimestampMs, minTimestampMs } from '../time/calendar.ts';
import { rejected, show } from './rejection.ts';

/**
 * The last instant, UTC ms, that a reading may have in what arrived at `arrivedMs`. It is never the clock that is asked: an object that is
 * read again, next year too, must give the same.
 */
export const latestMs = (dataset: Dataset, arrivedMs: number): number =>
  Math.min(arrivedMs + dataset.maxAheadMs, endTimestampMs - 1);

const utc = (ms: number): string => new Date(ms).toISOString();

/**
 * Why a reading can't be of that time; `undefined` when it can. A withdrawn one may be of any time that can be stored: what an older rule
 * has let in must be possible to withdraw.
 * @param found.shown the time as the line has it
 */
export function timeFault(
  dataset: Dataset,
  found: { timestampMs: number; arrivedMs: number; shown: unknown; withdrawn: boolean },
): Rejected | undefined {
  const { timestampMs, arrivedMs, withdrawn } = found;
  const lastMs = withdrawn ? endTimestampMs - 1 : latestMs(dataset, arrivedMs);
  if (timestampMs > lastMs) {
    const ahead = withdrawn ? '' : `at most ${dataset.maxAhead} after its arrival, `;
    return rejected(
      'in-the-future',
      `timestamp is ${show(found.shown)}; accepted: ${ahead}until ${utc(lastMs)}`,
    );
  }
  const isDated = !withdrawn && dataset.earliestMs > minTimestampMs;
  if (timestampMs >= (isDated ? dataset.earliestMs : minTimestampMs)) return undefined;
  const accepted = isDated ? `${dataset.earliest} on, in ${dataset.timeZone}` : `${utc(minTimestampMs)} on`;
  return rejected('too-early', `timestamp is ${show(found.shown)}; accepted: from ${accepted}`);
}
