import type { Dataset } from '../../../core/dataset/dataset.ts';
import { readSelection, selects } from '../../../core/dataset/sensor-selection.ts';
import type { Station } from '../../../core/dataset/stations.ts';
import { shardOf } from '../../../core/partition/partition.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import type { PeriodOfShard, SeriesRow, StatisticsQueries } from '../../../ports/queries.ts';
import { type Problem, problemOf } from '../http/problem.ts';

/** Shards and periods that a request reads at once. */
export const queriesInFlight = 32;

/** The sensors that a request is about. */
export interface Selected {
  /** All of them, where they are known by name. */
  readonly ids?: ReadonlySet<string>;
  has(sensorId: string): boolean;
}

export const everySensor: Selected = { has: () => true };

/** The parameters that name sensors, of which the contract has checked the form; without them every sensor. */
export interface Selection {
  /** Ids and patterns. */
  readonly sensor?: string | undefined;
  /** Tags that a station has, all of them. */
  readonly tag?: string | undefined;
}

/** The sensors that are named by `sensor` and have the tags; a problem for a tag that no station of the dataset has. */
export function selectedBy({ sensor, tag }: Selection, stations: readonly Station[]): Selected | Problem {
  const selection = sensor === undefined ? undefined : readSelection(sensor);
  if (tag !== undefined) {
    const tags = tag.split(',');
    const unknown = tags.find((name) => !stations.some((station) => station.tags.includes(name)));
    if (unknown !== undefined) return unknownTag(unknown, stations);
    const tagged = stations.filter((station) => tags.every((name) => station.tags.includes(name)));
    const ids = new Set(
      tagged
        .map(({ sensorId }) => sensorId)
        .filter((sensorId) => selection === undefined || selects(selection, sensorId)),
    );
    return { ids, has: (sensorId) => ids.has(sensorId) };
  }
  if (selection === undefined) return everySensor;
  const { ids, patterns } = selection;
  return { ...(patterns.length === 0 ? { ids } : {}), has: (sensorId) => selects(selection, sensorId) };
}

/** Tags that a problem names at the most. */
const mostNamed = 50;

function unknownTag(tag: string, stations: readonly Station[]): Problem {
  const known = [...new Set(stations.flatMap(({ tags }) => tags))].sort().slice(0, mostNamed);
  const found = `no station of the dataset has the tag ${JSON.stringify(tag)}`;
  const accepted = known.length === 0 ? 'no tag: its stations have none' : known;
  return problemOf('invalid-parameter', { parameter: 'tag', found, accepted });
}

/** The one sensor that is named; `undefined` where it may be another number of them. */
export function onlyOne({ ids }: Selected): string | undefined {
  const [first] = ids ?? [];
  return ids?.size === 1 ? first : undefined;
}

/** The shards that any of the sensors can be in. */
export function shardsOf({ shards }: Dataset, { ids }: Pick<Selected, 'ids'>): number[] {
  if (ids === undefined) return [...Array(shards).keys()];
  return [...new Set([...ids].map((id) => shardOf(id, shards)))];
}

/** The selected series of a period in one shard, a page after the other. */
export const selectedRows = (
  queries: Pick<StatisticsQueries, 'ofPeriod'>,
  of: Omit<PeriodOfShard, 'only' | 'wants'>,
  { ids, has }: Selected,
): AsyncIterable<readonly SeriesRow[]> => queries.ofPeriod({ ...of, only: ids, wants: has });

/** The problem that there is none of the sensors that are named; `undefined` where each has had readings. */
export async function unknownAmong(
  queries: Pick<StatisticsQueries, 'hasSeries'>,
  dataset: Dataset,
  ids: readonly string[],
): Promise<Problem | undefined> {
  const unknown = await mapBounded(ids, queriesInFlight, async (sensorId) =>
    (await queries.hasSeries({ dataset, sensorId })) ? [] : [sensorId],
  );
  const [first, ...others] = unknown.flat();
  if (first === undefined) return undefined;
  const named = [first, ...others].map((id) => JSON.stringify(id)).join(', ');
  const detail = `${dataset.name} has no sensor${others.length === 0 ? '' : 's'} ${named}`;
  const accepted = `a sensor that /datasets/${dataset.name}/sensors lists`;
  return { problem: 'not-found', detail, parameter: 'sensor', accepted };
}
