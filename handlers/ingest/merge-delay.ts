import type { UnitState } from '../../ports/inbox.ts';

/** What waits is merged after twenty times as long as the last merge took, so that merging takes a small share of the time … */
const delayFactor = 20;
const minDelayMs = 2_000;
/** … and after a minute at the latest: a buffer of Firehose, in which readings wait before, is 300 s. */
const maxDelayMs = 60_000;

/**
 * When what waits is to be merged, UTC ms. A merge writes whole partitions, however little is new in them, so parts that are to
 * come from other jobs are worth a wait, for as long as it costs little beside the merge. Where none are to come there is none.
 */
export function dueAtMs({ waiting, lastTookMs }: UnitState, othersToCome: boolean): number {
  const oldestMs = Math.min(...waiting.map(({ sinceMs }) => sinceMs));
  if (!othersToCome) return oldestMs;
  return oldestMs + Math.min(Math.max(lastTookMs * delayFactor, minDelayMs), maxDelayMs);
}
