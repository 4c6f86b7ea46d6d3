import type { IncomingObjects, MergeInbox, UnitState } from '../../ports/inbox.ts';

/** What waits is merged after twenty times as long as it takes, so that merging takes a small share of the time … */
const delayFactor = 20;
/** … which is what the last merge took, or, where that was a smaller one or none, at least a day's round trips … */
const msPerDay = 8;
const minDelayMs = 2_000;
/** … and after a minute at the latest: a buffer of Firehose, in which readings wait before, is 300 s. */
export const maxDelayMs = 60_000;

/**
 * When what waits is to be merged, UTC ms. A merge writes whole partitions, however little is new in them, so parts that are to
 * come from other jobs are worth a wait, for as long as it costs little beside the merge. Where none are to come there is none. Of a stream that
 * fills an object within that time the next one comes within it too: it is waited for as long as may be, or until one comes that is not full.
 */
export function dueAtMs({ waiting, lastTookMs }: UnitState, othersToCome: boolean): number {
  const oldestMs = Math.min(...waiting.map(({ sinceMs }) => sinceMs));
  if (waiting.at(-1)?.isFull) return oldestMs + maxDelayMs;
  if (!othersToCome) return oldestMs;
  const tookMs = Math.max(lastTookMs, msPerDay * Math.max(...waiting.map(({ days }) => days)));
  return oldestMs + Math.min(Math.max(tookMs * delayFactor, minDelayMs), maxDelayMs);
}

/** Whether parts of other jobs are to come: of jobs that have announced them, or of objects that wait for a job. */
export async function othersToCome(
  { inbox, incoming }: { inbox: Pick<MergeInbox, 'othersToCome'>; incoming: IncomingObjects },
  jobId: string,
  nowMs: number,
): Promise<boolean> {
  const [isAnnounced, isWaiting] = await Promise.all([
    inbox.othersToCome(jobId, nowMs),
    incoming.areWaiting(),
  ]);
  return isAnnounced || isWaiting;
}
