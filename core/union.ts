import type { Dataset } from './dataset.ts';
import { type Columns, compareRows, pick } from './row.ts';

/** What uniting `b` with `a` did. `added + replaced + repeated` is the number of rows of `b`. */
export interface Union {
  readonly columns: Columns;
  /** Identities that `a` did not have. */
  readonly added: number;
  /** Rows of `b` that won over another version in `a`. */
  readonly replaced: number;
  /** Rows of `b` that `a` had already, or had in a version that wins. */
  readonly repeated: number;
  /** Sensors with an added or replaced row. */
  readonly changedSensors: ReadonlySet<string>;
}

/**
 * The union of two sets of one dataset by the conflict rule: commutative, associative and idempotent in `columns`.
 * Returns `a` itself when `b` changes nothing.
 */
export function union(dataset: Dataset, a: Columns, b: Columns): Union {
  const sensors = [...new Set([...a.sensors, ...b.sensors])].sort();
  const position = new Map(sensors.map((id, index) => [id, index]));
  const ranks = (columns: Columns) => Uint32Array.from(columns.sensors, (id) => position.get(id) ?? 0);
  const rankA = ranks(a);
  const rankB = ranks(b);
  const order = new Uint32Array(a.length + b.length);
  const changed = new Uint8Array(sensors.length);
  let length = 0;
  let replaced = 0;
  let repeated = 0;
  let rowA = 0;
  let rowB = 0;
  while (rowB < b.length) {
    const sensorB = rankB[b.sensor[rowB] as number] as number; // rowB is a row of b
    const timeB = b.timestampMs[rowB] as number; // as above
    let side = 1; // of b's row against a's next one: before (-1), the same identity (0), after (1)
    if (rowA === a.length) side = -1;
    else {
      const sensorA = rankA[a.sensor[rowA] as number] as number; // rowA is a row of a
      side = Math.sign(sensorB - sensorA || timeB - (a.timestampMs[rowA] as number)); // as above
    }
    if (side > 0) order[length++] = rowA++;
    else {
      const wins = side < 0 || compareRows(dataset, b, rowB, a, rowA) > 0;
      if (wins) changed[sensorB] = 1;
      if (side === 0 && wins) replaced++;
      if (!wins) repeated++;
      order[length++] = wins ? a.length + rowB : rowA;
      if (side === 0) rowA++;
      rowB++;
    }
  }
  while (rowA < a.length) order[length++] = rowA++;
  const added = b.length - replaced - repeated;
  const columns =
    added + replaced === 0 ? a : pick(concat(a, b, sensors, rankA, rankB), order.subarray(0, length));
  return {
    columns,
    added,
    replaced,
    repeated,
    changedSensors: new Set(sensors.filter((_, index) => changed[index])),
  };
}

/** The rows of `a`, then those of `b`, over common sensor numbers. */
function concat(a: Columns, b: Columns, sensors: string[], rankA: Uint32Array, rankB: Uint32Array): Columns {
  const length = a.length + b.length;
  const sensor = new Uint32Array(length);
  for (let row = 0; row < a.length; row++) sensor[row] = rankA[a.sensor[row] as number] as number; // a row of a
  for (let row = 0; row < b.length; row++) sensor[a.length + row] = rankB[b.sensor[row] as number] as number; // of b
  const join = <T extends Float64Array | Int32Array>(to: T, first: T, second: T | undefined): T => {
    to.set(first);
    if (second) to.set(second, a.length);
    return to;
  };
  return {
    sensors,
    sensor,
    timestampMs: join(new Float64Array(length), a.timestampMs, b.timestampMs),
    revision: join(new Int32Array(length), a.revision, b.revision),
    values: a.values.map((column, measure) => join(new Float64Array(length), column, b.values[measure])),
    attributes: a.attributes.map((column, attribute) => [...column, ...(b.attributes[attribute] ?? [])]),
    length,
  };
}
