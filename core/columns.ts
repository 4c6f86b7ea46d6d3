import type { Dataset } from './dataset.ts';
import type { Reading } from './reading.ts';
import { type Columns, compareRows, pick } from './row.ts';
import { sortedOrder } from './sort.ts';

export { type Columns, readingAt } from './row.ts';
export { type Union, union } from './union.ts';

/**
 * Takes readings of one dataset in any order, with repeats, and builds their set.
 * About 20 + 8 x measures bytes a reading, twice that while it grows, plus 8 bytes an attribute.
 */
export class ColumnsBuilder {
  readonly #dataset: Dataset;
  readonly #ids = new Map<string, number>();
  #sensor = new Uint32Array(64);
  #timestampMs = new Float64Array(64);
  #revision = new Int32Array(64);
  #values: Float64Array[];
  readonly #attributes: (string | null)[][];
  #length = 0;

  constructor(dataset: Dataset) {
    this.#dataset = dataset;
    this.#values = dataset.measureNames.map(() => new Float64Array(64));
    this.#attributes = dataset.attributeNames.map(() => []);
  }

  /** Readings taken so far, repeats included. */
  get length(): number {
    return this.#length;
  }

  add(reading: Reading): void {
    const row = this.#length;
    if (row === this.#sensor.length) this.#grow();
    this.#sensor[row] = this.sensorIndex(reading.sensorId);
    this.#timestampMs[row] = reading.timestampMs;
    this.#revision[row] = reading.revision;
    for (let measure = 0; measure < this.#values.length; measure++) {
      const column = this.#values[measure] as Float64Array; // one column a measure, by construction
      column[row] = reading.values[measure] ?? Number.NaN;
    }
    for (let attribute = 0; attribute < this.#attributes.length; attribute++) {
      this.#attributes[attribute]?.push(reading.attributes[attribute] ?? null);
    }
    this.#length = row + 1;
  }

  /** The number that stands for a sensor in this builder, given out in order of appearance. */
  sensorIndex(sensorId: string): number {
    let index = this.#ids.get(sensorId);
    if (index === undefined) {
      index = this.#ids.size;
      this.#ids.set(sensorId, index);
    }
    return index;
  }

  /** The set: sorted, one row an identity by the conflict rule. The builder can go on taking readings afterwards. */
  build(): Columns {
    const sensors = [...this.#ids.keys()].sort();
    const rank = new Uint32Array(sensors.length);
    sensors.forEach((id, position) => {
      rank[this.#ids.get(id) ?? 0] = position;
    });
    const sensor = this.#sensor.slice(0, this.#length).map((index) => rank[index] ?? 0);
    const all: Columns = {
      sensors,
      sensor,
      timestampMs: this.#timestampMs.subarray(0, this.#length),
      revision: this.#revision.subarray(0, this.#length),
      values: this.#values.map((column) => column.subarray(0, this.#length)),
      attributes: this.#attributes,
      length: this.#length,
    };
    return pick(all, winners(this.#dataset, all, sortedOrder(sensor, all.timestampMs, sensors.length)));
  }

  #grow(): void {
    const size = this.#sensor.length * 2;
    const grown = <T extends Uint32Array | Int32Array | Float64Array>(from: T, to: T) => {
      to.set(from);
      return to;
    };
    this.#sensor = grown(this.#sensor, new Uint32Array(size));
    this.#timestampMs = grown(this.#timestampMs, new Float64Array(size));
    this.#revision = grown(this.#revision, new Int32Array(size));
    this.#values = this.#values.map((column) => grown(column, new Float64Array(size)));
  }
}

/** Keeps the winner of each run of one identity in a sorted order of rows. */
function winners(dataset: Dataset, columns: Columns, order: Uint32Array): Uint32Array {
  const { sensor, timestampMs } = columns;
  let kept = 0;
  for (let position = 0; position < order.length; position++) {
    const row = order[position] as number; // position is within the array
    const last = kept === 0 ? -1 : (order[kept - 1] as number); // kept is within the array
    if (last >= 0 && sensor[last] === sensor[row] && timestampMs[last] === timestampMs[row]) {
      if (compareRows(dataset, columns, row, columns, last) > 0) order[kept - 1] = row;
    } else {
      order[kept++] = row;
    }
  }
  return order.subarray(0, kept);
}
