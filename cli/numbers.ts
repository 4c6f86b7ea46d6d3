/** Readers of numbers as people type them: `undefined` for what is not one. */

const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  mo: 30 * 86_400_000,
  y: 365 * 86_400_000,
};

/** What {@link durationMs} reads, by an example of each unit. */
export const durationUnits = '500ms, 10s, 15m, 1h, 7d, 2w, 6mo (of 30 days) or 2y (of 365 days)';

/** A length of time in ms, longer than none: `500ms`, `10s`, `15m`, `1h`, `7d`, `2w`, `6mo` (of 30 d), `2y` (of 365 d). */
export function durationMs(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d|w|mo|y)$/.exec(text);
  const ms = match && Number(match[1]) * (unitsMs[match[2] ?? ''] ?? Number.NaN);
  return ms ? Math.round(ms) : undefined;
}

/** A share from 0 to 1: `2%` or `0.02`. */
export function shareOf(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  const share = match ? Number(match[1]) / (match[2] === '%' ? 100 : 1) : Number.NaN;
  return share >= 0 && share <= 1 ? share : undefined;
}

/** A number within bounds, both included; `10_000` is one. Infinity is none. */
export function numberOf(
  text: string,
  { min = -Number.MAX_VALUE, max = Number.MAX_VALUE, whole }: { min?: number; max?: number; whole: boolean },
): number | undefined {
  const value = text.trim() === '' ? Number.NaN : Number(text.replaceAll('_', ''));
  if (!(value >= min && value <= max)) return undefined;
  return whole && !Number.isSafeInteger(value) ? undefined : value;
}

/** An instant in UTC ms, in any form that JavaScript's `Date` reads. */
export function instantMs(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
