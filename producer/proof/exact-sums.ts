/**
 * Exact arithmetic on doubles, for the oracle: a double is an integer times a power of two, so sums of values and of
 * squares are exact as BigInt, and each result is rounded once.
 */

/** Sums of values on one scale: each is an integer times 2^exponent. Sums of one scale are merged by adding. */
export interface ExactSums {
  readonly count: number;
  readonly sum: bigint;
  readonly squares: bigint;
}

export const noSums: ExactSums = { count: 0, sum: 0n, squares: 0n };

const view = new DataView(new ArrayBuffer(8));

/** The exponent of a finite double's lowest possible bit: the value is a multiple of 2^this. 0 is one of any power. */
export function lowestExponent(value: number): number {
  if (value === 0) return 0;
  view.setFloat64(0, value);
  return Math.max(1, (view.getUint32(0) >>> 20) & 0x7ff) - 1_075;
}

/** The finite double as an integer, in units of 2^exponent. @param exponent at most `lowestExponent(value)` */
export function scaled(value: number, exponent: number): bigint {
  if (value === 0) return 0n;
  const lowest = lowestExponent(value);
  // An integer below 2^53: dividing by a power of two in two steps stays exact and within range.
  const half = Math.trunc(lowest / 2);
  const mantissa = value / 2 ** half / 2 ** (lowest - half);
  return BigInt(mantissa) << BigInt(lowest - exponent);
}

export function addValue(sums: ExactSums, value: bigint): ExactSums {
  return { count: sums.count + 1, sum: sums.sum + value, squares: sums.squares + value * value };
}

export function mergeSums(a: ExactSums, b: ExactSums): ExactSums {
  return { count: a.count + b.count, sum: a.sum + b.sum, squares: a.squares + b.squares };
}

/** The mean, rounded once. */
export function mean(sums: ExactSums, exponent: number): number {
  return quotient(sums.sum, BigInt(sums.count), exponent);
}

/** The population's standard deviation: the exact variance rounded once, and its root. */
export function standardDeviation(sums: ExactSums, exponent: number): number {
  const count = BigInt(sums.count);
  return Math.sqrt(quotient(count * sums.squares - sums.sum * sums.sum, count * count, 2 * exponent));
}

/** numerator / denominator × 2^exponent, correctly rounded where the result is a normal double. */
function quotient(numerator: bigint, denominator: bigint, exponent: number): number {
  if (numerator < 0n) return -quotient(-numerator, denominator, exponent);
  if (numerator === 0n) return 0;
  // 66 bits or a few more, and a last bit that stands for all that is cut off: so Number() rounds as the exact value would.
  const shift = bits(denominator) - bits(numerator) + 66;
  const dividend = shift > 0 ? numerator << BigInt(shift) : numerator;
  const divisor = shift < 0 ? denominator << BigInt(-shift) : denominator;
  let whole = dividend / divisor;
  if (whole * divisor !== dividend) whole |= 1n;
  const power = exponent - shift;
  const half = Math.trunc(power / 2);
  return Number(whole) * 2 ** half * 2 ** (power - half);
}

const bits = (value: bigint): number => value.toString(16).length * 4;
