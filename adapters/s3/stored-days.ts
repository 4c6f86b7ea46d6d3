import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { type PartitionId, partitionFromKey } from '../../core/partition/partition.ts';
import { type DaySpan, inSpan } from '../../core/time/day-span.ts';
import { reachingEach } from '../store-faults.ts';

/** The local days of a dataset that have partitions, in order. One call lists a thousand. The role needs `s3:ListBucket`. */
export async function storedDays(s3: S3Client, bucket: string, dataset: Dataset): Promise<string[]> {
  const prefix = `curated/dataset=${dataset.storageName}/date=`;
  const found: string[] = [];
  const pages = paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix, Delimiter: '/' });
  for await (const { CommonPrefixes: folders = [] } of reachingEach(pages))
    for (const { Prefix: folder = '' } of folders) found.push(folder.slice(prefix.length, -1));
  return found;
}

/**
 * Lists the partitions of a dataset in a span of local days, in the order of the days; a page of at most 1,000 is in memory. The role needs
 * `s3:ListBucket`.
 */
export const createPartitionLister = (s3: S3Client, bucket: string) =>
  async function* (dataset: Dataset, span: DaySpan): AsyncGenerator<PartitionId> {
    const prefix = `curated/dataset=${dataset.storageName}/date=`;
    const pages = paginateListObjectsV2(
      { client: s3 },
      {
        Bucket: bucket,
        Prefix: prefix,
        // Keys are in the order of the days: what comes before the span is not listed.
        StartAfter: span.from === undefined ? undefined : `${prefix}${span.from}`,
      },
    );
    for await (const { Contents: files = [] } of reachingEach(pages)) {
      for (const { Key: key = '' } of files) {
        const id = partitionFromKey(dataset, key);
        if (id === undefined) continue;
        if (span.to !== undefined && id.day > span.to) return;
        if (inSpan(id.day, span)) yield id;
      }
    }
  };
