import type { FirehoseClientConfig } from '@aws-sdk/client-firehose';
import { type PackedRecord, RecordPacker } from '../../core/lines/packing.ts';
import { SpoolBacklog } from '../spool/spool.ts';
import { type Backlog, MemoryBacklog } from './backlog.ts';
import {
  type Backoff,
  DeliveryFailed,
  defaultBackoff,
  deliverBacklog,
  emptyTally,
  type Tally,
} from './deliver-backlog.ts';
import { LineReceipts } from './line-receipts.ts';
import { createFirehoseSender, type Sender } from './sender.ts';

export interface ProducerOptions {
  /** The delivery stream's name. */
  readonly stream: string;
  /** Region, endpoint, credentials for the SDK; by default its usual chain. */
  readonly client?: FirehoseClientConfig;
  /** Size that records grow to, 5 to 1,000 KiB (default 100). */
  readonly recordKib?: number;
  /** How long a reading may wait for its record to fill, in ms (default 1,000); 0 sends each reading as a record. */
  readonly lingerMs?: number;
  /** Requests under way at once (default 4). Each holds up to 1 MiB of readings. */
  readonly inFlight?: number;
  /** Readings are given up when nothing of their request gets through for this long, in ms (default 300,000). */
  readonly deadlineMs?: number;
  /** Without an answer by then a request is sent again, in ms (default 30,000). */
  readonly requestTimeoutMs?: number;
  /** Waits between attempts (default: from 100 ms, doubled up to 20 s, each at random between 0 and that). */
  readonly backoff?: Backoff;
  /** Keeps what is not acknowledged on disk, across kill -9 and days offline. */
  readonly spool?: {
    readonly directory: string;
    /** `always` (default): written through to the disk before it counts as safe. `off`: not safe from a power cut. */
    readonly sync?: 'always' | 'off';
    /** The source waits while the spool holds more, in MiB (default 10,240). */
    readonly maxMiB?: number;
    /** 16 hex digits naming a source that can be continued at a position; by default it starts over. */
    readonly run?: string;
  };
  /** Called with each trouble that is being retried, for people to read. */
  readonly onTrouble?: (reason: string) => void;
}

/** Sends NDJSON lines to a delivery stream, packed, each at least once. */
export interface Producer {
  /** How many lines of this run's source a spool has from before: go on behind them. 0 without one. */
  readonly position: number;
  /** Aborted when the delivery failed; its reason is the error. */
  readonly failed: AbortSignal;
  /**
   * Takes one line, without its newline.
   * @returns `undefined` when more may come at once; a promise to wait for when the producer is full; `too-large` when
   * no record can hold it. @throws {DeliveryFailed} after the delivery failed
   */
  send(line: string): Promise<void> | 'too-large' | undefined;
  /** Takes one line and resolves when a crash can no longer lose it: spooled, or acknowledged by Firehose. */
  sendSafely(line: string): Promise<void>;
  /** Counts so far. */
  tally(): Tally;
  /**
   * Sends what waits and closes.
   * @param options.finished the source came to its end (default): a spool needs no position any more
   * @param options.signal stops at once; what is not acknowledged stays in the spool, or is lost without one
   * @returns the final tally. All arrived when `unacknowledged` and `tooLarge` are 0: a failed delivery does not
   * throw here. Closing again gives the same.
   */
  close(options?: { finished?: boolean; signal?: AbortSignal }): Promise<Tally>;
}

/**
 * Starts a producer.
 * @throws RangeError for an option out of bounds, {@link RegionMissing}, {@link SpoolInUse}, or NodeJS.ErrnoException when the spool cannot be opened
 */
export async function createProducer(options: ProducerOptions): Promise<Producer> {
  const sender = await createFirehoseSender({
    stream: options.stream,
    client: options.client ?? {},
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
  });
  return startProducer(options, sender);
}

/** {@link createProducer} over any sender, as the dry run's. */
export async function startProducer(options: ProducerOptions, sender: Sender): Promise<Producer> {
  const { lingerMs = 1_000, inFlight = 4, deadlineMs = 300_000, spool } = options;
  const onTrouble = options.onTrouble ?? (() => {});
  const packer = new RecordPacker(options.recordKib === undefined ? {} : { recordKib: options.recordKib });
  const tally = emptyTally();
  const failure = new AbortController();
  const receipts = new LineReceipts();
  // Safe is on disk, to be read back from there, or arrived: the packer may use its memory again.
  const onSafe = (record: PackedRecord) => {
    receipts.settle(record);
    packer.recycle(record);
  };
  const backlog: Backlog =
    spool === undefined
      ? new MemoryBacklog({ onSafe })
      : await SpoolBacklog.open({
          directory: spool.directory,
          run: spool.run ?? Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex'),
          sync: spool.sync ?? 'always',
          maxMiB: spool.maxMiB ?? 10_240,
          segmentMiB: 16,
          onSafe,
          onTrouble,
        });
  const left = backlog instanceof SpoolBacklog ? backlog.left : { lines: 0, position: 0 };
  tally.unacknowledged = left.lines;
  let position = left.position;
  let drainingSince = backlog.durable ? undefined : 0;

  const stop = new AbortController();
  const delivery = deliverBacklog({
    backlog,
    sender,
    tally,
    inFlight,
    deadlineMs,
    backoff: options.backoff ?? defaultBackoff,
    deadlineFrom: () => drainingSince,
    onTrouble,
    signal: stop.signal,
  }).catch((error: Error) => {
    failure.abort(error);
    receipts.fail(error);
  });

  const append = (record: PackedRecord, through: number) => {
    receipts.attach(record, through);
    const full = backlog.append(record, through);
    return full === undefined ? undefined : orFailure(full, failure.signal);
  };

  // Twice in `lingerMs` the lines that were there the time before are sent, so none waits longer than `lingerMs`.
  let aged = 0;
  const flushAged = () => {
    if (failure.signal.aborted) return;
    const record = aged > 0 ? packer.cut() : undefined;
    if (record !== undefined) {
      append(record, position - packer.lines)?.catch(() => {});
      const rest = record.lines < aged ? packer.flush() : undefined;
      if (rest !== undefined) append(rest, position)?.catch(() => {});
    }
    aged = packer.lines;
  };
  const timer = lingerMs > 0 ? setInterval(flushAged, Math.max(1, lingerMs / 2)) : undefined;

  const send = (line: string): Promise<void> | 'too-large' | undefined => {
    failure.signal.throwIfAborted();
    const packed = packer.add(line);
    if (packed === 'too-large') {
      // The lines before it leave first: a record's position is counted back from the lines that still wait.
      const before = packer.flush();
      if (before !== undefined) append(before, position)?.catch(() => {});
      aged = 0;
      position += 1;
      tally.tooLarge += 1;
      return 'too-large';
    }
    position += 1;
    tally.lines += 1;
    tally.unacknowledged += 1;
    const record = packed ?? (lingerMs === 0 ? packer.flush() : undefined);
    if (record === undefined) return undefined;
    aged = Math.max(0, aged - record.lines);
    return append(record, position - packer.lines);
  };

  const snapshot = (): Tally => ({
    ...tally,
    damagedBytes: backlog instanceof SpoolBacklog ? backlog.damagedBytes : 0,
  });

  const halt = () => stop.abort(new DeliveryFailed('stopped'));
  let closing: Promise<Tally> | undefined;
  const drain = async (finished: boolean): Promise<Tally> => {
    clearInterval(timer);
    drainingSince ??= performance.now();
    const rest = packer.flush();
    if (rest !== undefined && !failure.signal.aborted) append(rest, position)?.catch(() => {});
    await Promise.race([backlog.end(), delivery]);
    await delivery;
    await backlog.close(finished && !failure.signal.aborted);
    sender.close();
    return snapshot();
  };

  return {
    position,
    failed: failure.signal,
    send,
    async sendSafely(line) {
      const safe = receipts.whenSafe(position + 1);
      try {
        const room = send(line);
        if (room === 'too-large') throw new RangeError('the line is over 1,000 KiB');
        await room;
      } catch (error) {
        safe.fail(error as Error);
      }
      await safe.promise;
    },
    tally: snapshot,
    close({ finished = true, signal } = {}) {
      if (signal?.aborted) halt();
      signal?.addEventListener('abort', halt, { once: true });
      closing ??= drain(finished);
      return closing.finally(() => signal?.removeEventListener('abort', halt));
    },
  };
}

/** Waits for room, but not beyond a failed delivery. */
async function orFailure(room: Promise<void>, failed: AbortSignal): Promise<void> {
  failed.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(failed.reason);
  failed.addEventListener('abort', onAbort, { once: true });
  await Promise.race([room, promise]).finally(() => failed.removeEventListener('abort', onAbort));
}
