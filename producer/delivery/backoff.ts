/** Exponential backoff with full jitter: waits of `random × min(cap, base × 2^attempt)`. */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/** From 100 ms, doubled up to 20 s: ten attempts take 50 s on average, and a throttled fleet spreads out. */
export const defaultBackoff: Backoff = { baseMs: 100, capMs: 20_000 };

/**
 * How long to wait before a further attempt.
 * @param attempt attempts without any success so far, from 1
 * @param random 0 to 1
 */
export function backoffMs(backoff: Backoff, attempt: number, random: number): number {
  return random * Math.min(backoff.capMs, backoff.baseMs * 2 ** Math.min(attempt, 30));
}
