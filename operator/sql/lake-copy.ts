import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, link, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { partitionFromKey } from '../../core/partition/partition.ts';
import { type DaySpan, inSpan } from '../../core/time/day-span.ts';
import { mapBounded } from '../../ports/concurrency.ts';

/** Files of the lake on this machine, as they lay in the bucket when each was fetched. */
export interface LakeCopy {
  /** Holds `curated/dataset=…/date=…/shard=….parquet`, nothing else, and nobody changes it. */
  readonly directory: string;
  /** Partition files by the dataset's name. */
  readonly files: ReadonlyMap<string, number>;
  /** What was fetched now; the rest was there from earlier. */
  readonly fetched: { readonly files: number; readonly bytes: number };
  remove(): Promise<void>;
}

export interface LakeSource {
  readonly s3: S3Client;
  readonly bucket: string;
  /** Where calls go, when it is not AWS: buckets of two local clouds may have one name. */
  readonly endpoint: string | undefined;
}

const fetchesAtOnce = 8;

interface ListedFile {
  readonly key: string;
  readonly etag: string;
}

/**
 * Copies the partition files of datasets, those of a span of local days, into a directory of its own. A file is fetched once for each
 * version of it: what was fetched before is linked. Each file is as some moment had it, whole; a merge that replaces one meanwhile does
 * not disturb a query over the copy.
 * @param store where fetched files are kept; removing it costs another fetch
 */
export async function copyLake(
  { s3, bucket, endpoint }: LakeSource,
  {
    datasets,
    span,
    store,
    tell,
  }: {
    readonly datasets: readonly Dataset[];
    readonly span: DaySpan;
    readonly store: string;
    /** Told how many of the files are there. */
    readonly tell?: (done: number, of: number) => void;
  },
): Promise<LakeCopy> {
  const kept = join(store, hashOf(`${endpoint ?? 'aws'}\n${bucket}`));
  await mkdir(kept, { recursive: true, mode: 0o700 });
  const directory = await mkdtemp(join(store, 'query-'));
  const folders = new Map<string, Promise<unknown>>();
  const folderOf = (target: string) => {
    const folder = dirname(target);
    const made = folders.get(folder) ?? mkdir(folder, { recursive: true });
    folders.set(folder, made);
    return made;
  };
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const files = new Map<string, number>();
    const fetched = { files: 0, bytes: 0 };
    for (const dataset of datasets) {
      const listed = await listFiles({ s3, bucket }, dataset, span);
      const folder = join(kept, dataset.storageName);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      let done = 0;
      const linked = await mapBounded(listed, fetchesAtOnce, async ({ key, etag }) => {
        const target = join(directory, key);
        await folderOf(target);
        const from = join(folder, hashOf(`${key}\n${etag}`));
        if (!(await linkIfThere(from, target))) {
          const bytes = await fetchFile({ s3, bucket }, { key, folder, target });
          if (bytes === undefined) return false; // it was removed since it was listed
          fetched.files += 1;
          fetched.bytes += bytes;
        }
        tell?.(++done, listed.length);
        return true;
      });
      files.set(dataset.name, linked.filter((isThere) => isThere).length);
      if (span.from === undefined && span.to === undefined) await forgetOthers(folder, listed);
    }
    return { directory, files, fetched, remove };
  } catch (fault) {
    await remove();
    throw fault;
  }
}

async function listFiles(
  { s3, bucket }: Pick<LakeSource, 's3' | 'bucket'>,
  dataset: Dataset,
  span: DaySpan,
): Promise<ListedFile[]> {
  const prefix = `curated/dataset=${dataset.storageName}/date=`;
  const StartAfter = span.from === undefined ? undefined : `${prefix}${span.from}`;
  const pages = paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix, StartAfter });
  const found: ListedFile[] = [];
  for await (const { Contents: objects = [] } of pages) {
    for (const { Key: key = '', ETag: etag = '' } of objects) {
      const id = partitionFromKey(dataset, key);
      if (id === undefined) continue;
      if (span.to !== undefined && id.day > span.to) return found;
      if (inSpan(id.day, span)) found.push({ key, etag });
    }
  }
  return found;
}

/** Fetches the object as it is now, keeps it under its ETag, and links it. @returns its bytes; undefined when there is none any more */
async function fetchFile(
  { s3, bucket }: Pick<LakeSource, 's3' | 'bucket'>,
  { key, folder, target }: { key: string; folder: string; target: string },
): Promise<number | undefined> {
  try {
    const {
      Body,
      ETag = '',
      ContentLength = 0,
    } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    await pipeline(Body as Readable, createWriteStream(target, { mode: 0o600 })); // in Node a body is a Readable
    await chmod(target, 0o400); // linked below: a write to the one would be a write to the other
    const written = join(folder, hashOf(`${key}\n${ETag}`));
    await link(target, `${written}.${process.pid}`);
    await rename(`${written}.${process.pid}`, written);
    return ContentLength;
  } catch (fault) {
    if ((fault as Error).name === 'NoSuchKey') return undefined;
    throw fault;
  }
}

async function linkIfThere(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw fault;
  }
}

/** What the bucket no longer has. A query that is under way keeps its own links. */
async function forgetOthers(folder: string, listed: readonly ListedFile[]): Promise<void> {
  const current = new Set(listed.map(({ key, etag }) => hashOf(`${key}\n${etag}`)));
  const gone = (await readdir(folder)).filter((name) => !current.has(name) && !name.includes('.'));
  await Promise.all(gone.map((name) => rm(join(folder, name), { force: true })));
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
