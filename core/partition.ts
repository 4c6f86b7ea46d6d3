import { dayName, localDayNumber } from './calendar.ts';
import type { Dataset } from './dataset.ts';
import { type Columns, pick } from './row.ts';
import { shardOf } from './shard.ts';
import { timeZoneNamed } from './time-zone.ts';

export {
  decodePartition,
  encodePartition,
  type Partition,
  PartitionLayoutChanged,
} from './partition-file.ts';

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
  const zone = timeZoneNamed(dataset.timeZone);
  const shards = Uint32Array.from(columns.sensors, (sensorId) => shardOf(sensorId, dataset.shards));
  const rowsByPartition = new Map<number, number[]>();
  let rows: number[] = [];
  let last = Number.NaN;
  for (let row = 0; row < columns.length; row++) {
    const day = localDayNumber(zone, columns.timestampMs[row] as number); // a row of the columns
    const partition = day * dataset.shards + (shards[columns.sensor[row] as number] as number); // as above
    if (partition !== last) {
      last = partition;
      rows = rowsByPartition.get(partition) ?? [];
      rowsByPartition.set(partition, rows);
    }
    rows.push(row);
  }
  return [...rowsByPartition]
    .sort(([a], [b]) => a - b)
    .map(([partition, picked]) => {
      const day = Math.floor(partition / dataset.shards);
      const id = { dataset: dataset.name, day: dayName(day), shard: partition - day * dataset.shards };
      return { id, columns: pick(columns, Uint32Array.from(picked)) };
    });
}
