import type { ExpectedMeasure, ExpectedPeriod } from '../../producer/proof/expectation.ts';

/** A period of one series, as `GET /datasets/{dataset}/statistics` answers it. */
export interface ShownPeriod {
  readonly period: string;
  readonly count: number;
  readonly measures: Readonly<Record<string, ExpectedMeasure>>;
}

/**
 * What differs between what a period must show and what it shows, in words; nothing when they agree. Mean and standard deviation
 * are correctly rounded on both sides, so they must be equal too.
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
  const keys = ['count', 'min', 'minAt', 'max', 'maxAt', 'mean', 'standardDeviation'] as const;
  const unlike = keys.filter((key) => shown[key] !== expected[key]);
  return unlike.map((key) => `${key} ${shown[key]}, ${expected[key]} expected`);
}
