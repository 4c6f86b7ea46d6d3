import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { createObjects } from '../../adapters/s3/objects.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { partitionFromKey } from '../../core/partition/partition.ts';
import { decodePartition } from '../../core/partition/partition-file.ts';

/** The newest reading of a dataset. */
export interface NewestReading {
  readonly dataset: string;
  /** UTC ms; undefined when there is none. */
  readonly timestampMs: number | undefined;
  readonly sensorId: string | undefined;
}

/** Reads the newest partition of a dataset: the days are listed (one call for a thousand), the shards of the last one read. */
export async function newestReading(s3: S3Client, bucket: string, dataset: Dataset): Promise<NewestReading> {
  const prefix = `curated/dataset=${dataset.storageName}/date=`;
  let last: string | undefined;
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, Delimiter: '/', ContinuationToken: token }),
    );
    last = page.CommonPrefixes?.at(-1)?.Prefix ?? last;
    token = page.NextContinuationToken;
  } while (token !== undefined);
  let newest: NewestReading = { dataset: dataset.name, timestampMs: undefined, sensorId: undefined };
  if (last === undefined) return newest;
  const { Contents: files = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: last }));
  for (const { Key: key = '' } of files) {
    if (partitionFromKey(dataset, key) === undefined) continue;
    const stored = await createObjects(s3).read({ bucket, key });
    if (stored === undefined) continue;
    const { columns } = await decodePartition(dataset, stored.bytes);
    for (let row = 0; row < columns.length; row++) {
      const at = columns.timestampMs[row] ?? 0;
      if (newest.timestampMs !== undefined && at <= newest.timestampMs) continue;
      const sensorId = columns.sensors[columns.sensor[row] ?? -1];
      newest = { dataset: dataset.name, timestampMs: at, sensorId };
    }
  }
  return newest;
}
