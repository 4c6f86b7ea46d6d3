import { createHash } from 'node:crypto';

/** Numbers that depend on nothing but their seed. */
export interface SeededRandom {
  /** Uniform in [0, 1), of 32 bits. */
  next(): number;
  /** Uniform integer from `low` to `high`, both included. */
  integer(low: number, high: number): number;
  /** One of the items, none of which is more likely. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
}

/**
 * sfc32, seeded with the SHA-256 of seed and label: streams of different labels have nothing in common, so a toon keeps
 * its bytes when another kind of toon is added.
 */
export function seededRandom(seed: number, label: string): SeededRandom {
  const digest = createHash('sha256').update(`${seed}/${label}`).digest();
  let a = digest.readUInt32LE(0);
  let b = digest.readUInt32LE(4);
  let c = digest.readUInt32LE(8);
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 12; round++) next(); // mixes the seed through the state
  const integer = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return { next, integer, pick: (items) => items[integer(0, items.length - 1)] ?? items[0] };
}
