const unitMs = new Map([
  ['second', 1_000],
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', 86_400_000],
  ['week', 604_800_000],
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
