/*
 * What is the correctly rounded mean and standard deviation, in rational arithmetic and without rounding anything: a double is the nearest
 * one exactly when the true value lies between the middles to its neighbours, and on such a middle when its last bit is 0. So there
 * is no division and no root here, nothing that core/ does too.
 */

const view = new DataView(new ArrayBuffer(8));

const bitsOf = (value: number): bigint => {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
};

const doubleOf = (bits: bigint): number => {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
};

/** A finite double in units of 2^-1074, of which every one is a whole number. */
function units(value: number): bigint {
  const bits = bitsOf(Math.abs(value));
  const exponent = bits >> 52n;
  const fraction = bits & (2n ** 52n - 1n);
  const size = exponent === 0n ? fraction : (fraction + 2n ** 52n) << (exponent - 1n);
  return value < 0 ? -size : size;
}

/** The middles between a double of at least 0 and its neighbours, in units of 2^-1075; the upper neighbour of the greatest is 2^1024. */
function middles(size: number): { low: bigint; high: bigint } {
  const above = doubleOf(bitsOf(size) + 1n);
  const high = units(size) + (above === Number.POSITIVE_INFINITY ? 2n ** 2098n : units(above));
  if (size === 0) return { low: -high, high };
  return { low: units(size) + units(doubleOf(bitsOf(size) - 1n)), high };
}

/** Whether size is the double nearest to true / divisor, which is given by its comparison with the middles. */
function isNearest(size: number, compare: (middle: bigint) => bigint): boolean {
  if (!Number.isFinite(size)) return false;
  const { low, high } = middles(size);
  const isEven = (bitsOf(size) & 1n) === 0n;
  const [toLow, toHigh] = [compare(low), compare(high)];
  return isEven ? toLow >= 0n && toHigh <= 0n : toLow > 0n && toHigh < 0n;
}

/** Sums of the values that it was given. */
export class RationalOracle {
  count = 0n;
  /** In units of 2^-1074. */
  sum = 0n;
  /** In units of 2^-2148. */
  squares = 0n;

  constructor(values: Iterable<number> = []) {
    for (const value of values) this.add(value);
  }

  add(value: number): void {
    const whole = units(value);
    this.count += 1n;
    this.sum += whole;
    this.squares += whole * whole;
  }

  /** Whether a double is the mean of the values, correctly rounded. */
  isMean(found: number): boolean {
    return isRounded(found, this.sum, this.count);
  }

  /** Whether a double is the mean of the values less that of others, correctly rounded. */
  isMeanDifference(found: number, other: RationalOracle): boolean {
    return isRounded(found, this.sum * other.count - other.sum * this.count, this.count * other.count);
  }

  /** Whether a double is the standard deviation of the values as a population, correctly rounded. */
  isDeviation(found: number): boolean {
    if (found < 0 || Object.is(found, -0)) return false;
    const scatter = this.count * this.squares - this.sum * this.sum;
    // scatter / count² in units of 2^-2148, against a middle in units of 2^-1075, squared; below 0 there is none.
    return isNearest(found, (middle) =>
      middle < 0n ? 1n : 4n * scatter - middle * middle * this.count * this.count,
    );
  }
}

/** Whether a double is numerator / denominator × 2^-1074, correctly rounded, and not -0. */
function isRounded(found: number, numerator: bigint, denominator: bigint): boolean {
  const size = numerator < 0n ? -numerator : numerator;
  if (Object.is(found, -0) || (found !== 0 && found < 0 !== numerator < 0n)) return false;
  return isNearest(Math.abs(found), (middle) => 2n * size - middle * denominator);
}
