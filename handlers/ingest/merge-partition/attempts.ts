/** Pauses are drawn from 0 to 100, 200, 400, 800, 1,600 and then 2,000 ms: 11.1 s at the most before giving up. */
export const maxAttempts = 10;
export const backoffMs = (attempt: number, chance: number): number =>
  chance * Math.min(2_000, 50 * 2 ** attempt);
