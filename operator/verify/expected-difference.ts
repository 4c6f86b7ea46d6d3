import type { ExpectedMeasure, ExpectedPeriod } from '../../producer/proof/expectation.ts';

/** A period of one series, as `GET /datasets/{dataset}/statistics` answers it. */
export interface ShownPeriod {
  readonly period: string;
  readonly count: number;
  readonly measures: Readonly<Record<string, ExpectedMeasure>>;
}

/** Mean and deviation may differ by this much of themselves: the pipeline rounds at each step, the oracle once. */
const relative = 1e-9;
/** And by this much of the largest value: a mean near 0 keeps the rounding of the values that it is the mean of. */
const ofLargest = 1e-12;

/**
 * What differs between what a period must show and what it shows, in words; nothing when they agree. Counts, extremes
 * and their times must be equal.
 * @param shown `undefined` when the API has nothing of the period
 */
export function periodDifferences(
  expected: ExpectedPeriod | undefined,
  shown: ShownPeriod | undefined,
): string[] {
  if (expected === undefined) return [`${shown?.count} readings that were not sent`];
  if (shown === undefined) return [`nothing, ${expected.count} readings expected`];
  const found: string[] = [];
  if (shown.count !== expected.count) found.push(`count ${shown.count}, ${expected.count} expected`);
  const names = new Set([...Object.keys(expected.measures), ...Object.keys(shown.measures)]);
  for (const name of names) {
    const [wanted, given] = [expected.measures[name], shown.measures[name]];
    if (wanted === undefined) found.push(`${name} that was not sent`);
    else if (given === undefined) found.push(`no ${name}`);
    else found.push(...measureDifferences(wanted, given).map((text) => `${name}.${text}`));
  }
  return found;
}

function measureDifferences(expected: ExpectedMeasure, shown: ExpectedMeasure): string[] {
  const largest = Math.max(Math.abs(expected.min), Math.abs(expected.max));
  const isClose = (a: number, b: number) => Math.abs(a - b) <= relative * Math.abs(b) + ofLargest * largest;
  const exact = (['count', 'min', 'minAt', 'max', 'maxAt'] as const).filter(
    (key) => shown[key] !== expected[key],
  );
  // Not `>`: NaN is close to nothing.
  const near = (['mean', 'standardDeviation'] as const).filter((key) => !isClose(shown[key], expected[key]));
  return [...exact, ...near].map((key) => `${key} ${shown[key]}, ${expected[key]} expected`);
}
