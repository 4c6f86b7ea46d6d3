/** Past this many a text is no longer remembered: a column of free text would fill the memory for nothing. */
const maxTexts = 65_536;
/** 2^32 by the golden ratio: texts that differ in a digit come to lie far apart (Knuth). */
const spread = 0x9e3779b1;
/** Slots looked at before a look-up gives up: whoever sends texts of one hash gains nothing but the slower path. */
const maxProbes = 32;

/**
 * Finds what stands for a text by its bytes, without making a string of them: an open-addressing table at most half full. The caller
 * hashes while it reads the bytes.
 */
export class ByteDictionary<T> {
  #slots = new Int32Array(1_024);
  #mask = 1_023;
  #shift = 22;
  /** By entry: hash, and where its bytes begin and end in `#pool`. */
  #hashes = new Int32Array(512);
  #ends = new Int32Array(513);
  #pool = Buffer.alloc(8_192);
  readonly #values: T[] = [];

  /** What {@link remember} was given for the same bytes; `undefined` when they are not known. */
  find(bytes: Buffer, from: number, to: number, hash: number): T | undefined {
    const slots = this.#slots;
    const mask = this.#mask;
    const pool = this.#pool;
    let slot = Math.imul(hash, spread) >>> this.#shift;
    for (let probe = 0; probe < maxProbes; probe++) {
      const entry = (slots[slot] as number) - 1; // slot is masked
      if (entry < 0) return undefined;
      if (this.#hashes[entry] === hash) {
        let known = this.#ends[entry] as number; // an entry
        if ((this.#ends[entry + 1] as number) - known === to - from) {
          let at = from;
          while (at < to && bytes[at] === pool[known]) {
            at++;
            known++;
          }
          if (at === to) return this.#values[entry];
        }
      }
      slot = (slot + 1) & mask;
    }
    return undefined;
  }

  remember(bytes: Buffer, from: number, to: number, hash: number, value: T): void {
    const entry = this.#values.length;
    if (entry === maxTexts) return;
    if (entry === this.#hashes.length) this.#grow();
    const start = this.#ends[entry] as number; // an entry's start is the end of the one before
    const end = start + to - from;
    if (end > this.#pool.length) this.#pool = Buffer.concat([this.#pool], 2 * end);
    bytes.copy(this.#pool, start, from, to);
    this.#hashes[entry] = hash;
    this.#ends[entry + 1] = end;
    this.#values.push(value);
    this.#place(entry);
  }

  #place(entry: number): void {
    const hash = this.#hashes[entry] as number; // an entry
    let slot = Math.imul(hash, spread) >>> this.#shift;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = entry + 1;
  }

  #grow(): void {
    const size = this.#hashes.length * 2;
    const hashes = new Int32Array(size);
    hashes.set(this.#hashes);
    const ends = new Int32Array(size + 1);
    ends.set(this.#ends);
    this.#hashes = hashes;
    this.#ends = ends;
    this.#slots = new Int32Array(size * 2);
    this.#mask = size * 2 - 1;
    this.#shift = Math.clz32(this.#mask);
    for (let entry = 0; entry < this.#values.length; entry++) this.#place(entry);
  }
}

/** One step of the hash that dictionaries of bytes go by. */
export function hashed(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0;
}
