import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { Dataset } from '../../core/dataset/dataset.ts';
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
