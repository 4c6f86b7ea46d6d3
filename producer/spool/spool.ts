import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { batchLength, maxBatchBytes, type PackedRecord } from '../../core/lines/packing.ts';
import { type Backlog, type OnSafe, requestBytes, Signal } from '../delivery/backlog.ts';
import { lockSpool } from './spool-directory.ts';
import { segmentHeaderBytes } from './spool-format.ts';
import { type SpooledRecord, SpoolSegment } from './spool-segment.ts';

export interface SpoolOptions {
  readonly directory: string;
  /** 16 hex digits: positions count only for the run that wrote them. */
  readonly run: string;
  /** `always`: safe means written through to the disk. `off`: safe from kill -9, but not from a power cut. */
  readonly sync: 'always' | 'off';
  /** The source waits while the spool holds more than this, in MiB. */
  readonly maxMiB: number;
  /** A segment is full at this size, in MiB; the disk's room comes back in these pieces. */
  readonly segmentMiB: number;
  readonly onSafe: OnSafe;
  readonly onTrouble: (reason: string) => void;
}

/** What an earlier process left. */
export interface SpoolLeft {
  /** Lines that are still to be sent. */
  readonly lines: number;
  /** How many lines of this run's source are in the spool or were sent: go on behind them. */
  readonly position: number;
  /** Bytes of segments in which a checksum does not hold; they stay in `*.damaged`. */
  readonly damagedBytes: number;
}

/** How often a full disk is tried again. */
const fullDiskRetryMs = 500;
const mib = 1024 * 1024;

/** A backlog on disk: append-only segments, read back in order, deleted when acknowledged. One writer, one process. */
export class SpoolBacklog implements Backlog {
  readonly durable = true;
  readonly left: SpoolLeft;
  readonly #options: SpoolOptions;
  readonly #unlock: () => void;
  /** Oldest first; the last one is written to. */
  readonly #segments: SpoolSegment[];
  #nextNumber: number;
  #position: number;
  #queue: { record: PackedRecord; position: number }[] = [];
  #queuedBytes = 0;
  #writing: Promise<void> | undefined;
  #reading: Promise<unknown> = Promise.resolve();
  #failure: Error | undefined;
  #removals: Promise<void> = Promise.resolve();
  #damagedBytes: number;
  #ended = false;
  #closed = false;
  readonly #room = new Signal();
  readonly #filled = new Signal();

  private constructor(
    options: SpoolOptions,
    left: SpoolLeft,
    unlock: () => void,
    segments: SpoolSegment[],
    nextNumber: number,
  ) {
    this.#options = options;
    this.left = left;
    this.#unlock = unlock;
    this.#segments = segments;
    this.#nextNumber = nextNumber;
    this.#position = left.position;
    this.#damagedBytes = left.damagedBytes;
  }

  /**
   * Opens a spool directory, making it where there is none, and takes it for this process.
   * @throws {SpoolInUse} when another producer has it; NodeJS.ErrnoException when it cannot be read or written
   */
  static async open(options: SpoolOptions): Promise<SpoolBacklog> {
    await mkdir(options.directory, { recursive: true });
    const unlock = await lockSpool(options.directory);
    try {
      const names = (await readdir(options.directory)).filter((name) => name.endsWith('.spool')).sort();
      const segments: SpoolSegment[] = [];
      let [lines, position, damagedBytes] = [0, 0, 0];
      for (const name of names) {
        const newest = name === names.at(-1);
        const { segment, scan, lostBytes } = await SpoolSegment.recover(
          join(options.directory, name),
          newest,
        );
        if (scan.header?.run === options.run) position = Math.max(position, scan.position);
        lines += scan.lines;
        damagedBytes += lostBytes;
        segments.push(segment);
      }
      const nextNumber = Number.parseInt(names.at(-1) ?? '0', 10) + 1;
      const spool = new SpoolBacklog(
        options,
        { lines, position, damagedBytes },
        unlock,
        segments,
        nextNumber,
      );
      await spool.#roll();
      return spool;
    } catch (error) {
      unlock();
      throw error;
    }
  }

  append(record: PackedRecord, position: number): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#queue.push({ record, position });
    this.#queuedBytes += record.data.length;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#queuedBytes > maxBatchBytes ? this.#untilRoom() : undefined;
  }

  take(): Promise<readonly PackedRecord[] | undefined> {
    const next = this.#reading.then(() => this.#next());
    this.#reading = next.catch(() => {});
    return next;
  }

  acknowledge(records: readonly PackedRecord[]): void {
    for (const record of records as readonly SpooledRecord[]) record.segment.settle();
    this.#sweep();
  }

  async end(): Promise<void> {
    await this.#writing;
    this.#ended = true;
    this.#filled.raise();
  }

  async close(finished: boolean): Promise<void> {
    this.#closed = true;
    this.#room.raise();
    this.#filled.raise();
    await this.#writing;
    await this.#reading;
    const active = this.#segments.at(-1);
    if (active !== undefined) active.sealed = true;
    // An unfinished source goes on from its position, which the header of an empty segment keeps.
    if (!finished && this.#segments.every((segment) => segment.settled) && this.#failure === undefined) {
      await this.#roll();
    }
    this.#sweep();
    await this.#removals;
    for (const segment of this.#segments) await segment.close();
    this.#unlock();
  }

  /** Bytes set aside because a checksum does not hold. */
  get damagedBytes(): number {
    return this.#damagedBytes;
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  async #write(): Promise<void> {
    const { sync, maxMiB, segmentMiB, onSafe } = this.#options;
    let isFull = false;
    while (this.#queue.length > 0 && !this.#closed) {
      if (this.bytes > maxMiB * mib) {
        await this.#makeRoom(`the spool holds ${maxMiB} MiB, its limit`);
        continue;
      }
      // One write a MiB, and a single record after a failure: what fits is written, however small the disk.
      const records = this.#queue.map(({ record }) => record);
      const group = this.#queue.splice(0, isFull ? 1 : Math.max(1, batchLength(records, 0, requestBytes)));
      try {
        let active = this.#segments.at(-1);
        if (active === undefined || active.sealed || active.bytes > segmentMiB * mib)
          active = await this.#roll();
        await active.append(group, sync === 'always');
        isFull = false;
      } catch (error) {
        this.#queue.unshift(...group);
        isFull = true;
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'ENOSPC' || code === 'EDQUOT')
          await this.#makeRoom(`the spool's disk is full (${code})`);
        else this.#fail(error as Error);
        continue;
      }
      for (const { record, position } of group) {
        this.#queuedBytes -= record.data.length;
        this.#position = position;
        onSafe(record);
      }
      this.#filled.raise();
      this.#room.raise();
    }
  }

  /** Starts a segment behind the last one. Its header carries the position on, so older ones may go. */
  async #roll(): Promise<SpoolSegment> {
    const { directory, run, sync } = this.#options;
    const header = { run, position: this.#position };
    const segment = await SpoolSegment.create({
      directory,
      number: this.#nextNumber,
      header,
      sync: sync === 'always',
    });
    this.#nextNumber += 1;
    const last = this.#segments.at(-1);
    if (last !== undefined) last.sealed = true;
    this.#segments.push(segment);
    this.#sweep();
    return segment;
  }

  /** Lets the acknowledged segments go and waits for the next that is acknowledged, or half a second. */
  async #makeRoom(reason: string): Promise<void> {
    const active = this.#segments.at(-1);
    if (active !== undefined && active.bytes > segmentHeaderBytes) {
      await active.trim().catch(() => {});
      active.sealed = true;
      this.#sweep();
    }
    this.#options.onTrouble(`${reason}: the source waits until acknowledged readings give room back`);
    const room = this.#room.wait();
    await Promise.race([room, sleep(fullDiskRetryMs)]);
  }

  async #next(): Promise<readonly PackedRecord[] | undefined> {
    while (!this.#closed) {
      if (this.#failure !== undefined) throw this.#failure;
      const segment = this.#segments.find((candidate) => candidate.unread);
      if (segment !== undefined) {
        const records = await segment.read();
        if (records.length > 0) return records;
        this.#damagedBytes += segment.unreadBytes;
        this.#options.onTrouble(`a checksum does not hold: the rest of ${segment.path} is kept as *.damaged`);
        this.#sweep();
      } else if (this.#ended) return undefined;
      else await this.#filled.wait();
    }
    return undefined;
  }

  /** Removes what is sealed and acknowledged. */
  #sweep(): void {
    for (const segment of this.#segments.filter((candidate) => candidate.sealed && candidate.settled)) {
      this.#segments.splice(this.#segments.indexOf(segment), 1);
      this.#removals = this.#removals
        .then(() => segment.remove())
        .then(
          () => this.#room.raise(),
          (error: Error) => this.#options.onTrouble(`${segment.path} cannot be removed: ${error.message}`),
        );
    }
  }

  /** A failure that waiting does not repair, such as a broken disk. */
  #fail(error: Error): void {
    this.#failure = error;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#filled.raise();
    this.#room.raise();
  }

  async #untilRoom(): Promise<void> {
    while (this.#queuedBytes > maxBatchBytes && !this.#closed) await this.#room.wait();
    if (this.#failure !== undefined) throw this.#failure;
  }
}
