import type { Notation } from '../notation.ts';
import { powersOfTen } from './number-bytes.ts';

const [minus, zero] = [45, 48];
/** A whole number of so many digits is exact. */
const mostDigits = 15;
/** Digits between the marks of thousands. */
const groupDigits = 3;

/**
 * Reads numbers of a table from their bytes: a sign, digits, a decimal mark and more digits, up to 15 in all. These are a whole number divided by a
 * power of ten, both exact, so that the division rounds once, as it must (Clinger, 1990). All else is left to `numberOf`.
 */
export class DecimalCell {
  readonly #mark: number;
  readonly #notation: Notation;

  /** @param notation what the numbers of the file have shown: one that would show more is left to it */
  constructor(decimal: '.' | ',', notation: Notation) {
    this.#mark = decimal.charCodeAt(0);
    this.#notation = notation;
  }

  /**
   * Reads the number at `at` into `column[row]`, with 0 for -0. The byte behind it is none that a number has.
   * @returns where it ends; -1 when it is not read here
   */
  read(bytes: Buffer, at: number, column: Float64Array, row: number): number {
    const isNegative = bytes[at] === minus;
    const first = isNegative ? at + 1 : at;
    let position = first;
    let whole = 0;
    let digit = (bytes[position] as number) - zero; // there is a byte behind the number
    while (digit >>> 0 <= 9) {
      whole = whole * 10 + digit;
      digit = (bytes[++position] as number) - zero; // as above
    }
    const before = position - first;
    let scale = 0;
    if (bytes[position] === this.#mark) {
      const start = ++position;
      digit = (bytes[position] as number) - zero; // as above
      while (digit >>> 0 <= 9) {
        whole = whole * 10 + digit;
        digit = (bytes[++position] as number) - zero; // as above
      }
      scale = position - start;
      if (scale === 0 || !this.#isSettled(before, scale, bytes[first] as number)) return -1;
    }
    if (before === 0 || before + scale > mostDigits) return -1;
    const magnitude = scale === 0 ? whole : whole / (powersOfTen[scale] as number); // at most 14
    column[row] = isNegative ? 0 - magnitude : magnitude; // 0 - 0 is 0
    return position;
  }

  /** Whether a number with a decimal mark tells nothing any more of how numbers are written: 13.750 may be thirteen thousand. */
  #isSettled(before: number, scale: number, first: number): boolean {
    const mayBeGrouped = scale === groupDigits && before <= groupDigits && first !== zero;
    return mayBeGrouped ? this.#notation.isGroupingSeen : this.#notation.isMarkShown;
  }
}
