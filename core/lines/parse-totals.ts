import type { Dataset } from '../dataset/dataset.ts';
import type { DroppedCounts, DroppedValue, Reading, RejectReason } from '../dataset/reading.ts';
import type { Refusal } from './gate.ts';
import type { ColumnNotes } from './table/header.ts';

/**
 * Takes what a segment's lines became, in the order of the lines, but for rows of a repeated hour, which come later. What was told of an
 * upload is void when {@link ParseTotals.refusal} says so at its end.
 */
export interface SegmentSink {
  /** `dropped`: values that the line has and the reading has not. */
  reading(lineNumber: number, dataset: Dataset, reading: Reading, dropped: readonly DroppedValue[]): void;
  /** `text` is the line, or its first 4,096 characters (1,024 bytes of a line that is too long). */
  rejected(lineNumber: number, reason: RejectReason, detail: string, text: string): void;
}

/** Why a row of a table, or a sensor's cells in one, is no record of its own and is not counted as a line. */
type PassedOverReason =
  /** A sensor's cells, the value of a parameter, or that of the only measure there is, are empty or stand for nothing. */
  | 'no-value'
  /** Nothing maps its parameter. */
  | 'other-parameter'
  /** Its format does not want it: by `filter`, or by the flags of all that it has. */
  | 'filtered'
  /** Its value is in the reading of another row, of the same sensor and time. */
  | 'joined';

export type PassedOver = Partial<Record<PassedOverReason, number>>;

export function passOver(counts: PassedOver, reason: PassedOverReason): void {
  counts[reason] = (counts[reason] ?? 0) + 1;
}

/** What a segment's ledger counts: `lines` is `valid` plus all of `rejected`. Blank lines and sound headers don't count. */
export interface ParseTotals {
  lines: number;
  valid: number;
  rejected: Partial<Record<RejectReason, number>>;
  /** Values left out of the valid ones. */
  dropped: DroppedCounts;
  /** Nothing of the file is taken, and all counts are 0. */
  refusal?: Refusal;
  /** Of a CSV file: columns that nothing maps, and measures without a column, where there are any. */
  columns?: ColumnNotes;
  /** Of a CSV file: what of its rows is in none of `lines`, but for its header, remarks and blank lines. */
  passedOver?: PassedOver;
  /** The last row of a CSV file is kept, although no newline ends it: it may have been cut. */
  unterminated?: true;
  /** Of JSON: fields that the lines' dataset does not have, the first of 20, each by its first 64 characters. */
  unknownFields?: string[];
}

const maxUnknownFields = 20;

/** Notes fields that the dataset of a line does not have. */
export function noteFields(totals: ParseTotals, names: readonly string[]): void {
  totals.unknownFields ??= [];
  const noted = totals.unknownFields;
  for (const name of names) {
    if (noted.length === maxUnknownFields) return;
    const shown = name.slice(0, 64).toWellFormed();
    if (!noted.includes(shown)) noted.push(shown);
  }
}
