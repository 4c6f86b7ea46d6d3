/** A value of an option that cannot be used; the message names the option and what is accepted. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

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

/** A length of time as typed, in ms: `500ms`, `10s`, `15m`, `1h`, `7d`, `2w`, `6mo` (of 30 d), `2y` (of 365 d). */
export function parseLength(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d|w|mo|y)$/.exec(text);
  const ms = match && Number(match[1]) * (unitsMs[match[2] ?? ''] ?? Number.NaN);
  if (!ms)
    throw new OptionError(`--${option} takes a length of time such as 10s, 15m, 1h, 7d or 2y, not "${text}"`);
  return Math.round(ms);
}

/** A share as typed, from 0 to 1: `2%` or `0.02`. */
export function parseShare(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  const share = match ? Number(match[1]) / (match[2] === '%' ? 100 : 1) : Number.NaN;
  if (!(share >= 0 && share <= 1))
    throw new OptionError(`--${option} takes a share such as 2% or 0.02, not "${text}"`);
  return share;
}

/** A number as typed. */
export function parseCount(
  option: string,
  text: string,
  { min, max, whole = true }: { min: number; max: number; whole?: boolean },
): number {
  const value = text.trim() === '' ? Number.NaN : Number(text.replaceAll('_', ''));
  if (!(value >= min && value <= max) || (whole && !Number.isInteger(value))) {
    const kind = whole ? 'whole number' : 'number';
    throw new OptionError(`--${option} takes a ${kind} from ${min} to ${max}, not "${text}"`);
  }
  return value;
}

/** An instant as typed, in ms. */
export function parseInstant(option: string, text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new OptionError(`--${option} takes a time such as 2024-01-01T00:00:00Z, not "${text}"`);
  return ms;
}
