/** More different values than this in a row group are written as they are. */
const maxValues = 32_768;

/** Doubles of a row group as numbers of their different values, in order of appearance. */
export class DoubleDictionary {
  readonly values: Float64Array;
  /** By row, after a {@link code} that answered a count. */
  readonly codes: Uint32Array;
  readonly #bits: Int32Array;
  readonly #slots: Int32Array;

  /** As small as the row groups are: most partitions are, and there may be thousands. */
  constructor(maxRows: number) {
    const most = Math.min(maxValues, maxRows >>> 1);
    this.values = new Float64Array(most);
    this.codes = new Uint32Array(maxRows);
    this.#bits = new Int32Array(this.values.buffer);
    this.#slots = new Int32Array(2 ** (34 - Math.clz32(most))); // at most half full
  }

  /** How many different values `column` has, or `undefined` when too many for a dictionary to pay. */
  code(column: Float64Array): number | undefined {
    const slots = this.#slots.fill(0);
    const known = this.#bits;
    const bits = new Int32Array(column.buffer, column.byteOffset, column.length * 2);
    const mask = slots.length - 1;
    const shift = Math.clz32(mask);
    const most = Math.min(maxValues, column.length >>> 1);
    let count = 0;
    for (let row = 0; row < column.length; row++) {
      const low = bits[2 * row] as number; // two words a row
      const high = bits[2 * row + 1] as number; // as above
      const hash = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
      let slot = hash >>> shift;
      let code = slots[slot] as number; // slot is masked
      while (code !== 0 && (known[2 * code - 2] !== low || known[2 * code - 1] !== high)) {
        slot = (slot + 1) & mask;
        code = slots[slot] as number; // as above
      }
      if (code === 0) {
        if (count === most) return undefined;
        this.values[count] = column[row] as number; // row is within the column
        code = ++count;
        slots[slot] = code;
      }
      this.codes[row] = code - 1;
    }
    return count;
  }
}
