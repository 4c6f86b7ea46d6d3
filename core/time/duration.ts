/** ms in 24 hours, the length of a UTC day. A local day of a zone with daylight saving may have 23 or 25. */
export const dayMs = 86_400_000;

const unitMs = new Map([
  ['second', 1_000],
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', dayMs],
  ['week', 7 * dayMs],
]);

/**
 * A length of time such as `10 seconds`, `1 hour` or `7 days`, in ms; `undefined` when the text is not one.
 * The number is a positive integer; the unit is second, minute, hour, day or week, singular or plural. A day is 24 h.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^([1-9]\d{0,8}) (second|minute|hour|day|week)s?$/.exec(text);
  const unit = match && unitMs.get(match[2] ?? '');
  return unit ? Number(match[1]) * unit : undefined;
}
