import { aligned, type Column } from '../../parts/lines.ts';

/** The readings of one sensor and measure: instants in seconds, ascending, and values, NaN where there is none. */
export interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly length: number;
}

/** Where the first instant is that is not before `at`. */
export function lowerBound({ x, length }: Points, at: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((x[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * What of some sensors' readings is drawn between two instants on so many columns of pixels: every reading where they are few; else of each
 * column its least and its greatest value, in the order in which they came, so that no peak is lost. `null` is a gap: nothing within
 * `gapSeconds`.
 *
 * @returns the instants, and a column of values for each of `series`
 */
export function drawn(
  series: readonly Points[],
  { from, to, columns, gapSeconds }: { from: number; to: number; columns: number; gapSeconds: number },
): [number[], ...Column[]] {
  const ranges = series.map((points) => {
    const first = Math.max(0, lowerBound(points, from) - 1);
    const last = Math.min(points.length, lowerBound(points, to) + 1);
    return { points, first, last };
  });
  const few = ranges.every(({ first, last }) => last - first <= columns * 2);
  return few
    ? aligned(
        ranges.map(({ points, first, last }) => ({ ...points, first, last })),
        gapSeconds,
      )
    : extremes(ranges, { from, to, columns, gapSeconds });
}

interface Range {
  readonly points: Points;
  readonly first: number;
  readonly last: number;
}

function extremes(
  ranges: readonly Range[],
  { from, to, columns, gapSeconds }: { from: number; to: number; columns: number; gapSeconds: number },
): [number[], ...Column[]] {
  const width = (to - from) / columns;
  const xs = Array.from({ length: columns * 2 }, (_, index) => from + (index + 0.5) * (width / 2));
  const values = ranges.map(({ points: { x, y }, first, last }) => {
    const column: Column = new Array(columns * 2).fill(null);
    let i = first;
    while (i < last && (x[i] ?? 0) < from) i++;
    for (let place = 0; place < columns; place++) {
      const end = from + (place + 1) * width;
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      let lowFirst = true;
      for (; i < last && (x[i] ?? 0) < end; i++) {
        const value = y[i] ?? Number.NaN;
        if (value < low) {
          low = value;
          lowFirst = false;
        }
        if (value > high) {
          high = value;
          lowFirst = true;
        }
      }
      if (low > high) continue;
      column[place * 2] = lowFirst ? low : high;
      column[place * 2 + 1] = lowFirst ? high : low;
    }
    return bridged(column, gapSeconds / (width / 2));
  });
  return [xs, ...values];
}

/** A column without a reading is a gap only where the readings before and after it are far enough from each other. */
function bridged(column: Column, maxPlaces: number): Column {
  let last = -1;
  for (let place = 0; place < column.length; place++) {
    if (column[place] === null || column[place] === undefined) continue;
    if (last >= 0 && place - last > 1 && place - last <= maxPlaces + 2)
      column.fill(undefined, last + 1, place);
    last = place;
  }
  return column;
}
