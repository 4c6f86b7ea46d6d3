import type { Line } from '../dataset/reading.ts';

/** What became of a line, or of one of the records that it holds; of a reading that several lines make up, under the first of them. */
export interface Settled {
  readonly lineNumber: number;
  readonly text: string;
  readonly outcome: Line;
  /** How many records the line would have had: of one of several that can't be read as a whole. Default 1. */
  readonly records?: number;
}
