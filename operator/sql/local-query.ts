import { constants, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { discover } from '../../cli/discovery.ts';
import { countOf, formatBytes } from '../../cli/format.ts';
import type { Progress } from '../../cli/progress.ts';
import type { LakeView } from '../../core/lake/lake-views.ts';
import type { QueryResult } from '../../core/lake/query-result.ts';
import type { DaySpan } from '../../core/time/day-span.ts';
import { type DuckdbEngine, namedViews, openDuckdb, type ParquetStyle } from './duckdb-engine.ts';
import { copyLake } from './lake-copy.ts';

/** Beside what `npm start` keeps: it can be removed at any time. */
const store = join('.caudal', 'lake');

/** DuckDB over a copy of the files that statements need. */
interface LocalLake {
  readonly directory: string;
  readonly engine: DuckdbEngine;
  /** Partition files that it reads. */
  readonly files: number;
  /** The same for people. */
  readonly read: string;
  close(): Promise<void>;
}

interface LakeOptions {
  readonly views: readonly LakeView[];
  readonly span: DaySpan;
  readonly progress: Progress;
}

/** A statement over a copy of the files that it needs. */
interface LocalQuery extends Pick<LocalLake, 'files' | 'read' | 'close'> {
  query(): Promise<QueryResult>;
  /** @returns rows */
  writeParquet(out: string, style: ParquetStyle): Promise<number>;
  progress: DuckdbEngine['progress'];
}

/**
 * Fetches the files of the views that statements name, and opens DuckDB over them.
 * @throws {StatementRefused} before anything is fetched, where one is none that reads
 */
export async function openLocalLake(
  statements: readonly string[],
  { views, span, progress }: LakeOptions,
): Promise<LocalLake> {
  const [named, { settings, curatedBucket: bucket }] = await Promise.all([
    namedViews(statements, views),
    discover(),
  ]);
  await mkdir(store, { recursive: true, mode: 0o700 });
  const endpoint = settings.endpoint ?? process.env.AWS_ENDPOINT_URL;
  const copy = await copyLake(
    { s3: new S3Client(settings), bucket, endpoint },
    {
      ...{ span, store, datasets: named.map(({ dataset }) => dataset) },
      tell: (done, of) => progress.update(() => `${countOf(done, 'file')} of ${of}`, done),
    },
  );
  const engine = await openDuckdb(copy.directory, { views, named }).catch(async (fault) => {
    await copy.remove();
    throw fault;
  });
  const files = [...copy.files.values()].reduce((sum, count) => sum + count, 0);
  const { directory, fetched } = copy;
  const news = `, ${fetched.files} of them fetched now (${formatBytes(fetched.bytes)})`;
  return {
    ...{ directory, engine, files },
    read: `${countOf(files, 'file')}${fetched.files === 0 ? '' : news}`,
    async close() {
      engine.close();
      await copy.remove();
    },
  };
}

/** As {@link openLocalLake}, of one statement. @throws {StatementRefused} as it */
export async function openLocalQuery(statement: string, options: LakeOptions): Promise<LocalQuery> {
  const { directory, engine, files, read, close } = await openLocalLake([statement], options);
  return {
    ...{ files, read, close },
    query: () => engine.query(statement),
    async writeParquet(out, style) {
      const file = join(directory, 'result.parquet');
      const rows = await engine.writeParquet(statement, { file, style });
      await copyFile(file, out, constants.COPYFILE_EXCL);
      return rows;
    },
    progress: engine.progress,
  };
}
