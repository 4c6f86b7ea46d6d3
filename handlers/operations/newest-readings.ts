import type { Dataset } from '../../core/dataset/dataset.ts';
import { partitionKey } from '../../core/partition/partition.ts';
import { decodePartition } from '../../core/partition/partition-file.ts';
import { localDay } from '../../core/time/calendar.ts';
import type { ObjectReader } from '../../ports/objects.ts';

/** The newest readings of a dataset. */
export interface NewestReadings {
  readonly dataset: string;
  /** UTC ms; undefined when there is none. */
  readonly timestampMs: number | undefined;
  readonly sensorId: string | undefined;
  /** The newest reading of each series that has one ahead of now, the farthest first. */
  readonly ahead: readonly { readonly sensorId: string; readonly timestampMs: number }[];
}

/** Days whose partitions are read at the most, the latest ones. */
const maxDays = 60;

/**
 * Reads the partitions from the last one back to today's, or to the last one with a reading that is not withdrawn; one is in memory
 * at a time.
 */
export async function newestReadings(
  { curated, curatedBucket: bucket }: { curated: ObjectReader; curatedBucket: string },
  dataset: Dataset,
  { days, nowMs }: { days: readonly string[]; nowMs: number },
): Promise<NewestReadings> {
  const today = localDay(dataset.timeZone, nowMs);
  const newest = new Map<string, number>();
  for (const day of days.slice(-maxDays).reverse()) {
    if (day < today && newest.size > 0) break;
    for (let shard = 0; shard < dataset.shards; shard++) {
      const key = partitionKey(dataset, { dataset: dataset.name, day, shard });
      const file = await curated.read({ bucket, key });
      if (file === undefined) continue;
      const { columns } = await decodePartition(dataset, file.bytes);
      for (let row = 0; row < columns.length; row++) {
        if (columns.withdrawn[row] === 1) continue;
        const sensorId = columns.sensors[columns.sensor[row] ?? -1] ?? '';
        const atMs = columns.timestampMs[row] ?? 0;
        if (atMs > (newest.get(sensorId) ?? Number.NEGATIVE_INFINITY)) newest.set(sensorId, atMs);
      }
    }
  }
  const sorted = Array.from(newest, ([sensorId, timestampMs]) => ({ sensorId, timestampMs })).sort(
    (a, b) => b.timestampMs - a.timestampMs || (a.sensorId < b.sensorId ? -1 : 1),
  );
  return {
    dataset: dataset.name,
    timestampMs: sorted[0]?.timestampMs,
    sensorId: sorted[0]?.sensorId,
    ahead: sorted.filter(({ timestampMs }) => timestampMs > nowMs),
  };
}
