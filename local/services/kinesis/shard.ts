import { Journal } from '../../engine/journal.ts';

export interface StoredRecord {
  /** Counts the records of the shard, from 0; follows from the sequence number. */
  readonly position: number;
  readonly arrivedMs: number;
  readonly partitionKey: string;
  readonly data: Buffer;
}

export interface ShardBatch {
  readonly records: readonly StoredRecord[];
  /** Where the next read goes on. */
  readonly next: number;
  /** Age of the oldest record that is left, 0 when none is. */
  readonly behindMs: number;
}

type Entry = [position: number, arrivedMs: number, partitionKey: string, base64: string] | { next: number };

const entryOf = ({ position, arrivedMs, partitionKey, data }: StoredRecord): Entry => [
  position,
  arrivedMs,
  partitionKey,
  data.toString('base64'),
];

/** Bytes that one read gives, as GetRecords. */
const maxReadBytes = 10 * 1024 * 1024;

/** One shard: records in the order of their arrival, which are forgotten when they are older than the stream keeps them. */
export class Shard {
  readonly #journal: Journal<Entry>;
  readonly #retentionMs: number;
  #records: StoredRecord[] = [];
  #next = 0;

  constructor(path: string, retentionMs: number) {
    this.#retentionMs = retentionMs;
    this.#journal = new Journal(path);
    for (const entry of this.#journal.load()) {
      if (!Array.isArray(entry)) {
        this.#next = entry.next;
        continue;
      }
      const [position, arrivedMs, partitionKey, base64] = entry;
      this.#records.push({ position, arrivedMs, partitionKey, data: Buffer.from(base64, 'base64') });
      this.#next = position + 1;
    }
    this.#forget(Date.now());
  }

  /** Position of the record that comes next. */
  get next(): number {
    return this.#next;
  }

  /** On disk when it returns. @returns the position of each */
  put(records: readonly { partitionKey: string; data: Buffer }[]): number[] {
    const arrivedMs = Date.now();
    const stored = records.map((record, index) => ({ ...record, position: this.#next + index, arrivedMs }));
    this.#journal.append(...stored.map(entryOf));
    this.#records.push(...stored);
    this.#next += stored.length;
    this.#forget(arrivedMs);
    return stored.map(({ position }) => position);
  }

  /** At least one record where there is one, however large it is. */
  read(from: number, max: number): ShardBatch {
    const nowMs = Date.now();
    this.#forget(nowMs);
    const first = this.#records[0]?.position ?? this.#next;
    const begin = Math.max(from, first) - first;
    const records: StoredRecord[] = [];
    let bytes = 0;
    for (const record of this.#records.slice(begin, begin + max)) {
      bytes += record.data.length;
      if (records.length > 0 && bytes > maxReadBytes) break;
      records.push(record);
    }
    const left = this.#records[begin + records.length];
    return {
      records,
      next: Math.max(from, first) + records.length,
      behindMs: left === undefined ? 0 : nowMs - left.arrivedMs,
    };
  }

  /** Position of the first record that arrived at this time or later. */
  positionAt(atMs: number): number {
    return this.#records.find(({ arrivedMs }) => arrivedMs >= atMs)?.position ?? this.#next;
  }

  close(): void {
    this.#journal.close();
  }

  #forget(nowMs: number): void {
    const kept = this.#records.findIndex(({ arrivedMs }) => arrivedMs > nowMs - this.#retentionMs);
    if (kept === 0) return;
    this.#records = kept === -1 ? [] : this.#records.slice(kept);
    this.#journal.compact(this.#records.length, () => [{ next: this.#next }, ...this.#records.map(entryOf)]);
  }
}
