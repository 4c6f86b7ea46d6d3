/*
 * Exact sums of doubles. Every finite double is an integer times a power of two, so a sum of doubles, or of their squares, is one
 * too: kept as such nothing is ever rounded, and adding is commutative and associative. What is shown is rounded once, to the
 * nearest double, ties to even. `docs/adr/exact-sums.md`.
 */

/**
 * Σx and Σx² of finitely many finite doubles: `sum` × 2^`exponent` and `squares` × 2^(2 × `exponent`). The exponent is the greatest
 * with which both are integers, and 0 when all values are 0: so equal sums are equal in all three, however they came about. -0 is 0.
 */
export interface ExactSums {
  /** -1074 to 1023. */
  readonly exponent: number;
  readonly sum: bigint;
  /** At least 0. */
  readonly squares: bigint;
}

/** Of no values. */
export const noSums: ExactSums = { exponent: 0, sum: 0n, squares: 0n };

/** The sums with the greatest exponent. @param exponent of any size: what it counts is not yet in lowest terms */
export function canonicalSums({ exponent, sum, squares }: ExactSums): ExactSums {
  if (squares === 0n) return noSums; // every value is 0
  const ofSquares = trailingZeros(squares) >> 1;
  // A sum of 0 is a multiple of everything.
  const spare = sum === 0n || ofSquares === 0 ? ofSquares : Math.min(ofSquares, trailingZeros(sum));
  if (spare === 0) return { exponent, sum, squares };
  return {
    exponent: exponent + spare,
    sum: sum >> BigInt(spare),
    squares: squares >> BigInt(2 * spare),
  };
}

/** The sums of all values of any number of sums: the same whatever their order. */
export function addSums(all: readonly ExactSums[]): ExactSums {
  const counting = all.filter(({ squares }) => squares !== 0n);
  const [only] = counting;
  if (only === undefined) return noSums;
  if (counting.length === 1) return only;
  const exponent = counting.reduce((least, one) => Math.min(least, one.exponent), only.exponent);
  let sum = 0n;
  let squares = 0n;
  for (const one of counting) {
    const shift = one.exponent - exponent;
    sum += shift === 0 ? one.sum : one.sum << BigInt(shift);
    squares += shift === 0 ? one.squares : one.squares << BigInt(2 * shift);
  }
  return canonicalSums({ exponent, sum, squares });
}

/** The sums of one finite value, counted once. */
export function sumsOfValue(value: number): ExactSums {
  const { mantissa, exponent } = partsOf(value);
  return canonicalSums({ exponent, sum: mantissa, squares: mantissa * mantissa });
}

/** The mean, correctly rounded. @param count of the values, at least 1 */
export function meanOf({ exponent, sum }: ExactSums, count: number): number {
  return roundedQuotient(sum, BigInt(count), exponent);
}

/** The mean of one less the mean of another, rounded once: not the difference of two rounded means. */
export function differenceOfMeans(
  one: { readonly sums: ExactSums; readonly count: number },
  other: { readonly sums: ExactSums; readonly count: number },
): number {
  const exponent = Math.min(one.sums.exponent, other.sums.exponent);
  const [of, from] = [one, other].map(({ sums }) => sums.sum << BigInt(sums.exponent - exponent)) as [
    bigint,
    bigint,
  ];
  const [count, countOfOther] = [BigInt(one.count), BigInt(other.count)];
  return roundedQuotient(of * countOfOther - from * count, count * countOfOther, exponent);
}

/**
 * The standard deviation of the population, correctly rounded; NaN when there are no such values, as of an item that was altered.
 * @param count of the values, at least 1
 */
export function deviationOf({ exponent, sum, squares }: ExactSums, count: number): number {
  const n = BigInt(count);
  // The variance is this by n², times 2^(2 × exponent). No values make it negative, since nothing was rounded.
  const scatter = n * squares - sum * sum;
  if (scatter <= 0n) return scatter === 0n ? 0 : Number.NaN;
  // The root of the quotient in at least 64 bits.
  const shift = Math.max(0, 64 + bitLength(n) - (bitLength(scatter) >> 1));
  const shifted = scatter << BigInt(2 * shift);
  const divisor = n * n;
  const quotient = shifted / divisor;
  const root = integerRoot(quotient);
  const isExact = root * root === quotient && quotient * divisor === shifted;
  return rounded(root, exponent - shift, !isExact);
}

/** What lies `share` / `of` of the way from one finite value to another, rounded once. @param share 0 to `of`, which is at least 1 */
export function valueBetween(
  one: number,
  other: number,
  { share, of }: { share: bigint; of: bigint },
): number {
  const [a, b] = [partsOf(one), partsOf(other)];
  const exponent = Math.min(a.exponent, b.exponent);
  const [from, to] = [a, b].map((parts) => parts.mantissa << BigInt(parts.exponent - exponent)) as [
    bigint,
    bigint,
  ];
  return roundedQuotient(from * (of - share) + to * share, of, exponent);
}

const bytes = new DataView(new ArrayBuffer(8));

/** A finite double as mantissa × 2^exponent, the mantissa within ±2^53. */
function partsOf(value: number): { mantissa: bigint; exponent: number } {
  bytes.setFloat64(0, value);
  const bits = bytes.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  if (biased === 0x7ff) throw new RangeError(`there is no exact sum with ${value}; accepted: finite numbers`);
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = biased === 0 ? fraction : fraction | 0x10000000000000n;
  return { mantissa: bits >> 63n === 1n ? -magnitude : magnitude, exponent: Math.max(1, biased) - 1_075 };
}

/** numerator / denominator × 2^exponent, correctly rounded. @param denominator at least 1 */
function roundedQuotient(numerator: bigint, denominator: bigint, exponent: number): number {
  if (numerator === 0n) return 0;
  if (numerator < 0n) return 0 - roundedQuotient(-numerator, denominator, exponent); // not -0
  // At least 64 bits: more than a double has, and what is cut off is remembered.
  const shift = Math.max(0, 65 + bitLength(denominator) - bitLength(numerator));
  const shifted = numerator << BigInt(shift);
  const quotient = shifted / denominator;
  return rounded(quotient, exponent - shift, quotient * denominator !== shifted);
}

/**
 * The double nearest to integer × 2^exponent, ties to even; infinite when it is too large.
 * @param integer of 60 bits or more, so that some are always dropped
 * @param isMore the true value is a little above, by less than 1 in the integer
 */
function rounded(integer: bigint, exponent: number, isMore: boolean): number {
  // A double has 53 bits, and none below 2^-1074.
  const drop = Math.max(bitLength(integer) - 53, -1_074 - exponent);
  const kept = integer >> BigInt(drop);
  const rest = integer - (kept << BigInt(drop));
  const half = 1n << BigInt(drop - 1);
  const isUp = rest > half || (rest === half && (isMore || (kept & 1n) === 1n));
  return Number(isUp ? kept + 1n : kept) * 2 ** (exponent + drop);
}

/** The greatest integer of which the square is not above the value. @param value at least 1 */
function integerRoot(value: bigint): bigint {
  const half = bitLength(value) >> 1;
  // Of the highest 106 bits or so, as a double: right in some 50 bits, and then Newton's steps from above, which double that.
  const cut = BigInt(Math.max(0, half - 50));
  let root = (BigInt(Math.ceil(Math.sqrt(Number(value >> (2n * cut))) * (1 + 2 ** -50))) + 1n) << cut;
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Bits from the highest set one on. @param value at least 1 */
function bitLength(value: bigint): number {
  const size = Number(value);
  if (size === Number.POSITIVE_INFINITY) {
    const digits = value.toString(16);
    return digits.length * 4 - 4 + (32 - Math.clz32(Number.parseInt(digits[0] as string, 16))); // it has one at least
  }
  bytes.setFloat64(0, size);
  const bits = (bytes.getUint16(0) >> 4) - 1_022; // the exponent, and no sign
  // Rounded up to a power of two it may seem to have one more.
  return size > 2 ** 53 && value >> BigInt(bits - 1) === 0n ? bits - 1 : bits;
}

/** @param value not 0 */
function trailingZeros(value: bigint): number {
  let zeros = 0;
  let rest = value;
  for (;;) {
    const low = Number(BigInt.asUintN(32, rest));
    if (low !== 0) return zeros + 31 - Math.clz32(low & -low);
    zeros += 32;
    rest >>= 32n;
  }
}
