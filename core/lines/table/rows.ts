import type { Dataset } from '../../dataset/dataset.ts';
import { type PassedOver, passOver } from '../parse-totals.ts';
import { type Given, readRecord } from '../read-record.ts';
import type { Settled } from '../settled.ts';
import { type CellReader, type CellRecord, type Field, isFlagged, isOfNothing } from './fields.ts';
import { RepeatedHour } from './repeated-hour.ts';

/** When a row was measured. */
interface RowTime {
  /** UTC ms. Of a local time that the clock showed twice the earlier instant. */
  readonly timestampMs: number;
  /** The later instant of such a time. */
  readonly laterMs: number | undefined;
  /** As the cells have it. */
  readonly shown: string;
}

/** A row of a table, cut into its cells. */
export interface Row {
  readonly lineNumber: number;
  readonly text: string;
  /** Trimmed, as many as the header has. */
  readonly cells: readonly string[];
  /** `undefined` in a table without times. */
  readonly time: RowTime | undefined;
}

/** What becomes of the rows of a table, by how readings lie in them. */
export interface Rows {
  /** What is settled by a row: of itself, or of earlier ones. */
  read(row: Row): readonly Settled[];
  /** What the end of the file settles. */
  end(): readonly Settled[];
  /** Records of each row. */
  readonly recordsPerRow: number;
  readonly passedOver: PassedOver;
  /** Parameters that nothing maps. */
  readonly unknownParameters?: readonly string[];
}

/** Makes readings of what rows say, and holds back those of an hour that the clock showed twice. */
export class RecordReader {
  readonly #dataset: Dataset;
  readonly #given: Given;
  readonly #zone: string;
  /** Of local times. */
  readonly hours: RepeatedHour | undefined;
  readonly passedOver: PassedOver = {};

  /** @param zone of the rows' times, where they are local: its clock may have shown one of them twice */
  constructor(dataset: Dataset, given: Given, zone: string | undefined) {
    this.#dataset = dataset;
    this.#given = given;
    this.#zone = zone ?? '';
    this.hours = zone === undefined ? undefined : new RepeatedHour(given.arrivedMs);
  }

  read({ lineNumber, text, time }: Row, found: CellRecord): readonly Settled[] {
    const { record, nothing } = found;
    if (nothing.size > 0 && isFlagged(this.#dataset, found)) {
      passOver(this.passedOver, 'filtered');
      return [];
    }
    if (isOfNothing(this.#dataset, found)) {
      passOver(this.passedOver, 'no-value');
      return [];
    }
    const given: Given = { ...this.#given, ...(nothing.size > 0 && { nothing }) };
    if (time === undefined) return [{ lineNumber, text, outcome: readRecord(this.#dataset, record, given) }];
    const { timestampMs, laterMs, shown } = time;
    record.timestamp = shown;
    const isUncertain = laterMs !== undefined;
    const outcome = readRecord(this.#dataset, record, { ...given, timestampMs, isUncertain });
    if (outcome.kind === 'rejected' || this.hours === undefined) return [{ lineNumber, text, outcome }];
    if (laterMs === undefined) return [...this.hours.pass(outcome.reading), { lineNumber, text, outcome }];
    const row = { ...outcome, kind: 'twice-shown', laterMs, shown, zone: this.#zone } as const;
    return this.hours.hold({ lineNumber, text, row });
  }

  end(): readonly Settled[] {
    return this.hours?.end() ?? [];
  }
}

/** A table of one reading a row. */
export class ReadingRows implements Rows {
  readonly recordsPerRow = 1;
  readonly #fields: readonly Field[];
  readonly #cells: CellReader;
  readonly #records: RecordReader;

  constructor(fields: readonly Field[], cells: CellReader, records: RecordReader) {
    this.#fields = fields;
    this.#cells = cells;
    this.#records = records;
  }

  /** Of local times. */
  get hours(): RepeatedHour | undefined {
    return this.#records.hours;
  }

  get passedOver(): PassedOver {
    return this.#records.passedOver;
  }

  read(row: Row): readonly Settled[] {
    return this.#records.read(row, this.#cells.read(this.#fields, row.cells));
  }

  end(): readonly Settled[] {
    return this.#records.end();
  }
}
