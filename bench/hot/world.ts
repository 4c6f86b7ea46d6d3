import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PartEntry } from '../../core/partition/parts.ts';
import type { SegmentOutcome } from '../../handlers/ingest/validate-segment/validate-segment.ts';
import { bundleDirectory } from '../../infra/bundle/bundle.ts';
import { type Segment, segmentIdOf } from '../../ports/keys.ts';
import type { CloudEndpoint, CloudTask } from './cloud-process.ts';
import { type DataOptions, writeData } from './data.ts';
import type { DuckTask } from './duckdb-process.ts';
import type { Invoked } from './function-process.ts';
import { startWorker, type Worker } from './worker.ts';

/** What one task took, and the highest memory of its process so far. */
export interface Measured {
  readonly ms: number;
  readonly peakMiB: number;
}

export type Duck = Worker<DuckTask, Measured & { rows: Record<string, unknown>[] }>;

/** Where the hot functions run: S3 and DynamoDB in a process of their own, each function and each peer in one of its own. */
export class HotWorld {
  readonly lines: number;
  readonly turns: number;
  /** A directory that `close` removes. */
  readonly scratch = mkdtempSync(join(tmpdir(), 'caudal-bench-'));
  readonly #root: string;
  readonly #ends: (() => void)[] = [];
  readonly #cloud: Worker<CloudTask, unknown>;
  readonly #endpoint: Promise<CloudEndpoint>;

  constructor(options: { root: string; lines: number; turns: number }) {
    this.lines = options.lines;
    this.turns = options.turns;
    this.#root = options.root;
    this.#cloud = this.start('cloud-process', { args: [this.scratch] });
    this.#endpoint = this.#cloud.ask({}) as Promise<CloudEndpoint>;
  }

  /** Starts `bench/hot/<name>.ts`; it ends with the world. */
  start<Task extends object, Answer>(
    name: string,
    options: { args?: string[]; env?: Record<string, string> } = {},
  ): Worker<Task, Answer> {
    const worker = startWorker<Task, Answer>(name, options);
    this.#ends.push(() => worker.end());
    return worker;
  }

  duckdb(threads: number): Duck {
    return this.start('duckdb-process', { args: [String(threads)] });
  }

  /** Starts a bundle, to be called as Lambda calls it. */
  async startFunction(handler: string): Promise<Worker<{ event: object }, Invoked>> {
    const bundle = bundleDirectory({ root: this.#root, handler }).directory;
    const { size } = statSync(join(bundle, 'index.mjs'));
    console.log(`${handler}: bundle ${Math.round(size / 1024)} KB`);
    const { url, queueUrl } = await this.#endpoint;
    return this.start('function-process', {
      args: [bundle],
      env: {
        AWS_ENDPOINT_URL: url,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'LKIAbench',
        AWS_SECRET_ACCESS_KEY: 'local',
        CURATED_BUCKET: 'curated',
        RAW_BUCKET: 'raw',
        JOBS_TABLE: 'Jobs',
        STATISTICS_TABLE: 'Statistics',
        ALERTS_TABLE: 'Alerts',
        INGEST_QUEUE_URL: queueUrl,
        IDEMPOTENCY_TABLE: 'Idempotency',
        METRICS_NAMESPACE: 'Caudal',
        POWERTOOLS_SERVICE_NAME: 'caudal',
        POWERTOOLS_LOG_LEVEL: 'ERROR',
      },
    });
  }

  /** The path of a data file, which is kept from run to run. */
  data(options: DataOptions): Promise<string> {
    return writeData(join(this.#root, '.caudal', 'bench'), options);
  }

  /** Puts a file into the raw bucket. */
  async upload(key: string, file: string): Promise<Segment> {
    const { versionId } = (await this.#cloud.ask({ put: { bucket: 'raw', key, file } })) as {
      versionId: string;
    };
    return { bucket: 'raw', key, versionId };
  }

  async putCurated(key: string, text: string): Promise<void> {
    await this.#cloud.ask({ put: { bucket: 'curated', key, text } });
  }

  /** An object of the curated bucket, as MergePartition would read it. */
  async bytesOf(key: string): Promise<Uint8Array> {
    const to = join(this.scratch, 'object');
    await this.#cloud.ask({ get: { bucket: 'curated', key, to } });
    return readFileSync(to);
  }

  async curatedKeys(prefix: string): Promise<string[]> {
    const found = await this.#cloud.ask({ list: { bucket: 'curated', prefix } });
    return (found as { key: string }[]).map(({ key }) => key);
  }

  close(): void {
    for (const end of this.#ends) end();
    rmSync(this.scratch, { recursive: true, force: true });
  }
}

/** ValidateSegment's event. */
export function taskOf(segment: Segment, run: string): object {
  return { ...segment, size: 1, jobId: run, segmentId: segmentIdOf(segment), run };
}

/** What ValidateSegment staged: the object of its parts, and where in it each is. */
export async function stagedBy(
  world: HotWorld,
  { parts, index }: SegmentOutcome,
): Promise<{ bytes: Uint8Array; entries: PartEntry[] }> {
  const bytes = await world.bytesOf(parts ?? '');
  return { bytes, entries: JSON.parse(Buffer.from(bytes.subarray(index?.start, index?.end)).toString()) };
}
