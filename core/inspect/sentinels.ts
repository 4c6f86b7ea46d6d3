import { unitBounds } from './unit-bounds.ts';

/** Numbers that loggers and archives write where they have none, as they are usually written. */
const usual: ReadonlySet<number> = new Set([
  ...[-99, -99.9, -99.99, -999, -999.9, -999.99, -9999, -9999.9, -9999.99, -99999],
  ...[99, 99.9, 999, 999.9, 999.99, 9999, 9999.9, 99999, 999999],
  ...[-7999, 7999, -6999, 6999, -8888, 8888, -888.88, -127, -32768, 32767, 65535],
]);

/** Numbers of a column that stand for no measurement. */
export interface SentinelsFound {
  /** Usual ones that no measurement of the unit has. */
  readonly sure: readonly number[];
  /** Usual ones that are far from all other values. */
  readonly likely: readonly number[];
}

/**
 * @param values all numbers of the column
 * @param elsewhere what stands for nothing in other columns
 */
export function sentinelsOf(
  values: readonly number[],
  unit: string | undefined,
  elsewhere: ReadonlySet<number>,
): SentinelsFound {
  const found = [...new Set(values)].filter((value) => usual.has(value));
  const bounds = unit === undefined ? undefined : unitBounds[unit];
  const others = values.filter((value) => !usual.has(value));
  // A file that has 99 for nothing in one column has it in another one, too; a humidity may stay at 99 %.
  const isAlone = (value: number) =>
    isUsualAlone(value, values.length, bounds) || (values.length > 2 && unit !== '%' && elsewhere.has(value));
  const sure: number[] = [];
  const likely: number[] = [];
  for (const value of found) {
    const isBeyond = bounds !== undefined && (value < bounds[0] || value > bounds[1]);
    if (isBeyond && Math.abs(value) >= 99) sure.push(value);
    else if (others.length === 0 ? isAlone(value) : isFar(value, others)) likely.push(value);
  }
  return { sure, likely };
}

/** Whether a number stands for nothing where no other is there: of a unit that nobody knows also one that is none of the largest. */
const isUsualAlone = (value: number, count: number, bounds: readonly [number, number] | undefined): boolean =>
  value <= -999 || value >= 9_999 || (bounds === undefined && count > 2 && Math.abs(value) >= 999);

/** Whether a value is farther from the others than they are from each other, several times. */
function isFar(value: number, others: readonly number[]): boolean {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const other of others) {
    min = Math.min(min, other);
    max = Math.max(max, other);
  }
  const distance = value < min ? min - value : value > max ? value - max : 0;
  return distance > 3 * Math.max(max - min, Math.abs(max) * 0.1, 1);
}
