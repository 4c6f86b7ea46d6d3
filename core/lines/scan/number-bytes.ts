const minus = 45;
const point = 46;
const zero = 48;
/** Powers of ten that a double holds exactly. */
export const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const exactBelow = 2 ** 53;
/** A longer number is left to JSON.parse, so that a line of zeros can't be read twice. */
const maxBytes = 400;

/**
 * Reads a JSON number at `at` into `column[row]`, the very double that JSON.parse gives, with 0 for -0. Returns where it ends, or
 * -1 when there is none. `bytes` hold a byte after it that no number has.
 *
 * Up to 9 digits without an exponent, as sensors send, are an int32 divided by a power of ten: both are exact, so the
 * division rounds once, as it must (Clinger, 1990). It writes instead of returning so that no double is boxed.
 */
export function readNumber(bytes: Buffer, at: number, column: Float64Array, row: number): number {
  let position = at;
  let byte = bytes[position] as number; // there is a byte after the number
  const isNegative = byte === minus;
  if (isNegative) byte = bytes[++position] as number; // as above
  const first = position;
  let digit = byte - zero;
  if (digit >>> 0 > 9) return -1;
  let digits = digit;
  byte = bytes[++position] as number; // as above
  if (digit !== 0) {
    digit = byte - zero;
    while (digit >>> 0 <= 9) {
      digits = (Math.imul(digits, 10) + digit) | 0; // wraps past 9 digits, and then isn't used
      byte = bytes[++position] as number; // as above
      digit = byte - zero;
    }
  }
  let count = position - first;
  let scale = 0;
  if (byte === point) {
    const start = ++position;
    byte = bytes[position] as number; // as above
    digit = byte - zero;
    while (digit >>> 0 <= 9) {
      digits = (Math.imul(digits, 10) + digit) | 0; // as above
      byte = bytes[++position] as number; // as above
      digit = byte - zero;
    }
    scale = position - start;
    if (scale === 0) return -1;
    count += scale;
  }
  if (count > 9 || (byte | 32) === 101) return readLongNumber(bytes, at, first, position, column, row);
  const magnitude = scale === 0 ? digits : digits / (powersOfTen[scale] as number); // scale is at most 8
  column[row] = isNegative ? 0 - magnitude : magnitude; // 0 - 0 is 0
  return position;
}

/** The same for a number whose digits, sound so far, end at `position`: of more digits, or with an exponent there. */
function readLongNumber(
  bytes: Buffer,
  at: number,
  first: number,
  position: number,
  column: Float64Array,
  row: number,
): number {
  if (position - first > maxBytes) return -1;
  let end = position;
  if (((bytes[end] as number) | 32) === 101) {
    end = endOfExponent(bytes, end + 1);
    if (end === -1) return -1;
  } else {
    let digits = 0;
    let scale = -1;
    for (let index = first; index < position; index++) {
      const byte = bytes[index] as number; // before the end
      if (byte === point) scale = position - index - 1;
      else digits = digits * 10 + (byte - zero);
    }
    // Below 2^53 no step has rounded, and what has rounded is not below it.
    if (digits < exactBelow && scale <= 22) {
      const magnitude = scale === -1 ? digits : digits / (powersOfTen[scale] as number); // scale is 1 to 22
      column[row] = first > at ? 0 - magnitude : magnitude;
      return end;
    }
  }
  column[row] = Number(bytes.toString('latin1', at, end)) + 0; // -0 + 0 is 0
  return end;
}

function endOfExponent(bytes: Buffer, at: number): number {
  let end = bytes[at] === minus || bytes[at] === 43 ? at + 1 : at;
  const start = end;
  while (((bytes[end] as number) - zero) >>> 0 <= 9) end++; // there is a byte after the number
  return end === start || end - start > maxBytes ? -1 : end;
}
