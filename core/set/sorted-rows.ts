import type { Columns, RowContent } from './columns.ts';

/** A set whose content lies in another order, as it came: only sensors and timestamps are in the set's own. */
export interface SortedRows extends RowContent {
  /** Sorted and unique; each has at least one row. */
  readonly sensors: readonly string[];
  /** By sensor, the position where its rows begin; one more, their number. */
  readonly starts: Uint32Array;
  /** By position, the row that holds the content. */
  readonly rows: Uint32Array;
  /** By position. */
  readonly timestampMs: Float64Array;
}

/** Positions `start` (inclusive) to `end` (exclusive), all of one sensor. */
export interface Run {
  readonly sensor: number;
  readonly start: number;
  end: number;
}

export function sortedRowsOf(columns: Columns): SortedRows {
  const starts = new Uint32Array(columns.sensors.length + 1).fill(columns.length);
  const rows = new Uint32Array(columns.length);
  for (let row = columns.length - 1; row >= 0; row--) {
    rows[row] = row;
    starts[columns.sensor[row] as number] = row; // a row of the columns
  }
  return { ...columns, starts, rows };
}

/** The rows of some runs, which are in order, or of all, as columns. */
export function toColumns(sorted: SortedRows, some?: readonly Run[]): Columns {
  const runs = some ?? sorted.sensors.map((_, sensor) => runOf(sorted, sensor));
  const length = rowsOf(runs);
  const sensors: string[] = [];
  const sensor = new Uint32Array(length);
  const timestampMs = new Float64Array(length);
  let last = -1;
  let to = 0;
  for (const run of runs) {
    if (run.sensor !== last) sensors.push(sorted.sensors[run.sensor] as string); // a sensor
    last = run.sensor;
    const end = to + run.end - run.start;
    sensor.fill(sensors.length - 1, to, end);
    timestampMs.set(sorted.timestampMs.subarray(run.start, run.end), to);
    to = end;
  }
  const revision = new Int32Array(length);
  if (sorted.revision) gather(sorted.revision, sorted.rows, runs, revision);
  const uploadedMs = new Float64Array(length);
  if (typeof sorted.uploadedMs === 'number') uploadedMs.fill(sorted.uploadedMs);
  else gather(sorted.uploadedMs, sorted.rows, runs, uploadedMs);
  const contested = new Uint8Array(length);
  if (sorted.contested) gather(sorted.contested, sorted.rows, runs, contested);
  const withdrawn = new Uint8Array(length);
  if (sorted.withdrawn) gather(sorted.withdrawn, sorted.rows, runs, withdrawn);
  const values = sorted.values.map((column) => gather(column, sorted.rows, runs, new Float64Array(length)));
  const attributes = sorted.attributes.map((column) =>
    gather(column, sorted.rows, runs, new Array<string | null>(length)),
  );
  return {
    ...{ sensors, sensor, timestampMs, revision, uploadedMs, contested, withdrawn },
    ...{ values, attributes, length },
  };
}

const runOf = ({ starts }: SortedRows, sensor: number): Run => {
  return { sensor, start: starts[sensor] as number, end: starts[sensor + 1] as number }; // one more than sensors
};

function rowsOf(runs: readonly Run[]): number {
  return runs.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Writes what a column has in the rows of the runs into `target`, in their order, and returns it. */
function gather<T, C extends { [row: number]: T }>(
  column: { readonly [row: number]: T },
  rows: Uint32Array,
  runs: readonly Run[],
  target: C,
): C {
  let to = 0;
  for (const { start, end } of runs) {
    for (let position = start; position < end; position++) {
      target[to++] = column[rows[position] as number] as T; // positions and rows of one set
    }
  }
  return target;
}

/** Where numbers that ascend are no longer what they are at `start`: steps that double, then bisection. */
export function endOfRun(numbers: Uint32Array, start: number): number {
  const value = numbers[start];
  let step = 1;
  while (start + step < numbers.length && numbers[start + step] === value) step *= 2;
  let same = start + Math.floor(step / 2);
  let other = Math.min(numbers.length, start + step);
  while (other - same > 1) {
    const middle = (same + other) >>> 1;
    if (numbers[middle] === value) same = middle;
    else other = middle;
  }
  return other;
}
