import type { Dataset } from '../../../core/dataset/dataset.ts';
import { readSelection, selects } from '../../../core/dataset/sensor-selection.ts';
import { shardOf } from '../../../core/partition/partition.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import type { PeriodOfShard, SeriesRow, StatisticsQueries } from '../../../ports/queries.ts';
import type { Problem } from '../http/problem.ts';

/** Shards and periods that a request reads at once. */
export const queriesInFlight = 32;

/** The sensors that a request is about. */
export interface Selected {
  /** All of them, where they are known by name. */
  readonly ids?: ReadonlySet<string>;
  has(sensorId: string): boolean;
}

export const everySensor: Selected = { has: () => true };

/** @param sensor the parameter, of which the contract has checked that it is a selection; without it every sensor */
export function selectedBy(sensor: string | undefined): Selected {
  const selection = sensor === undefined ? undefined : readSelection(sensor);
  if (selection === undefined) return everySensor;
  const { ids, patterns } = selection;
  return { ...(patterns.length === 0 ? { ids } : {}), has: (sensorId) => selects(selection, sensorId) };
}

/** The one sensor that is named; `undefined` where it may be another number of them. */
export function onlyOne({ ids }: Selected): string | undefined {
  const [first] = ids ?? [];
  return ids?.size === 1 ? first : undefined;
}

/** The shards that any of the sensors can be in. */
export function shardsOf({ shards }: Dataset, { ids }: Selected): number[] {
  if (ids === undefined) return [...Array(shards).keys()];
  return [...new Set([...ids].map((id) => shardOf(id, shards)))];
}

/** The selected series of a period in one shard, a page after the other. */
export async function* selectedRows(
  queries: Pick<StatisticsQueries, 'ofPeriod'>,
  of: PeriodOfShard,
  { ids, has }: Selected,
): AsyncGenerator<readonly SeriesRow[]> {
  for await (const rows of queries.ofPeriod({ ...of, only: ids }))
    yield rows.filter(({ sensorId }) => has(sensorId));
}

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
