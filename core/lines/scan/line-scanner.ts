import type { Dataset } from '../../dataset/dataset.ts';
import { RowBuffer } from '../../set/row-buffer.ts';
import type { LineTaker } from '../line-splitter.ts';
import type { Origin } from '../segment-origin.ts';
import { otherDataset, RecordScanner } from './record-scanner.ts';

/**
 * Reads lines of NDJSON from their bytes into the rows of the dataset that each names. A line is expected to be of the
 * dataset of the line before.
 */
export class LineScanner implements LineTaker {
  taken = 0;
  readonly #origin: Origin;
  readonly #datasets: readonly Dataset[];
  readonly #scanners = new Map<string, RecordScanner>();
  #current: RecordScanner | undefined;
  /** Of the last {@link take}: where each line is left to others, the same bytes come with each. */
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(this.#bytes.buffer);

  constructor(origin: Origin, datasets: readonly Dataset[]) {
    this.#origin = origin;
    this.#datasets = datasets;
    const first = origin.dataset ?? datasets[0];
    this.#current = first && this.#scannerOf(first);
  }

  /** What was read, of the datasets that there were lines of, in the order in which datasets are known. */
  get rows(): RowBuffer[] {
    return this.#datasets.flatMap(({ name }) => {
      const rows = this.#scanners.get(name)?.rows;
      return rows && rows.length > 0 ? rows : [];
    });
  }

  /** For readings that were read in another way. The next line is expected to be of the same dataset. */
  rowsOf(dataset: Dataset): RowBuffer {
    this.#current = this.#scannerOf(dataset);
    return this.#current.rows;
  }

  take(bytes: Buffer, start: number, limit: number): number {
    this.taken = 0;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const view = this.#view;
    let scanner = this.#current;
    let at = start;
    while (scanner !== undefined && at < limit) {
      let end = scanner.scan(bytes, view, at, limit);
      if (end === otherDataset) {
        scanner = this.#named(bytes.toString('latin1', scanner.namedFrom, scanner.namedTo));
        if (scanner === undefined) break;
        this.#current = scanner;
        end = scanner.scan(bytes, view, at, limit);
      }
      if (end < 0) break;
      at = end;
      this.taken++;
    }
    return at;
  }

  #named(name: string): RecordScanner | undefined {
    if (this.#origin.dataset !== undefined) return undefined;
    const dataset = this.#datasets.find((candidate) => candidate.name === name);
    return dataset && this.#scannerOf(dataset);
  }

  #scannerOf(dataset: Dataset): RecordScanner {
    let scanner = this.#scanners.get(dataset.name);
    if (scanner === undefined) {
      scanner = new RecordScanner(new RowBuffer(dataset, this.#origin.uploadedMs), this.#origin);
      this.#scanners.set(dataset.name, scanner);
    }
    return scanner;
  }
}
