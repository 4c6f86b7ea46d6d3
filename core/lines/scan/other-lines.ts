import type { Dataset } from '../../dataset/dataset.ts';
import type { LineTaker } from '../line-splitter.ts';
import type { LineScanner } from './line-scanner.ts';

/** The identity of one reading. */
export interface Identity {
  readonly dataset: Dataset;
  readonly sensorId: string;
  /** UTC ms. */
  readonly timestampMs: number;
}

const lineFeed = 10;

/**
 * Takes the lines that are sound readings of any other identity than the one that is sought, and keeps nothing of them. What it leaves is
 * read line by line.
 */
export class OtherLines implements LineTaker {
  taken = 0;
  readonly #scanner: LineScanner;
  readonly #sought: Identity;

  constructor(scanner: LineScanner, sought: Identity) {
    this.#scanner = scanner;
    this.#sought = sought;
  }

  take(bytes: Buffer, start: number, limit: number): number {
    const end = this.#scanner.take(bytes, start, limit);
    this.taken = this.#scanner.taken;
    if (!this.#endsSearch()) return end;
    this.taken = 0;
    for (let at = start; at < end; this.taken++) {
      const next = bytes.indexOf(lineFeed, at) + 1; // each line that was taken has one
      this.#scanner.take(bytes, at, next);
      if (this.#endsSearch()) return at;
      at = next;
    }
    return end;
  }

  /** Whether the sought reading is among those that were scanned, which are forgotten. */
  #endsSearch(): boolean {
    let isThere = false;
    for (const rows of this.#scanner.rows) {
      if (rows.dataset.name === this.#sought.dataset.name) {
        const sensor = rows.sensors.indexOf(this.#sought.sensorId);
        for (let row = 0; row < rows.length && !isThere; row++)
          isThere = rows.timestampMs[row] === this.#sought.timestampMs && rows.sensor[row] === sensor;
      }
      rows.length = 0;
    }
    return isThere;
  }
}
