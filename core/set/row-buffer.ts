import type { Dataset } from '../dataset/dataset.ts';
import type { Reading } from '../dataset/reading.ts';
import { type Columns, type RowContent, valuesAt } from './columns.ts';
import { compareContent, compareRank, sameContent } from './conflict-rule.ts';
import { compareIdentity } from './identity.ts';
import { type RowOrder, sortedOrder } from './sort.ts';
import { type SortedRows, toColumns } from './sorted-rows.ts';

/** Rows to begin with: doubled as they fill up. */
const startRows = 1_024;

/**
 * Readings of one dataset in order of arrival, repeats included, as parallel arrays: 12 + 8 x measures bytes a row, 4 more
 * from the first revision on, 1 from the first withdrawn one on, 8 an attribute; three times that for a moment while it grows. The arrays are open to the
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
  #withdrawn: Uint8Array | undefined; // and withdraw nothing
  #uploadedMs: Float64Array | number; // those of one file were uploaded together
  readonly #numbers = new Map<string, number>();

  /** @param uploadedMs of rows for which {@link setUploadedMs} says nothing else */
  constructor(dataset: Dataset, uploadedMs = 0) {
    this.dataset = dataset;
    this.#uploadedMs = uploadedMs;
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
    this.#setWithdrawn(row, reading.withdrawn === true);
    for (let measure = 0; measure < this.values.length; measure++) {
      const column = this.values[measure] as Float64Array; // one column a measure, by construction
      column[row] = reading.values[measure] ?? Number.NaN;
    }
    for (let attribute = 0; attribute < this.attributes.length; attribute++) {
      (this.attributes[attribute] as (string | null)[])[row] = reading.attributes[attribute] ?? null; // as above
    }
  }

  readingAt(row: number): Reading {
    return {
      sensorId: this.sensors[this.sensor[row] as number] as string, // row is a row
      timestampMs: this.timestampMs[row] as number,
      revision: this.#revision?.[row] ?? 0,
      values: valuesAt(this, row),
      attributes: this.attributes.map((column) => column[row] ?? null),
      ...(this.#withdrawn?.[row] ? { withdrawn: true } : {}),
    };
  }

  setRevision(row: number, revision: number): void {
    if (this.#revision === undefined) {
      if (revision === 0) return;
      this.#revision = new Int32Array(this.capacity);
    }
    this.#revision[row] = revision;
  }

  /** When the file was uploaded that a row came in: for rows of several files. */
  setUploadedMs(row: number, uploadedMs: number): void {
    if (typeof this.#uploadedMs === 'number') {
      if (uploadedMs === this.#uploadedMs) return;
      this.#uploadedMs = new Float64Array(this.capacity).fill(this.#uploadedMs);
    }
    this.#uploadedMs[row] = uploadedMs;
  }

  #setWithdrawn(row: number, withdrawn: boolean): void {
    if (this.#withdrawn === undefined) {
      if (!withdrawn) return;
      this.#withdrawn = new Uint8Array(this.capacity);
    }
    this.#withdrawn[row] = withdrawn ? 1 : 0;
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
    const grown = <T extends Uint8Array | Uint32Array | Int32Array | Float64Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.sensor = grown(new Uint32Array(this.capacity), this.sensor);
    this.timestampMs = grown(new Float64Array(this.capacity), this.timestampMs);
    this.values = this.values.map((column) => grown(new Float64Array(this.capacity), column));
    if (this.#revision) this.#revision = grown(new Int32Array(this.capacity), this.#revision);
    if (this.#withdrawn) this.#withdrawn = grown(new Uint8Array(this.capacity), this.#withdrawn);
    if (typeof this.#uploadedMs !== 'number')
      this.#uploadedMs = grown(new Float64Array(this.capacity), this.#uploadedMs);
  }

  /**
   * The set: sorted by sensorId (code units) and timestamp, of events then by identity, one row an identity by the conflict rule.
   * @param onLost told of each row that is not the winner of its identity
   */
  sorted(onLost: (row: number, as: LostAs) => void = () => {}): SortedRows {
    const sensors = [...this.sensors].sort();
    const rank = new Uint32Array(sensors.length);
    sensors.forEach((id, position) => {
      rank[this.sensorNumber(id)] = position;
    });
    const order = sortedOrder(this, rank);
    const unsorted = {
      revision: this.#revision,
      uploadedMs: this.#uploadedMs,
      contested: undefined,
      withdrawn: this.#withdrawn,
      values: this.values,
      attributes: this.attributes,
    };
    return winners(new Conflicts(this.dataset, unsorted, this.length, onLost), unsorted, order, sensors);
  }
}

/** Keeps the winner of each run of one identity, and the sensors that have rows: a line that is not read leaves none. */
function winners(
  conflicts: Conflicts,
  unsorted: RowContent,
  order: RowOrder,
  sensors: readonly string[],
): SortedRows {
  const { rows, timestampMs } = order;
  const starts = new Uint32Array(sensors.length + 1);
  const present: string[] = [];
  let kept = 0;
  for (let index = 0; index < sensors.length; index++) {
    const end = order.starts[index + 1] as number; // one more than sensors
    let position = order.starts[index] as number; // as above
    if (position === end) continue;
    while (position < end) {
      const time = timestampMs[position] as number; // within the array
      const next = position + 1;
      if (next === end || timestampMs[next] !== time) {
        timestampMs[kept] = time;
        rows[kept++] = rows[position] as number; // as above
        position = next;
        continue;
      }
      let after = next + 1;
      while (after < end && timestampMs[after] === time) after++;
      // At most as many as there were: none is overwritten that is still to be read.
      for (const row of conflicts.settle(rows.subarray(position, after))) {
        timestampMs[kept] = time;
        rows[kept++] = row;
      }
      position = after;
    }
    starts[present.push(sensors[index] as string)] = kept; // index is within the array
  }
  return {
    ...unsorted,
    sensors: present,
    starts: starts.subarray(0, present.length + 1),
    rows: rows.subarray(0, kept),
    timestampMs: timestampMs.subarray(0, kept),
    contested: conflicts.contested,
  };
}

/**
 * What a row is beside the winner of its identity: of the same content, at its rank or a lower one; of another content, at a lower
 * rank; or of another content, at the winner's rank.
 */
export type LostAs = 'repeated' | 'superseded' | 'contested';

/** Finds winners among rows of one identity. */
class Conflicts {
  /** By row, 1 for a winner that is; `undefined` while there is none. */
  contested: Uint8Array | undefined;
  readonly #dataset: Dataset;
  readonly #content: RowContent;
  readonly #length: number;
  readonly #onLost: (row: number, as: LostAs) => void;

  constructor(
    dataset: Dataset,
    content: RowContent,
    length: number,
    onLost: (row: number, as: LostAs) => void,
  ) {
    this.#dataset = dataset;
    this.#content = content;
    this.#length = length;
    this.#onLost = onLost;
  }

  /** Of rows of one sensor and time: those that win. Readings have one identity; events may have several, and are in their order. */
  settle(rows: Uint32Array): number[] {
    const columns = this.#dataset.identityColumns;
    if (columns === undefined) return [this.#winnerOf(rows)];
    const content = this.#content;
    const compare = (a: number, b: number) => compareIdentity(columns, content, a, content, b);
    const sorted = rows.slice().sort((a, b) => compare(a, b) || a - b);
    const winners: number[] = [];
    for (let start = 0; start < sorted.length; ) {
      const first = sorted[start] as number; // before the end
      let end = start + 1;
      while (end < sorted.length && compare(sorted[end] as number, first) === 0) end++; // as above
      winners.push(end === start + 1 ? first : this.#winnerOf(sorted.subarray(start, end)));
      start = end;
    }
    return winners;
  }

  /** Of rows of one identity. */
  #winnerOf(rows: Uint32Array): number {
    let winner = rows[0] as number; // there are at least two
    for (const row of rows) if (this.#wins(row, winner)) winner = row;
    for (const row of rows) {
      if (row === winner) continue;
      const as = this.#beside(row, winner);
      if (as === 'contested') {
        this.contested ??= new Uint8Array(this.#length);
        this.contested[winner] = 1;
      }
      this.#onLost(row, as);
    }
    return winner;
  }

  #wins(row: number, other: number): boolean {
    const content = this.#content;
    const byRank = compareRank(content, row, content, other);
    if (byRank !== 0 || sameContent(content, row, content, other)) return byRank > 0;
    return compareContent(this.#dataset, content, row, content, other) > 0;
  }

  #beside(row: number, winner: number): LostAs {
    const content = this.#content;
    if (sameContent(content, row, content, winner)) return 'repeated';
    return compareRank(content, row, content, winner) === 0 ? 'contested' : 'superseded';
  }
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

  /** @param uploadedMs the second part of its rank, UTC ms; 0 for what came by the stream */
  add(reading: Reading, uploadedMs = 0): void {
    this.#rows.add(reading); // first, since it makes room for the row
    this.#rows.setUploadedMs(this.#rows.length - 1, uploadedMs);
  }

  /**
   * The set: sorted, one row an identity by the conflict rule. The builder can go on taking readings afterwards.
   * @param onLost told of each reading that is not the winner of its identity
   */
  build(onLost: (timestampMs: number, as: LostAs) => void = () => {}): Columns {
    const rows = this.#rows;
    return toColumns(rows.sorted((row, as) => onLost(rows.timestampMs[row] as number, as))); // a row of them
  }
}
