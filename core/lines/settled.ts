import type { Line, Rejected } from '../dataset/reading.ts';

/** What became of a line, or of one of the records that it holds; of a reading that several lines make up, under the first of them. */
export interface Settled {
  readonly lineNumber: number;
  readonly text: string;
  readonly outcome: Line;
  /** How many records the line would have had: of one of several that can't be read as a whole. Default 1. */
  readonly records?: number;
}

/** What a short line comes to, wherever it is. */
export type ShortLine = Pick<Settled, 'text' | 'records'> & { readonly outcome: Rejected };

/** Whether the same line of a table comes to the same wherever it is, and tells nothing of others: its cells may, of how numbers are written. */
export const alwaysSo = (settled: Settled): settled is Settled & ShortLine =>
  settled.outcome.kind === 'rejected' &&
  (settled.outcome.reason === 'wrong-columns' || settled.outcome.reason === 'not-text');
