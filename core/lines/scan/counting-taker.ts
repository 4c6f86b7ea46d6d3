import type { LineTaker } from '../line-splitter.ts';

/** Has lines taken while they may be, and tells how many were. */
export class CountingTaker implements LineTaker {
  taken = 0;
  readonly #taker: LineTaker;
  readonly #of: { readonly mayTake: () => boolean; readonly took: (lines: number) => void };

  constructor(taker: LineTaker, of: { mayTake: () => boolean; took: (lines: number) => void }) {
    this.#taker = taker;
    this.#of = of;
  }

  take(bytes: Buffer, start: number, limit: number): number {
    this.taken = 0;
    if (!this.#of.mayTake()) return start;
    const next = this.#taker.take(bytes, start, limit);
    this.taken = this.#taker.taken;
    if (this.taken > 0) this.#of.took(this.taken);
    return next;
  }
}
