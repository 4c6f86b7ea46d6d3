import type { Dataset } from '../dataset/dataset.ts';
import type { Columns } from '../set/columns.ts';
import { type Run, type SortedRows, sortedRowsOf, toColumns } from '../set/sorted-rows.ts';
import { dayName, localDayNumber } from '../time/calendar.ts';
import { dayMs } from '../time/duration.ts';
import { timeZoneNamed } from '../time/time-zone.ts';

/** One file's worth of readings: a dataset, a shard and a local day. */
export interface PartitionId {
  /** The dataset's name, without its generation. */
  readonly dataset: string;
  /** Local, `YYYY-MM-DD`. */
  readonly day: string;
  /** 0 to `shards - 1`. */
  readonly shard: number;
}

/** The partition that a reading belongs to. */
export function partitionOf(dataset: Dataset, sensorId: string, timestampMs: number): PartitionId {
  const day = dayName(localDayNumber(timeZoneNamed(dataset.timeZone), timestampMs));
  return { dataset: dataset.name, day, shard: shardOf(sensorId, dataset.shards) };
}

/**
 * The shard of a series: FNV-1a, 32 bits, over the UTF-8 bytes of the sensor id, modulo `shards`. Part of the
 * layout: a change would scatter a series over two files.
 */
export function shardOf(sensorId: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < sensorId.length; index++) {
    const unit = sensorId.charCodeAt(index);
    if (unit > 127) return hashOf(Buffer.from(sensorId)) % shards;
    hash = Math.imul(hash ^ unit, 0x01000193); // of ASCII a code unit is a byte
  }
  return (hash >>> 0) % shards;
}

function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** The partition's key in the curated bucket, laid out as query engines expect (`name=value` folders). */
export function partitionKey(dataset: Dataset, { day, shard }: PartitionId): string {
  return `curated/dataset=${dataset.storageName}/date=${day}/shard=${shard}.parquet`;
}

/** The day and shard that a key of {@link partitionKey} names; `undefined` when it is no key of this dataset. */
export function partitionFromKey(dataset: Dataset, key: string): PartitionId | undefined {
  const match = /^curated\/dataset=([^/]+)\/date=(\d{4}-\d\d-\d\d)\/shard=(\d{1,4})\.parquet$/.exec(key);
  if (!match || match[1] !== dataset.storageName) return undefined;
  return { dataset: dataset.name, day: match[2] ?? '', shard: Number(match[3]) };
}

/** Splits a set into its partitions, sorted by day, then shard. */
export function splitByPartition(
  dataset: Dataset,
  columns: Columns,
): { id: PartitionId; columns: Columns }[] {
  const rows = sortedRowsOf(columns);
  return partitionRuns(dataset, rows).map(({ id, runs }) => ({ id, columns: toColumns(rows, runs) }));
}

/** The rows of each partition, as runs: sorted by day, then shard. */
export function partitionRuns(
  dataset: Dataset,
  { sensors, starts, timestampMs }: SortedRows,
): { id: PartitionId; runs: Run[] }[] {
  const zone = timeZoneNamed(dataset.timeZone);
  const byPartition = new Map<number, Run[]>();
  for (let sensor = 0; sensor < sensors.length; sensor++) {
    const shard = shardOf(sensors[sensor] as string, dataset.shards); // sensor is within the array
    const endOfSensor = starts[sensor + 1] as number; // one more than sensors
    let start = starts[sensor] as number; // as above
    while (start < endOfSensor) {
      const first = timestampMs[start] as number; // a row
      const offsetMs = zone.offsetMs(first);
      const day = Math.floor((first + offsetMs) / dayMs);
      // As long as the offset stays, the local day lasts until midnight; after that it is asked for again.
      const untilMs = Math.min(zone.offsetUntilMs(first), (day + 1) * dayMs - offsetMs);
      let end = start + 1;
      while (end < endOfSensor && (timestampMs[end] as number) < untilMs) end++; // as above
      const runs = byPartition.get(day * dataset.shards + shard);
      const last = runs?.at(-1);
      if (last?.sensor === sensor && last.end === start) last.end = end;
      else if (runs) runs.push({ sensor, start, end });
      else byPartition.set(day * dataset.shards + shard, [{ sensor, start, end }]);
      start = end;
    }
  }
  return [...byPartition]
    .sort(([a], [b]) => a - b)
    .map(([partition, runs]) => {
      const day = Math.floor(partition / dataset.shards);
      return {
        id: { dataset: dataset.name, day: dayName(day), shard: partition - day * dataset.shards },
        runs,
      };
    });
}
