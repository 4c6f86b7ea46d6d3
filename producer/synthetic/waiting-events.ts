/** What goes on later: when, as which text of the list, and its numbers. */
export interface Waiting {
  readonly atMs: number;
  readonly next: number;
  /** NaN is absent. */
  readonly numbers: Float64Array;
  /** The other texts of the event. */
  readonly texts: readonly (string | null)[];
}

/**
 * Events of one entity that come about later, in order of time. Their numbers lie in one array: as objects, hundreds of thousands that wait for days would be copied by
 * the garbage collector, which took a third of the producer's time.
 */
export class WaitingEvents {
  readonly #width: number;
  /** In order, with the places of their numbers beside them. */
  readonly #atMs: number[] = [];
  readonly #slots: number[] = [];
  readonly #free: number[] = [];
  readonly #next: number[] = [];
  readonly #texts: (readonly (string | null)[])[] = [];
  #numbers: Float64Array;

  /** @param width numbers of an event */
  constructor(width: number) {
    this.#width = width;
    this.#numbers = new Float64Array(16 * width);
  }

  /** When the first of them comes about; `Infinity` without one. */
  get firstMs(): number {
    return this.#atMs[0] ?? Number.POSITIVE_INFINITY;
  }

  /** Puts one behind all that come about no later. */
  add({ atMs, next, numbers, texts }: Waiting): void {
    const slot = this.#free.pop() ?? this.#next.length;
    if ((slot + 1) * this.#width > this.#numbers.length) {
      const grown = new Float64Array(2 * this.#numbers.length + this.#width);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers.set(numbers, slot * this.#width);
    this.#next[slot] = next;
    this.#texts[slot] = texts;
    const place = this.#placeOf(atMs);
    this.#atMs.splice(place, 0, atMs);
    this.#slots.splice(place, 0, slot);
  }

  /** Takes out the first. Its numbers stand until the next is added. */
  shift(): Waiting | undefined {
    const [atMs, slot] = [this.#atMs.shift(), this.#slots.shift()];
    if (atMs === undefined || slot === undefined) return undefined;
    this.#free.push(slot);
    const numbers = this.#numbers.subarray(slot * this.#width, (slot + 1) * this.#width);
    return { atMs, next: this.#next[slot] as number, numbers, texts: this.#texts[slot] ?? [] }; // as many as slots
  }

  #placeOf(atMs: number): number {
    let [low, high] = [0, this.#atMs.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const isLater = (this.#atMs[middle] as number) > atMs; // within
      if (isLater) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
