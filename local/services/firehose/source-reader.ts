import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { takeApart } from './aggregated-record.ts';
import { wait } from './stream.ts';

/** What a delivery stream does at its source, as IAM names it. */
export type SourceAction =
  | 'kinesis:DescribeStream'
  | 'kinesis:ListShards'
  | 'kinesis:GetShardIterator'
  | 'kinesis:GetRecords';

/** Streams as a delivery stream reads them. */
export interface Sources {
  /** Undefined where there is no such stream. */
  shardCount(streamArn: string): number | undefined;
  /** Where a reader begins that wants only what comes from now on. */
  latest(streamArn: string, shard: number): number;
  read(
    streamArn: string,
    shard: number,
    position: number,
  ): { records: readonly { data: Buffer }[]; next: number; behindMs: number };
}

export interface SourceReaderOptions {
  sources: Sources;
  streamArn: string;
  /** Keeps how far each shard was read. */
  path: string;
  /** Between two reads of a shard; AWS takes a second. */
  everyMs: number;
  /** Throws when the delivery stream may not do this. */
  may(action: SourceAction): void;
  /** Takes the data of records; on disk when it returns. */
  put(records: Buffer[]): void;
  /** Told of each round of reads. */
  onRead(read: { records: number; bytes: number; behindMs: number }): void;
  onFault(fault: unknown): void;
}

const retryDelayMs = 1_000;

/**
 * Reads a stream of Kinesis Data Streams into a delivery stream, from the moment at which that was made on. At least once: what
 * was taken when the process ended, and not yet written down as read, is taken again. What the Kinesis Producer Library put together is taken
 * apart. A stream that isn't here is not read.
 */
export class SourceReader {
  readonly #options: SourceReaderOptions;
  readonly #stop = new AbortController();
  /** By shard: position of the record that is read next. */
  readonly #positions: number[];
  #running: Promise<void> | undefined;

  constructor(options: SourceReaderOptions) {
    const { sources, streamArn, path } = options;
    this.#options = options;
    this.#positions = readPositions(path, streamArn);
    const count = sources.shardCount(streamArn) ?? 0;
    for (let shard = this.#positions.length; shard < count; shard++)
      this.#positions.push(sources.latest(streamArn, shard));
    if (count > 0) this.#keep();
  }

  start(): void {
    const { sources, streamArn } = this.#options;
    if (sources.shardCount(streamArn) === undefined) return;
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { may, everyMs, onFault } = this.#options;
    const { signal } = this.#stop;
    let isOpen = false;
    while (!signal.aborted) {
      try {
        if (!isOpen) {
          may('kinesis:DescribeStream');
          may('kinesis:ListShards');
          may('kinesis:GetShardIterator');
          isOpen = true;
        }
        this.#readAll();
        await wait(everyMs, signal);
      } catch (error) {
        isOpen = false;
        onFault(error);
        await wait(retryDelayMs, signal);
      }
    }
  }

  #readAll(): void {
    const { sources, streamArn, may, put, onRead } = this.#options;
    let [records, bytes, behindMs] = [0, 0, 0];
    for (const [shard, position] of this.#positions.entries()) {
      may('kinesis:GetRecords');
      const batch = sources.read(streamArn, shard, position);
      behindMs = Math.max(behindMs, batch.behindMs);
      if (batch.records.length === 0) continue;
      put(batch.records.flatMap(({ data }) => takeApart(data)));
      this.#positions[shard] = batch.next;
      this.#keep();
      records += batch.records.length;
      bytes += batch.records.reduce((sum, { data }) => sum + data.length, 0);
    }
    onRead({ records, bytes, behindMs });
  }

  #keep(): void {
    const { path, streamArn } = this.#options;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.draft`, JSON.stringify({ streamArn, positions: this.#positions }));
    renameSync(`${path}.draft`, path);
  }
}

interface Kept {
  readonly streamArn: string;
  readonly positions: number[];
}

/** How far the stream was read; of another one that the delivery stream read before, positions say nothing. */
function readPositions(path: string, streamArn: string): number[] {
  try {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as Kept;
    return kept.streamArn === streamArn ? kept.positions : [];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return [];
  }
}
