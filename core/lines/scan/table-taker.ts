import type { DroppedCounts } from '../../dataset/reading.ts';
import type { RowBuffer } from '../../set/row-buffer.ts';
import type { LineTaker } from '../line-splitter.ts';
import type { Origin } from '../segment-origin.ts';
import type { TableReader } from '../table/table-reader.ts';
import { RowScanner } from './row-scanner.ts';

/** Takes the rows of a table that are read where they lie, once its header is read; none of a table that has to be cut into cells. */
export class TableTaker implements LineTaker {
  readonly #table: TableReader;
  readonly #rows: RowBuffer;
  readonly #origin: Origin;
  readonly #dropped: DroppedCounts | undefined;
  #scanner: RowScanner | undefined;
  #isDecided = false;

  /** @param dropped see {@link RowScanner} */
  constructor(table: TableReader, rows: RowBuffer, origin: Origin, dropped?: DroppedCounts) {
    this.#dropped = dropped;
    this.#table = table;
    this.#rows = rows;
    this.#origin = origin;
  }

  get taken(): number {
    return this.#scanner?.taken ?? 0;
  }

  take(bytes: Buffer, start: number, limit: number): number {
    if (!this.#isDecided && this.#table.isInRows) {
      this.#isDecided = true;
      const { plain } = this.#table;
      if (plain !== undefined) this.#scanner = new RowScanner(this.#rows, plain, this.#origin, this.#dropped);
    }
    return this.#scanner?.take(bytes, start, limit) ?? start;
  }
}
