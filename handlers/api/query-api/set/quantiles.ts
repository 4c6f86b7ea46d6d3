import type { Dataset } from '../../../../core/dataset/dataset.ts';
import { shardOf } from '../../../../core/partition/partition.ts';
import type { Columns } from '../../../../core/set/columns.ts';
import { endOfRun } from '../../../../core/set/sorted-rows.ts';
import { type Quantile, quantileOf } from '../../../../core/statistics/quantiles.ts';
import { dayName } from '../../../../core/time/calendar.ts';
import { daysOf } from '../../answers/span.ts';
import type { Summary } from '../../answers/statistics-row.ts';
import type { Problem } from '../../http/problem.ts';
import { type Selected, shardsOf } from '../selected.ts';
import { type SetPorts, TooManyRows, takeRowsOfDays } from './series-rows.ts';

/** Most readings of which an answer has quantiles; of more than eight measures as many fewer, since all values are held: 64 MB. */
const mostReadings = 1_000_000;
const mostValues = 8_000_000;
/** Most partitions that are read for an answer. */
const mostPartitions = 4_000;

/** How many readings may be behind the quantiles of an answer. */
export const mostBehindQuantiles = ({ measureNames }: Dataset): number =>
  Math.min(mostReadings, Math.floor(mostValues / measureNames.length));

/** The values of each measure, by what they are to be told apart by. */
export class Values {
  readonly #dataset: Dataset;
  readonly #chunks = new Map<string, Float64Array[][]>();

  constructor(dataset: Dataset) {
    this.#dataset = dataset;
  }

  /** Rows `start` (inclusive) to `end` (exclusive), without those that are withdrawn and values that are absent. */
  add(key: string, { values, withdrawn }: Columns, start: number, end: number): void {
    const chunks = this.#chunks.get(key) ?? values.map((): Float64Array[] => []);
    this.#chunks.set(key, chunks);
    const of = withdrawn.subarray(start, end);
    values.forEach((column, measure) => {
      const present = column.subarray(start, end).filter((value, at) => of[at] === 0 && !Number.isNaN(value));
      if (present.length > 0) chunks[measure]?.push(present);
    });
  }

  /** By measure, and by the name of the quantile; a measure without a value is left out. */
  quantiles(key: string, quantiles: readonly Quantile[]): Record<string, Record<string, number>> {
    const found: Record<string, Record<string, number>> = {};
    this.#dataset.measureNames.forEach((name, measure) => {
      const sorted = joined(this.#chunks.get(key)?.[measure] ?? []).sort();
      if (sorted.length === 0) return;
      found[name] = Object.fromEntries(quantiles.map((one) => [one.name, quantileOf(sorted, one)]));
    });
    return found;
  }
}

function joined(chunks: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/**
 * The first of the summaries, as many as have no more readings together than {@link mostBehindQuantiles}, with their quantiles, from
 * the partitions of their days. A problem when the first has more by itself.
 * @param of the sensors that are merged, where a summary is not of one
 */
export async function withQuantiles(
  ports: SetPorts,
  dataset: Dataset,
  summaries: readonly Summary[],
  of: { readonly selected: Selected; readonly quantiles: readonly Quantile[] },
): Promise<readonly Summary[] | Problem> {
  const days = new Map<string, string>();
  const ids = new Set<string>();
  const taken: Summary[] = [];
  let readings = 0;
  let partitions = 0;
  for (const summary of summaries) {
    const { period, statistics } = summary;
    const shards = 'sensorId' in summary.of ? 1 : shardsOf(dataset, of.selected).length;
    readings += statistics.count;
    partitions += shards * daysIn(period).length;
    if (readings > mostBehindQuantiles(dataset) || partitions > mostPartitions) break;
    taken.push(summary);
    for (const day of daysIn(period)) days.set(day, period);
    if ('sensorId' in summary.of) ids.add(summary.of.sensorId);
  }
  if (taken.length === 0 && summaries.length > 0) return tooMany(dataset);
  const isMerged = ids.size === 0;
  const sensors = isMerged ? of.selected : { ids, has: (id: string) => ids.has(id) };
  const values = new Values(dataset);
  try {
    const shards = isMerged
      ? shardsOf(dataset, of.selected)
      : [...new Set([...ids].map((id) => shardOf(id, dataset.shards)))];
    // Withdrawn ones are read too, and of a table's sensors the periods that are not on the page.
    const most = 3 * mostBehindQuantiles(dataset);
    await takeRowsOfDays(ports, dataset, { days: [...days.keys()], shards, sensors, most }, (day, rows) => {
      const period = days.get(day) ?? '';
      if (isMerged) return values.add(period, rows, 0, rows.length);
      for (let start = 0; start < rows.length; ) {
        const end = endOfRun(rows.sensor, start);
        values.add(keyOf(period, rows.sensors[rows.sensor[start] as number]), rows, start, end); // start is a row
        start = end;
      }
    });
  } catch (fault) {
    if (fault instanceof TooManyRows) return tooMany(dataset);
    throw fault;
  }
  return taken.map((summary) => {
    const key = 'sensorId' in summary.of ? keyOf(summary.period, summary.of.sensorId) : summary.period;
    return { ...summary, quantiles: values.quantiles(key, of.quantiles) };
  });
}

/** No id holds a line break. */
const keyOf = (period: string, sensorId = ''): string => `${period}\n${sensorId}`;

function daysIn(period: string): string[] {
  const days = daysOf(period);
  if (days === undefined) return [];
  return Array.from({ length: days.last - days.first + 1 }, (_, index) => dayName(days.first + index));
}

/** What is computed from the readings themselves has a bound; SQL has none. */
export function tooMany(dataset: Dataset): Problem {
  const most = mostBehindQuantiles(dataset).toLocaleString('en');
  return {
    problem: 'too-many-readings',
    detail:
      `hours and quantiles are computed from the readings when they are asked for, of at most ${most} for a period of ${dataset.name}; ` +
      'accepted: fewer sensors, shorter periods, or SQL over all of them: npm run caudal -- sql',
    accepted: `at most ${most} readings`,
  };
}
