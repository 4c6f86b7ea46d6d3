import type { ExactSums } from './exact-sums.ts';

/*
 * Exact sums as bytes, equal sums as equal ones: the format, the exponent (a varint, its sign in the lowest bit), the length of the
 * sum with its sign in the lowest bit (a varint), the magnitude of the sum, that of the squares: integers without leading zeros, lowest
 * byte first. Sums of what sensors measure are mostly 24 to 30 bytes, of a day as of a year.
 */

const format = 1;

/**
 * Stored sums have a format that this version does not know: a newer one wrote them. Never retried: deploy that version, or a newer
 * one.
 */
export class StatisticsFormatUnknown extends Error {
  override readonly name = 'StatisticsFormatUnknown';
}

export function encodeSums({ exponent, sum, squares }: ExactSums): Uint8Array {
  const ofSum = magnitudeBytes(sum < 0n ? -sum : sum);
  return Uint8Array.from([
    format,
    ...varint(exponent < 0 ? -2 * exponent - 1 : 2 * exponent),
    ...varint(2 * ofSum.length + (sum < 0n ? 1 : 0)),
    ...ofSum,
    ...magnitudeBytes(squares),
  ]);
}

/**
 * @throws {StatisticsFormatUnknown} for those that a newer version wrote
 * @throws {RangeError} for bytes that end too early
 */
export function decodeSums(bytes: Uint8Array): ExactSums {
  if (bytes[0] !== format) {
    throw new StatisticsFormatUnknown(
      `sums of format ${bytes[0] ?? 'none'}; this version reads format ${format}: a newer version wrote them`,
    );
  }
  let at = 1;
  const next = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 21) throw new RangeError(`${bytes.length} bytes are no sums`);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const signed = next();
  const lengthAndSign = next();
  const end = at + (lengthAndSign >> 1);
  if (end > bytes.length) throw new RangeError(`${bytes.length} bytes are no sums`);
  const magnitude = integerOf(bytes.subarray(at, end));
  return {
    exponent: signed % 2 === 1 ? -(signed + 1) / 2 : signed / 2,
    sum: lengthAndSign % 2 === 1 ? -magnitude : magnitude,
    squares: integerOf(bytes.subarray(end)),
  };
}

/** @param value 0 to 2^28 - 1 */
function varint(value: number): number[] {
  const groups: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) groups.push((rest & 0x7f) | 0x80);
  return [...groups, rest];
}

/** @param value at least 0, which itself has no bytes */
function magnitudeBytes(value: bigint): number[] {
  const found: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 32n) {
    const word = Number(BigInt.asUintN(32, rest));
    found.push(word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24);
  }
  while (found.at(-1) === 0) found.pop();
  return found;
}

function integerOf(magnitude: Uint8Array): bigint {
  let value = 0n;
  for (let end = magnitude.length; end > 0; end -= 4) {
    const start = Math.max(0, end - 4);
    let word = 0;
    for (let at = end - 1; at >= start; at--) word = word * 256 + (magnitude[at] as number); // within its bounds
    value = (value << BigInt(8 * (end - start))) | BigInt(word);
  }
  return value;
}
