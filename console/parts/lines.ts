/** The values of one line over time, some of them in view: instants ascending, NaN where something came without a value. */
export interface Line {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly first: number;
  /** The place after the last one. */
  readonly last: number;
}

/** `null` is a gap; `undefined` is an instant of another line, over which this one goes on. */
export type Column = (number | null | undefined)[];

/** What a line does at a place among its values: nothing came for long before it, or what came had no value. */
interface Piece {
  readonly x: number;
  readonly y: number;
  readonly afterGap: boolean;
}

/**
 * The instants of all lines, and a column of values for each. A gap is `null` at every instant in it, those of other lines too: uPlot lets a gap
 * begin and end at the instants beside the `null`, whosever they are, and would draw the line up to them.
 */
export function aligned(lines: readonly Line[], gapSeconds: number): [number[], ...Column[]] {
  const pieces = lines.map((line) => piecesOf(line, gapSeconds));
  const instants = new Set<number>();
  for (const line of pieces)
    line.forEach(({ x, afterGap }, index) => {
      instants.add(x);
      const before = line[index - 1];
      // No other line need have an instant in it.
      if (afterGap && before !== undefined) instants.add((before.x + x) / 2);
    });
  const xs = [...instants].sort((a, b) => a - b);
  return [xs, ...pieces.map((line) => columnOf(line, xs))];
}

function piecesOf({ x, y, first, last }: Line, gapSeconds: number): Piece[] {
  const pieces: Piece[] = [];
  let lacksValue = false;
  for (let i = first; i < last; i++) {
    const [time, value] = [x[i] ?? 0, y[i] ?? Number.NaN];
    const before = x[i - 1];
    const isLate = i > first && before !== undefined && time - before > gapSeconds;
    if (Number.isNaN(value)) {
      lacksValue = true;
      continue;
    }
    pieces.push({ x: time, y: value, afterGap: isLate || lacksValue });
    lacksValue = false;
  }
  return pieces;
}

function columnOf(line: readonly Piece[], xs: readonly number[]): Column {
  let next = 0;
  return xs.map((x) => {
    const piece = line[next];
    if (piece?.x !== x) return next > 0 && piece?.afterGap ? null : undefined;
    next += 1;
    return piece.y;
  });
}

/**
 * Places of values that no line is seen of, since it would be shorter than two pixels: a reading by itself between two gaps.
 * @param pixelOf where an instant is in the picture
 */
export function alone(
  xs: ArrayLike<number>,
  column: ArrayLike<number | null | undefined>,
  pixelOf: (x: number) => number,
): number[] {
  const places: number[] = [];
  let run: number[] = [];
  const end = () => {
    const [from, to] = [xs[run[0] ?? 0] ?? 0, xs[run.at(-1) ?? 0] ?? 0];
    if (run.length > 0 && pixelOf(to) - pixelOf(from) < 2) places.push(...run.slice(0, 1));
    run = [];
  };
  for (let place = 0; place < column.length; place++) {
    if (column[place] === null) end();
    else if (column[place] !== undefined) run.push(place);
  }
  end();
  return places;
}
