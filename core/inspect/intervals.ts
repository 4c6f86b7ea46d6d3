/** Units of `core/time/duration.ts`, the longest first, in seconds. */
const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** Fewer of one length are chance. */
const leastSteps = 3;

/**
 * How often the series report, as a dataset's `expectedEvery` has it: the commonest step between two readings of one series, where at least half of
 * them are alike; `undefined` otherwise.
 * @param series times in ms, by series, in any order
 */
export function expectedEveryOf(series: Iterable<readonly number[]>): string | undefined {
  const counts = new Map<number, number>();
  let all = 0;
  for (const times of series) {
    const sorted = times.toSorted((a, b) => a - b);
    sorted.slice(1).forEach((ms, at) => {
      const step = Math.round((ms - (sorted[at] as number)) / 1_000); // at is within
      if (step === 0) return;
      all++;
      counts.set(step, (counts.get(step) ?? 0) + 1);
    });
  }
  const [step = 0, count = 0] = [...counts].toSorted((a, b) => b[1] - a[1])[0] ?? [];
  if (count < leastSteps || count < all / 2) return undefined;
  const [unit, seconds] = units.find(([, of]) => step % of === 0) ?? (['second', 1] as const);
  return `${step / seconds} ${unit}${step === seconds ? '' : 's'}`;
}
