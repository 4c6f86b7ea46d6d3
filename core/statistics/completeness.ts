/**
 * The share of the expected readings that are there, 0 to 1: `count` over the whole intervals of `expectedEveryMs`
 * in the period, of which there is at least one. A month of 31 days at one reading a week expects 4.
 * `undefined` when the dataset expects nothing.
 */
export function completeness(period: {
  readonly startMs: number;
  readonly endMs: number;
  readonly count: number;
  readonly expectedEveryMs: number | undefined;
}): number | undefined {
  if (period.expectedEveryMs === undefined) return undefined;
  const expected = Math.max(1, Math.floor((period.endMs - period.startMs) / period.expectedEveryMs));
  return Math.min(1, period.count / expected);
}
