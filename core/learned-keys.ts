/** Longer stretches, with their white space, are never learned. */
const maxBytes = 120;
/** An expectation that has failed this often in a row is replaced: not sooner, lest lines in changing order teach at every key. */
const missesBeforeLearning = 3;

/**
 * What is expected to come after each field of a record, learned from the lines: the bytes from the end of its value to
 * the next value, and which field that is. `after` is 0 at the start of the line, and else 1 + the field.
 */
export class LearnedKeys {
  readonly #next: Int32Array;
  readonly #length: Int32Array;
  readonly #misses: Uint8Array;
  /** By `after`, the bytes as little-endian words; the last one overlaps the one before. */
  readonly #words: Int32Array;
  readonly #stride = maxBytes / 4 + 1;

  constructor(fields: number) {
    this.#next = new Int32Array(fields + 1);
    this.#length = new Int32Array(fields + 1);
    this.#misses = new Uint8Array(fields + 1);
    this.#words = new Int32Array((fields + 1) * this.#stride);
  }

  /** The field that is expected. */
  next(after: number): number {
    return this.#next[after] as number; // one of the fields, or the start
  }

  /** How many bytes at `at` are what is expected; 0 when they aren't. */
  matched(view: DataView, at: number, limit: number, after: number): number {
    const length = this.#length[after] as number; // as above
    if (length === 0 || at + length > limit) return 0;
    const words = this.#words;
    let word = after * this.#stride;
    const last = at + length - 4;
    for (let position = at; position < last; position += 4) {
      if (view.getInt32(position, true) !== words[word++]) return 0;
    }
    if (view.getInt32(last, true) !== words[word]) return 0;
    this.#misses[after] = 0;
    return length;
  }

  /** Something else came: `field`, by the bytes from `at` to `end`. */
  missed(view: DataView, at: number, end: number, after: number, field: number): void {
    const misses = (this.#misses[after] as number) + 1; // as above
    this.#misses[after] = misses;
    if (misses >= missesBeforeLearning) this.learn(view, at, end, after, field);
  }

  learn(view: DataView, at: number, end: number, after: number, field: number): void {
    const length = end - at;
    if (length < 4 || length > maxBytes) return;
    let word = after * this.#stride;
    for (let position = at; position < end - 4; position += 4)
      this.#words[word++] = view.getInt32(position, true);
    this.#words[word] = view.getInt32(end - 4, true);
    this.#length[after] = length;
    this.#next[after] = field;
    this.#misses[after] = 0;
  }
}
