import { addSums, canonicalSums, type ExactSums, noSums, sumsOfValue } from './exact-sums.ts';

/*
 * The sums of many values at the speed of doubles. Each value is split, without error, into pieces of at most 23 bits: multiples of
 * 2^(E-23), 2^(E-46) and 2^(E-69), where 2^E is above every value. Products of two pieces have at most 46 bits, so that sums of a
 * hundred of them are exact as doubles; then what has become large is carried to the next sum. A value with bits below 2^(E-69)
 * waits for a round of its own with a smaller E: it is below 2^(E-16), so rounds are few, and what sensors measure mostly needs one.
 */

const pieceBits = 23;
/** 96 × (2^46 + 2^44) is below 2^53. */
const rowsBetweenCarries = 96;
/** Of E, so that what is computed, from 2^(2E - 138) to 2^(2E + 83), stays in the range of normal doubles. */
const safeExponent = 400;

/** Added to a number and subtracted again it leaves whole ones: doubles from 2^52 to 2^53 are integers. */
const rounding = 1.5 * 2 ** 52;
const piece1 = 2 ** -pieceBits;
const piece2 = piece1 ** 2;
const piece3 = piece1 ** 3;
const piece4 = piece1 ** 4;
const piece5 = piece1 ** 5;
const piece6 = piece1 ** 6;

const bytes = new DataView(new ArrayBuffer(8));

/**
 * The exact sums of the rows from `start` (inclusive) to `end` (exclusive), at most 2^30; NaN stands for no value.
 * @param largest the greatest absolute value among them
 * @throws {RangeError} for infinite values
 */
export function sumsOfRows(values: Float64Array, start: number, end: number, largest: number): ExactSums {
  if (largest === 0) return noSums;
  bytes.setFloat64(0, largest);
  // 2^exponent is above the largest. What is no normal double is not safe either.
  const exponent = ((bytes.getUint32(0) >>> 20) & 0x7ff) - 1_022;
  if (Math.abs(exponent) > safeExponent) return sumsOneByOne(values, start, end);
  const late: number[] = [];
  const found = sumsOfRound(values, { start, end, exponent, late });
  if (late.length === 0) return found;
  const rest = Float64Array.from(late);
  const largestOfRest = rest.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return addSums([found, sumsOfRows(rest, 0, rest.length, largestOfRest)]);
}

/** @param round `late` is given the values that have to wait */
function sumsOfRound(
  values: Float64Array,
  round: { start: number; end: number; exponent: number; late: number[] },
): ExactSums {
  const { start, end, exponent, late } = round;
  const power = 2 ** exponent;
  const toA = power * piece1 * rounding;
  const toB = power * piece2 * rounding;
  const toC = power * piece3 * rounding;
  const to1 = power * toA;
  const to2 = power * toB;
  const to3 = power * toC;
  const to4 = power * piece4 * rounding * power;
  const to5 = power * piece5 * rounding * power;
  let sumA = 0;
  let sumB = 0;
  let sumC = 0;
  // Multiples of power² by piece1, piece2 and so on.
  let squares1 = 0;
  let squares2 = 0;
  let squares3 = 0;
  let squares4 = 0;
  let squares5 = 0;
  let squares6 = 0;
  let carried: number;
  for (let from = start; from < end; from += rowsBetweenCarries) {
    const to = Math.min(end, from + rowsBetweenCarries);
    for (let row = from; row < to; row++) {
      const value = values[row] as number; // row is a row
      const a = value + toA - toA;
      const rest = value - a;
      const b = rest + toB - toB;
      const c = rest - b;
      if (c + toC - toC !== c) {
        if (!Number.isNaN(value)) late.push(value);
        continue;
      }
      sumA += a;
      sumB += b;
      sumC += c;
      const twoA = a + a;
      squares2 += a * a;
      squares3 += twoA * b;
      squares4 += twoA * c + b * b;
      squares5 += (b + b) * c;
      squares6 += c * c;
    }
    carried = squares6 + to5 - to5;
    squares6 -= carried;
    squares5 += carried;
    carried = squares5 + to4 - to4;
    squares5 -= carried;
    squares4 += carried;
    carried = squares4 + to3 - to3;
    squares4 -= carried;
    squares3 += carried;
    carried = squares3 + to2 - to2;
    squares3 -= carried;
    squares2 += carried;
    carried = squares2 + to1 - to1;
    squares2 -= carried;
    squares1 += carried;
  }
  carried = sumC + toB - toB;
  sumC -= carried;
  sumB += carried;
  carried = sumB + toA - toA;
  sumB -= carried;
  sumA += carried;
  // Two neighbours have 46 bits together, and each BigInt that is made of a double takes its time.
  const units = 1 / power;
  const sum = joined(BigInt((sumA * units) / piece1), ((sumB + sumC) * units) / piece3);
  let squares = BigInt(((squares1 * units) / piece1) * units);
  squares = joined(squares, (((squares2 + squares3) * units) / piece3) * units);
  squares = joined(squares, (((squares4 + squares5) * units) / piece5) * units);
  squares <<= BigInt(pieceBits);
  if (squares6 !== 0) squares += BigInt(((squares6 * units) / piece6) * units);
  return canonicalSums({ exponent: exponent - 3 * pieceBits, sum, squares });
}

const joined = (high: bigint, pair: number): bigint => (high << BigInt(2 * pieceBits)) + BigInt(pair);

/** For values far from any that a sensor has: a hundred times as slow. */
function sumsOneByOne(values: Float64Array, start: number, end: number): ExactSums {
  const all: ExactSums[] = [];
  for (let row = start; row < end; row++) {
    const value = values[row] as number; // row is a row
    if (!Number.isNaN(value)) all.push(sumsOfValue(value));
  }
  return addSums(all);
}
