import { Random } from '../synthetic/random.ts';

/** The producer's numbers, with what making files needs beside. A toon's stream depends on its seed, type and place alone. */
export class ToonRandom extends Random {
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** One of the items, none of which is more likely. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0];
  }
}
