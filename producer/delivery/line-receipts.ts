import type { PackedRecord } from '../../core/lines/packing.ts';

interface Waiter {
  readonly position: number;
  readonly settle: () => void;
  readonly fail: (error: Error) => void;
}

/** Tells the senders of single lines when the record that holds their line is safe. */
export class LineReceipts {
  /** Lines that are not in a record yet, in order. */
  #unpacked: Waiter[] = [];
  readonly #packed = new Map<PackedRecord, Waiter[]>();

  /** Starts to wait for the line at this position (the first is 1), before it is sent. */
  whenSafe(position: number): { promise: Promise<void>; fail: (error: Error) => void } {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#unpacked.push({ position, settle: resolve, fail: reject });
    return {
      promise,
      fail: (error) => {
        this.#unpacked = this.#unpacked.filter((waiter) => waiter.fail !== reject);
        reject(error);
      },
    };
  }

  /** A record was made of the lines through this position. */
  attach(record: PackedRecord, through: number): void {
    if (this.#unpacked.length === 0) return;
    const later = this.#unpacked.findIndex((waiter) => waiter.position > through);
    const inside = this.#unpacked.splice(0, later < 0 ? this.#unpacked.length : later);
    if (inside.length > 0) this.#packed.set(record, inside);
  }

  settle(record: PackedRecord): void {
    for (const waiter of this.#packed.get(record) ?? []) waiter.settle();
    this.#packed.delete(record);
  }

  /** Nothing that is not safe yet will become so. */
  fail(error: Error): void {
    for (const waiter of [...this.#unpacked, ...[...this.#packed.values()].flat()]) waiter.fail(error);
    this.#unpacked = [];
    this.#packed.clear();
  }
}
