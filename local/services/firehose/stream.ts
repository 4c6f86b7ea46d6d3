import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { arn } from '../../engine/calls.ts';
import type { S3 } from '../s3/service.ts';
import { RecordBuffer } from './buffer.ts';
import { expandPrefix, objectName } from './naming.ts';

export interface StreamSettings {
  name: string;
  /** ARN of the stream of Kinesis Data Streams that it reads; without one it takes what is put. */
  source?: string;
  /** The role that it writes with. */
  roleArn?: string;
  /** Where it logs what it could not deliver; nowhere when undefined. */
  errorLog?: { group: string; stream: string };
  bucket: string;
  prefix?: string;
  errorPrefix?: string;
  gzip: boolean;
  /** 0 to 900; as on AWS a hint. 0 delivers at once. */
  bufferSeconds: number;
  /** 1 to 128. */
  bufferMiB: number;
  /** Replaces `.gz`. */
  fileExtension?: string;
}

/** Throws when the stream may not write the object. */
export type DeliveryCheck = (stream: StreamSettings, object: { bucket: string; key: string }) => void;

/** Takes a line about an attempt that failed, as Firehose logs it. */
export type FailureLog = (stream: StreamSettings, line: string) => void;

const compress = promisify(gzip);
/**
 * Firehose does not say how hard it compresses. The fastest level makes readings a seventh larger than the usual one, in less
 * than half the time; in large pieces, since the pieces are put together on this thread.
 */
const compression = { level: constants.Z_BEST_SPEED, chunkSize: 1024 * 1024 };
const retryDelayMs = 1000;

/**
 * One delivery stream to S3. A buffer is delivered when it is old or large enough, under a key that follows from the
 * buffer alone: delivering it again after a crash finds the object there and leaves it.
 */
export class DeliveryStream {
  settings: StreamSettings;
  readonly createdAt = new Date();
  readonly #directory: string;
  readonly #s3: S3;
  readonly #timeScale: number;
  readonly #mayDeliver: DeliveryCheck;
  readonly #logFailure: FailureLog;
  readonly #onFault: (fault: unknown) => void;
  #current: RecordBuffer | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Left by an earlier process, until start. */
  #restored: RecordBuffer[];
  readonly #delivering = new Set<Promise<void>>();
  /** What is not in the bucket yet, apart from the buffer that is filled. */
  readonly #undelivered = new Set<RecordBuffer>();
  #closed = false;
  #started = false;
  #stopWaiting = new AbortController();

  constructor(
    settings: StreamSettings,
    options: {
      directory: string;
      s3: S3;
      timeScale: number;
      mayDeliver: DeliveryCheck;
      logFailure: FailureLog;
      onFault: (fault: unknown) => void;
    },
  ) {
    this.settings = settings;
    this.#directory = join(options.directory, settings.name);
    this.#s3 = options.s3;
    this.#timeScale = options.timeScale;
    this.#mayDeliver = options.mayDeliver;
    this.#logFailure = options.logFailure;
    this.#onFault = options.onFault;
    // Fails now, not at the first delivery, when the template's prefixes can't be expanded.
    expandPrefix(settings.prefix ?? '', { at: new Date(), id: '' });
    expandPrefix(settings.errorPrefix ?? '', {
      at: new Date(),
      id: '',
      errorOutputType: 'processing-failed',
    });
    this.#restored = RecordBuffer.restore(this.#directory);
  }

  /** Delivers what an earlier process had acknowledged. */
  start(): void {
    this.#started = true;
    for (const buffer of this.#restored.splice(0)) this.#deliver(buffer);
    if (this.#current !== undefined && this.#timer === undefined) this.#schedule();
  }

  /** On disk when it returns. */
  put(records: Buffer[]): void {
    if (records.length === 0) return;
    if (this.#current === undefined) {
      this.#current = RecordBuffer.begin(this.#directory);
      if (this.#started) this.#schedule();
    }
    this.#current.append(records);
    if (this.#current.bytes >= this.settings.bufferMiB * 1024 * 1024) this.#cut();
  }

  /** Delivers what is buffered; resolves when it is in the bucket. */
  async flush(): Promise<void> {
    this.#cut();
    while (this.#delivering.size > 0) await Promise.all(this.#delivering);
  }

  /** How long the oldest record has waited that is not in the bucket, ms; 0 without one. */
  oldestAgeMs(): number {
    const buffers = [...this.#undelivered, ...(this.#current === undefined ? [] : [this.#current])];
    const nowMs = Date.now();
    return buffers.reduce((oldest, { beganAt }) => Math.max(oldest, nowMs - beganAt.getTime()), 0);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => this.#cut(), (this.settings.bufferSeconds * 1000) / this.#timeScale);
  }

  #cut(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const buffer = this.#current;
    this.#current = undefined;
    if (buffer !== undefined) this.#deliver(buffer);
  }

  #deliver(buffer: RecordBuffer): void {
    buffer.close();
    this.#undelivered.add(buffer);
    const delivering = this.#store(buffer).finally(() => {
      this.#delivering.delete(delivering);
      this.#undelivered.delete(buffer);
    });
    this.#delivering.add(delivering);
  }

  async #store(buffer: RecordBuffer): Promise<void> {
    const { name, bucket, prefix = '' } = this.settings;
    const extension = this.settings.fileExtension ?? (this.settings.gzip ? '.gz' : '');
    const { beganAt: at, id } = buffer;
    const key = expandPrefix(prefix, { at, id }) + objectName(name, at, id, extension);
    while (!this.#closed) {
      try {
        if (buffer.bytes > 0 && this.#s3.headObject({ bucket, key }) === undefined) {
          this.#mayDeliver(this.settings, { bucket, key });
          const content = buffer.content();
          const body = this.settings.gzip ? await compress(content, compression) : content;
          await this.#s3.putObject({ bucket, key, body, contentType: 'application/octet-stream' });
        }
        if (!this.#closed) buffer.remove();
        return;
      } catch (error) {
        this.#onFault(error);
        this.#logFailure(this.settings, failureLine(this.settings, 'S3', error));
        await wait(retryDelayMs, this.#stopWaiting.signal);
      }
    }
  }

  /** What is not delivered stays on disk for the next process. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#stopWaiting.abort();
    await Promise.all(this.#delivering);
    this.#current?.close();
  }
}

/** An attempt that failed, as Firehose logs it. @param at the service that refused */
export function failureLine({ name, bucket }: StreamSettings, at: 'Kinesis' | 'S3', error: unknown): string {
  const { code = 'InternalError', message } = error as { code?: string; message: string };
  return JSON.stringify({
    deliveryStreamARN: arn('firehose', `deliverystream/${name}`),
    destination: arn('s3', bucket),
    deliveryStreamVersionId: 1,
    message,
    errorCode: `${at}.${code}`,
  });
}

/** Ends before its time when the signal says so. Nothing of it stays with the signal, which lives as long as the stream. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined); // it has no other fault
}
