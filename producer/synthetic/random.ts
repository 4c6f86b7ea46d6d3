/**
 * A seeded stream of numbers: sfc32 by Chris Doty-Humphrey (128 bits of state, period of at least 2^32, passes
 * PractRand), seeded through splitmix32. Only 32-bit integer arithmetic, so equal seeds give equal numbers everywhere.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  /** @param seeds any numbers and texts; each combination gives another stream */
  constructor(...seeds: readonly (number | string)[]) {
    let state = 0x9e3779b9;
    for (const character of seeds.join('\u0000')) {
      state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x85ebca6b);
      state ^= state >>> 13;
    }
    const splitmix32 = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return mixed ^ (mixed >>> 15);
    };
    this.#a = splitmix32();
    this.#b = splitmix32();
    this.#c = splitmix32();
    this.#counter = splitmix32();
  }

  /** The next 32 bits, as an unsigned integer. */
  bits(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** From 0 up to, not including, 1. */
  uniform(): number {
    return this.bits() / 2 ** 32;
  }

  /** An integer from 0 up to, not including, `bound` (at most 2^32). */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** One of the items, none of which is more likely. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0];
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return probability > 0 && this.uniform() < probability;
  }

  /** Near normal, mean 0, deviation 1, within ±6: the sum of twelve uniforms less 6. */
  normal(): number {
    let sum = -6;
    for (let index = 0; index < 12; index += 1) sum += this.uniform();
    return sum;
  }
}
