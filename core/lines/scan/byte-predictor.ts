/** Longer stretches are never expected. */
const maxBytes = 120;
/** An expectation that has failed this often in a row is replaced: not sooner, lest lines in changing order teach at every key. */
const missesBeforeLearning = 3;

/**
 * What is expected to come after what came last, learned from the lines: of keys, the bytes from the end of a value to the
 * next one, and which field that is; of sensors, the bytes of the id, and its number. States and outcomes are small integers; states
 * past the given number expect nothing.
 */
export class BytePredictor {
  readonly #next: Int32Array;
  readonly #length: Int32Array;
  readonly #misses: Uint8Array;
  /** By `after`, the bytes as little-endian words; the last one overlaps the one before. */
  readonly #words: Int32Array;
  readonly #stride: number;

  constructor(states: number, bytes = maxBytes) {
    this.#stride = Math.ceil(bytes / 4) + 1;
    this.#next = new Int32Array(states);
    this.#length = new Int32Array(states);
    this.#misses = new Uint8Array(states);
    this.#words = new Int32Array(states * this.#stride);
  }

  /** The outcome that is expected. */
  next(after: number): number {
    return this.#next[after] as number; // one of the states
  }

  /** How many bytes at `at` are what is expected; 0 when they aren't. */
  matched(view: DataView, at: number, limit: number, after: number): number {
    const length = this.#length[after] ?? 0;
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

  /** Something else came: `outcome`, by the bytes from `at` to `end`. */
  missed(view: DataView, at: number, end: number, after: number, outcome: number): void {
    const misses = (this.#misses[after] ?? 0) + 1;
    this.#misses[after] = misses;
    if (misses >= missesBeforeLearning) this.learn(view, at, end, after, outcome);
  }

  /** Nothing of a state past the given number: what is written beyond an array is lost. */
  learn(view: DataView, at: number, end: number, after: number, outcome: number): void {
    const length = end - at;
    if (length < 4 || length > 4 * (this.#stride - 1)) return;
    let word = after * this.#stride;
    for (let position = at; position < end - 4; position += 4)
      this.#words[word++] = view.getInt32(position, true);
    this.#words[word] = view.getInt32(end - 4, true);
    this.#length[after] = length;
    this.#next[after] = outcome;
    this.#misses[after] = 0;
  }
}
