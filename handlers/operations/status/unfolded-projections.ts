import type { Dataset } from '../../../core/dataset/dataset.ts';
import { shardOf } from '../../../core/partition/partition.ts';
import { projectionsOf, readState } from '../../../core/projections/states.ts';
import { monthAfter, monthOf } from '../../../core/time/calendar.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import type { SeriesRow, StatisticsQueries } from '../../../ports/queries.ts';

/** A projection that does not answer, since events were folded by another version of it, or by none. */
export interface UnfoldedProjection {
  readonly dataset: string;
  readonly projection: string;
  /** That which is declared. */
  readonly version: number;
  /** Local months, `YYYY-MM`, in order: those of which another version folded events. */
  readonly outdated: readonly string[];
  /** Those of which there are events that are in no state: a merge is under way, or the projection came after them. */
  readonly missing: readonly string[];
}

/** Shards of which an entity is looked at. */
const maxShards = 8;
const atOnce = 4;

/**
 * Looks at the months that an answer would be of, as an answer reads them. All entities of a month are folded together, so that it looks at one entity of a
 * shard, the first of the oldest day that counts: one day's counts, and two queries of some months.
 * @param days local days that have partitions, in order
 * @throws {StoreUnavailable} a retry helps
 */
export async function unfoldedProjections(
  statistics: Pick<StatisticsQueries, 'countsOf' | 'ofSeries'>,
  dataset: Dataset,
  days: readonly string[],
): Promise<UnfoldedProjection[]> {
  const projected = projectionsOf(dataset);
  const newest = days.at(-1);
  if (projected === undefined || newest === undefined) return [];
  const projections = Object.entries(dataset.projections);
  const to = monthOf(newest);
  const from = monthAfter(to, 1 - Math.max(...projections.map(([, { months }]) => months)));
  const entities = await oldestEntities(
    statistics,
    dataset,
    days.filter((day) => monthOf(day) >= from),
  );
  const seen = await mapBounded(entities, atOnce, async (sensorId) => {
    const [folded, counted] = await Promise.all(
      [projected, dataset].map((of) => statistics.ofSeries({ dataset: of, sensorId, from, to, limit: 24 })),
    );
    return { folded: folded?.rows ?? [], counted: counted?.rows ?? [] };
  });
  return projections.flatMap(([name, projection]) => {
    const first = monthAfter(to, 1 - projection.months);
    const outdated = new Set<string>();
    const missing = new Set<string>();
    for (const { folded, counted } of seen) {
      const byMonth = new Map(folded.map((row) => [row.period, row]));
      for (const { period, statistics: of } of counted) {
        if (period < first) continue;
        const row: SeriesRow | undefined = byMonth.get(period);
        if (row === undefined || row.statistics.count < of.count) missing.add(period);
        else {
          const read = readState(projection, row.statistics.states?.[name] ?? '');
          if ('fault' in read && read.fault === 'outdated') outdated.add(period);
        }
      }
    }
    if (outdated.size + missing.size === 0) return [];
    const { version } = projection;
    const inOrder = (months: ReadonlySet<string>) => [...months].sort();
    return {
      ...{ dataset: dataset.name, projection: name, version },
      ...{ outdated: inOrder(outdated), missing: inOrder(missing) },
    };
  });
}

/** The first entity of each shard on its oldest day with events. */
async function oldestEntities(
  statistics: Pick<StatisticsQueries, 'countsOf'>,
  dataset: Dataset,
  days: readonly string[],
): Promise<string[]> {
  const shards = Array.from({ length: Math.min(dataset.shards, maxShards) }, (_, shard) => shard);
  const found = await mapBounded(shards, atOnce, async (shard) => {
    for (const period of days.slice(0, maxDays)) {
      const [first] = [...(await statistics.countsOf({ dataset, period, shard })).keys()].sort();
      if (first !== undefined && shardOf(first, dataset.shards) === shard) return [first];
    }
    return [];
  });
  return found.flat();
}

/** Days of a shard that are asked for an entity: a day of the dataset may have none of this shard. */
const maxDays = 5;
