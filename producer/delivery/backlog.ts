import { batchLength, type PackedRecord } from '../../core/lines/packing.ts';

/** Bytes of readings in one request: a quarter of what the API takes bounds the memory of a request and its resend. */
export const requestBytes = 1024 * 1024;

/** Records that wait for delivery. Many may take; each record is handed out once and settled once. */
export interface Backlog {
  /**
   * Takes a record in.
   * @param position how many of the source's lines this record and those before it cover
   * @returns nothing when more may come at once; a promise to wait for when the backlog is full
   */
  append(record: PackedRecord, position: number): Promise<void> | undefined;
  /** The next records, at most one request's worth; `undefined` when it is closed and empty. */
  take(): Promise<readonly PackedRecord[] | undefined>;
  /** These records have arrived. */
  acknowledge(records: readonly PackedRecord[]): void;
  /** Nothing more will be appended. `take` goes on until all is handed out. */
  end(): Promise<void>;
  /**
   * Lets go of files and locks. What is not acknowledged stays where it is durable.
   * @param finished the source came to its end: nothing of it is left to be continued
   */
  close(finished: boolean): Promise<void>;
  /** It keeps what is not acknowledged across a restart. */
  readonly durable: boolean;
}

/** Called once for each record that a crash can no longer lose: it is on disk, or Firehose has it. */
export type OnSafe = (record: PackedRecord) => void;

/**
 * A backlog in memory.
 * @param options.maxBytes the source waits while more than this is queued; in-flight records come on top
 */
export class MemoryBacklog implements Backlog {
  readonly durable = false;
  readonly #onSafe: OnSafe;
  readonly #maxBytes: number;
  #records: PackedRecord[] = [];
  #bytes = 0;
  #ended = false;
  readonly #room = new Signal();
  readonly #filled = new Signal();

  constructor({ onSafe, maxBytes = 2 * requestBytes }: { onSafe: OnSafe; maxBytes?: number }) {
    this.#onSafe = onSafe;
    this.#maxBytes = maxBytes;
  }

  append(record: PackedRecord): Promise<void> | undefined {
    this.#records.push(record);
    this.#bytes += record.data.length;
    this.#filled.raise();
    return this.#bytes > this.#maxBytes ? this.#untilRoom() : undefined;
  }

  async take(): Promise<readonly PackedRecord[] | undefined> {
    while (this.#records.length === 0) {
      if (this.#ended) return undefined;
      await this.#filled.wait();
    }
    const batch = this.#records.splice(0, batchLength(this.#records, 0, requestBytes));
    for (const record of batch) this.#bytes -= record.data.length;
    this.#room.raise();
    return batch;
  }

  acknowledge(records: readonly PackedRecord[]): void {
    for (const record of records) this.#onSafe(record);
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.#filled.raise();
  }

  async close(): Promise<void> {
    await this.end();
    this.#records = [];
    this.#bytes = 0;
    this.#room.raise();
  }

  async #untilRoom(): Promise<void> {
    while (this.#bytes > this.#maxBytes) await this.#room.wait();
  }
}

/** Wakes all that wait, each time it is raised. */
export class Signal {
  #pending = Promise.withResolvers<void>();

  raise(): void {
    this.#pending.resolve();
    this.#pending = Promise.withResolvers<void>();
  }

  wait(): Promise<void> {
    return this.#pending.promise;
  }
}
