import * as z from 'zod';
import type { MergeUnit } from '../../../ports/inbox.ts';
import type { ObjectReader } from '../../../ports/objects.ts';
import { type FailedItem, type FailedItems, faultMessage, maxNamedFailures } from '../failed-items.ts';
import { type MapResults, readMapResults } from '../map-results.ts';

const inputShape = z.object({
  units: z.array(z.object({ dataset: z.string(), shard: z.number(), month: z.string() })),
});

/**
 * The children of one round of MergePartitions that failed or did not end. One that was throttled has not failed.
 * @throws {StagingMissing} {InvalidInput} when the files are not there, or not what Step Functions writes
 */
export async function readFailedMerges(objects: ObjectReader, results: MapResults): Promise<FailedItems> {
  let total = 0;
  let failed = 0;
  const first: FailedItem[] = [];
  for await (const child of readMapResults(objects, results)) {
    total++;
    if (child.output(z.unknown()) !== undefined) continue;
    failed++;
    if (first.length === maxNamedFailures) continue;
    const units = child.input(inputShape)?.units ?? [];
    first.push({ item: nameOf(units), error: child.error, cause: faultMessage(child.cause) });
  }
  return { total, failed, first };
}

/** Units of a child that are named. */
const maxNamedUnits = 2;

/** `water-temperature shard 0 of 2026-03, water-temperature shard 0 of 2026-04 and 2 more` */
function nameOf(units: readonly MergeUnit[]): string {
  const named = units.slice(0, maxNamedUnits);
  const more = units.length > named.length ? ` and ${units.length - named.length} more` : '';
  return named.map(({ dataset, shard, month }) => `${dataset} shard ${shard} of ${month}`).join(', ') + more;
}
