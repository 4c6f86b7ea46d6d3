import type { Dataset } from '../../core/dataset/dataset.ts';
import { encodeReading, type Reading } from '../../core/dataset/reading.ts';
import { compareIdentities } from '../../core/set/identity.ts';

/** All valid readings of a dataset that were sent, in columns: 16 + 8 × measures + 4 × attributes bytes each. */
export class ExpectedRows {
  readonly #dataset: Dataset;
  readonly #texts = new Interned();
  readonly #columns: { sensor: Uint32Array; time: Float64Array; revision: Int32Array };
  #values: Float64Array[];
  #attributes: Int32Array[];
  #length = 0;

  constructor(dataset: Dataset) {
    this.#dataset = dataset;
    const size = 1_024;
    this.#columns = {
      sensor: new Uint32Array(size),
      time: new Float64Array(size),
      revision: new Int32Array(size),
    };
    this.#values = dataset.measureNames.map(() => new Float64Array(size));
    this.#attributes = dataset.attributeNames.map(() => new Int32Array(size));
  }

  get length(): number {
    return this.#length;
  }

  add(reading: Reading): void {
    const row = this.#length;
    if (row === this.#columns.time.length) this.#grow(row + (row >> 1));
    this.#columns.sensor[row] = this.#texts.index(reading.sensorId);
    this.#columns.time[row] = reading.timestampMs;
    this.#columns.revision[row] = reading.revision;
    for (const [index, column] of this.#values.entries()) column[row] = reading.values[index] ?? Number.NaN;
    for (const [index, column] of this.#attributes.entries()) {
      const text = reading.attributes[index] ?? null;
      column[row] = text === null ? -1 : this.#texts.index(text);
    }
    this.#length += 1;
  }

  /**
   * The readings that count, one an identity: the highest revision, on a tie the greater canonical encoding.
   * By sensor, then by time.
   */
  *distinct(): Generator<{ sensorId: string; timestampMs: number; values: readonly (number | null)[] }> {
    const { sensor, time, revision } = this.#columns;
    const at = (column: ArrayLike<number>, row: number) => column[row] as number; // rows are below length
    const order = new Uint32Array(this.#length).map((_, index) => index);
    order.sort(
      (a, b) =>
        at(sensor, a) - at(sensor, b) ||
        at(time, a) - at(time, b) ||
        this.#compareIdentity(a, b) ||
        at(revision, b) - at(revision, a),
    );
    for (let start = 0; start < order.length; ) {
      let winner = at(order, start);
      let end = start + 1;
      for (; end < order.length; end += 1) {
        const row = at(order, end);
        if (at(sensor, row) !== at(sensor, winner) || at(time, row) !== at(time, winner)) break;
        if (this.#compareIdentity(row, winner) !== 0) break;
        if (at(revision, row) < at(revision, winner)) continue;
        if (this.#encoded(row) > this.#encoded(winner)) winner = row;
      }
      const { sensorId, timestampMs, values } = this.#reading(winner);
      yield { sensorId, timestampMs, values };
      start = end;
    }
  }

  /** Of events: readings of one sensor and time are one. */
  #compareIdentity(a: number, b: number): number {
    if (this.#dataset.identityColumns === undefined) return 0;
    return compareIdentities(this.#dataset, this.#reading(a), this.#reading(b));
  }

  #encoded(row: number): string {
    return encodeReading(this.#dataset, this.#reading(row));
  }

  #reading(row: number): Reading {
    return {
      sensorId: this.#texts.text(this.#columns.sensor[row] ?? -1) ?? '',
      timestampMs: this.#columns.time[row] ?? Number.NaN,
      revision: this.#columns.revision[row] ?? 0,
      values: this.#values.map((column) => {
        const value = column[row] ?? Number.NaN;
        return Number.isNaN(value) ? null : value;
      }),
      attributes: this.#attributes.map((column) => this.#texts.text(column[row] ?? -1) ?? null),
    };
  }

  #grow(size: number): void {
    const grown = <T extends Uint32Array | Int32Array | Float64Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#columns.sensor = grown(this.#columns.sensor, new Uint32Array(size));
    this.#columns.time = grown(this.#columns.time, new Float64Array(size));
    this.#columns.revision = grown(this.#columns.revision, new Int32Array(size));
    this.#values = this.#values.map((column) => grown(column, new Float64Array(size)));
    this.#attributes = this.#attributes.map((column) => grown(column, new Int32Array(size)));
  }
}

/** Texts by number: sensors and attributes repeat. */
class Interned {
  readonly #indexes = new Map<string, number>();
  readonly #texts: string[] = [];

  index(text: string): number {
    const known = this.#indexes.get(text);
    if (known !== undefined) return known;
    this.#indexes.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }

  text(index: number): string | undefined {
    return this.#texts[index];
  }
}
