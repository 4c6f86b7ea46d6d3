import type { Datum } from './metric-store.ts';

// biome-ignore lint/suspicious/noExplicitAny: a line of a log is whatever a function wrote; each member that is read is checked
type Written = any;

/** Metrics of a directive, and dimensions of a set, at most, as CloudWatch takes them. */
const maxMetrics = 100;
const maxDimensions = 30;

/**
 * The metrics in a line of a function's log, in CloudWatch's embedded metric format. None for any other line; a directive that is not of
 * the format makes no metrics, and CloudWatch says so nowhere but in a metric of its own.
 */
export function embeddedMetrics(line: string): Datum[] {
  if (!line.startsWith('{') || !line.includes('"CloudWatchMetrics"')) return [];
  let written: Written;
  try {
    written = JSON.parse(line);
  } catch {
    return [];
  }
  const directives: Written[] = Array.isArray(written?._aws?.CloudWatchMetrics)
    ? written._aws.CloudWatchMetrics
    : [];
  return directives.flatMap(({ Namespace: namespace, Dimensions: sets = [[]], Metrics = [] }: Written) => {
    if (typeof namespace !== 'string' || !Array.isArray(sets) || !Array.isArray(Metrics)) return [];
    return sets.flatMap((set: Written) => {
      const dimensions = dimensionsOf(set, written);
      if (dimensions === undefined) return [];
      return Metrics.slice(0, maxMetrics).flatMap(({ Name: name }: Written) =>
        valuesOf(written[name]).map((value) => ({
          ...{ namespace, name: String(name), dimensions, value },
          ...(typeof written._aws.Timestamp === 'number' ? { atMs: written._aws.Timestamp } : {}),
        })),
      );
    });
  });
}

const valuesOf = (value: Written): number[] =>
  (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'number');

function dimensionsOf(set: Written, written: Written): Record<string, string> | undefined {
  if (!Array.isArray(set) || set.length > maxDimensions) return undefined;
  const named = set.map((name): [string, unknown] => [String(name), written[name]]);
  if (named.some(([, value]) => typeof value !== 'string')) return undefined;
  return Object.fromEntries(named) as Record<string, string>;
}
