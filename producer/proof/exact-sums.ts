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

/** The population's standard deviation: the root of the exact variance, rounded once. */
export function standardDeviation(sums: ExactSums, exponent: number): number {
  const count = BigInt(sums.count);
  const variance = { numerator: count * sums.squares - sums.sum * sums.sum, denominator: count * count };
  if (variance.numerator === 0n) return 0;
  const shift = Math.max(0, 140 + bits(variance.denominator) - bits(variance.numerator)) >> 1;
  const shifted = variance.numerator << BigInt(2 * shift);
  const root = integerRoot(shifted / variance.denominator);
  // As in a quotient, a last bit stands for what is cut off.
  const isMore = root * root * variance.denominator !== shifted;
  return quotient(2n * root + (isMore ? 1n : 0n), 2n, exponent - shift);
}

/** The greatest integer of which the square is not above the value, which is at least 1: by Newton, from above. */
function integerRoot(value: bigint): bigint {
  let root = 1n << BigInt((bits(value) >> 1) + 1);
  for (;;) {
    const next = (root + value / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}

/** numerator / denominator × 2^exponent, correctly rounded. */
function quotient(numerator: bigint, denominator: bigint, exponent: number): number {
  if (numerator < 0n) return 0 - quotient(-numerator, denominator, exponent);
  if (numerator === 0n) return 0;
  const subnormal = inSmallest(numerator, denominator, exponent);
  if (subnormal !== undefined) return subnormal;
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

/** The result where doubles are a multiple of the smallest one apart; `undefined` where it is larger. */
function inSmallest(numerator: bigint, denominator: bigint, exponent: number): number | undefined {
  const power = exponent + 1_074;
  if (bits(numerator) + power - bits(denominator) > 60) return undefined;
  const dividend = 2n * (power > 0 ? numerator << BigInt(power) : numerator);
  const divisor = power < 0 ? denominator << BigInt(-power) : denominator;
  // In halves of the smallest: an odd one that leaves no rest is a tie, and goes to the even neighbour.
  const halves = dividend / divisor;
  const isTie = halves % 2n === 1n && halves * divisor === dividend;
  const whole = isTie ? (halves + (halves % 4n === 3n ? 1n : -1n)) / 2n : (halves + 1n) / 2n;
  return whole <= 2n ** 53n ? Number(whole) * Number.MIN_VALUE : undefined;
}

const bits = (value: bigint): number => value.toString(16).length * 4;
