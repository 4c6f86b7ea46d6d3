import type { Dataset } from '../dataset/dataset.ts';
import type { Reading } from '../dataset/reading.ts';
import type { Columns, RowContent } from './columns.ts';
import { compareRows } from './conflict-rule.ts';
import { type RowOrder, sortedOrder } from './sort.ts';
import { type SortedRows, toColumns } from './sorted-rows.ts';

/** Rows to begin with: doubled as they fill up. */
const startRows = 1_024;

/**
 * Readings of one dataset in order of arrival, repeats included, as parallel arrays: 12 + 8 x measures bytes a row, 4 more
 * from the first revision on, 8 an attribute; three times that for a moment while it grows. The arrays are open to the
 * scanner, which fills the row at `length` and then counts it; what stands from `length` on has no meaning.
 */
export class RowBuffer {
  readonly dataset: Dataset;
  /** Numbered in order of appearance. */
  readonly sensors: string[] = [];
  /** Index into `sensors`, by row. */
  sensor = new Uint32Array(startRows);
  timestampMs = new Float64Array(startRows);
  /** By `dataset.measureNames`; NaN is absent. */
  values: Float64Array[];
  readonly attributes: (string | null)[][];
  length = 0;
  /** Rows that fit before {@link grow}. */
  capacity = startRows;
  #revision: Int32Array | undefined; // most producers have no revisions
  readonly #numbers = new Map<string, number>();

  constructor(dataset: Dataset) {
    this.dataset = dataset;
    this.values = dataset.measureNames.map(() => new Float64Array(startRows));
    this.attributes = dataset.attributeNames.map(() => []);
  }

  /** By row; `undefined` while all are 0. */
  get revision(): Int32Array | undefined {
    return this.#revision;
  }

  add(reading: Reading): void {
    if (this.length === this.capacity) this.grow();
    const row = this.length++;
    this.sensor[row] = this.sensorNumber(reading.sensorId);
    this.timestampMs[row] = reading.timestampMs;
    this.setRevision(row, reading.revision);
    for (let measure = 0; measure < this.values.length; measure++) {
      const column = this.values[measure] as Float64Array; // one column a measure, by construction
      column[row] = reading.values[measure] ?? Number.NaN;
    }
    for (let attribute = 0; attribute < this.attributes.length; attribute++) {
      (this.attributes[attribute] as (string | null)[])[row] = reading.attributes[attribute] ?? null; // as above
    }
  }

  setRevision(row: number, revision: number): void {
    if (this.#revision === undefined) {
      if (revision === 0) return;
      this.#revision = new Int32Array(this.capacity);
    }
    this.#revision[row] = revision;
  }

  /** The number that stands for a sensor. */
  sensorNumber(sensorId: string): number {
    let number = this.#numbers.get(sensorId);
    if (number === undefined) {
      number = this.sensors.push(sensorId) - 1;
      this.#numbers.set(sensorId, number);
    }
    return number;
  }

  /** Doubles the capacity. Replaces all arrays but those of attributes. */
  grow(): void {
    this.capacity *= 2;
    const grown = <T extends Uint32Array | Int32Array | Float64Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.sensor = grown(new Uint32Array(this.capacity), this.sensor);
    this.timestampMs = grown(new Float64Array(this.capacity), this.timestampMs);
    this.values = this.values.map((column) => grown(new Float64Array(this.capacity), column));
    if (this.#revision) this.#revision = grown(new Int32Array(this.capacity), this.#revision);
  }

  /** The set: sorted by sensorId (code units) and timestamp, one row an identity by the conflict rule. */
  sorted(): SortedRows {
    const sensors = [...this.sensors].sort();
    const rank = new Uint32Array(sensors.length);
    sensors.forEach((id, position) => {
      rank[this.sensorNumber(id)] = position;
    });
    const order = sortedOrder(this, rank);
    const unsorted = { revision: this.#revision, values: this.values, attributes: this.attributes };
    return { ...winners(this.dataset, unsorted, order, sensors), ...unsorted };
  }
}

/** Keeps the winner of each run of one identity, and the sensors that have rows: a line that is not read leaves none. */
function winners(dataset: Dataset, unsorted: RowContent, order: RowOrder, sensors: readonly string[]) {
  const { rows, timestampMs } = order;
  const starts = new Uint32Array(sensors.length + 1);
  const present: string[] = [];
  let kept = 0;
  for (let index = 0; index < sensors.length; index++) {
    const end = order.starts[index + 1] as number; // one more than sensors
    const start = order.starts[index] as number; // as above
    if (start === end) continue;
    let last = Number.NaN;
    for (let position = start; position < end; position++) {
      const time = timestampMs[position] as number; // within the array
      const row = rows[position] as number; // as above
      if (time === last) {
        if (compareRows(dataset, unsorted, row, unsorted, rows[kept - 1] as number) > 0) rows[kept - 1] = row; // there was one
        continue;
      }
      last = time;
      timestampMs[kept] = time;
      rows[kept++] = row;
    }
    starts[present.push(sensors[index] as string)] = kept; // index is within the array
  }
  return {
    sensors: present,
    starts: starts.subarray(0, present.length + 1),
    rows: rows.subarray(0, kept),
    timestampMs: timestampMs.subarray(0, kept),
  };
}

/** Takes readings of one dataset in any order, with repeats, and builds their set. */
export class ColumnsBuilder {
  readonly #rows: RowBuffer;

  constructor(dataset: Dataset) {
    this.#rows = new RowBuffer(dataset);
  }

  /** Readings taken so far, repeats included. */
  get length(): number {
    return this.#rows.length;
  }

  add(reading: Reading): void {
    this.#rows.add(reading);
  }

  /** The set: sorted, one row an identity by the conflict rule. The builder can go on taking readings afterwards. */
  build(): Columns {
    return toColumns(this.#rows.sorted());
  }
}
