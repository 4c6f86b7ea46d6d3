import type { Dataset } from '../dataset/dataset.ts';
import type { Reading } from '../dataset/reading.ts';
import type { Columns } from './row.ts';
import { RowBuffer } from './row-buffer.ts';
import { toColumns } from './sorted-rows.ts';

export { type Columns, readingAt } from './row.ts';
export { type Union, union } from './union.ts';

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
