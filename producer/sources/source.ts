import type { Dataset } from '../../core/dataset/dataset.ts';
import type { DroppedValue, Reading, RejectReason } from '../../core/dataset/reading.ts';

/** One thing that a source gave: a valid reading, or a line that is none and is not sent. */
export type SourceItem =
  | {
      readonly kind: 'reading';
      readonly dataset: Dataset;
      readonly reading: Reading;
      /** What its line has instead of values of optional measures: it is sent along, so that the pipeline counts it. */
      readonly dropped?: readonly DroppedValue[];
      /** Called once: when a crash can no longer lose the reading, or with the reason why it was not taken. */
      readonly settled?: (error?: Error) => void;
    }
  | {
      readonly kind: 'rejected';
      readonly reason: RejectReason;
      readonly detail: string;
      /** Where it stands: `file.csv:12`, a topic. */
      readonly where: string;
      readonly text: string;
    }
  | {
      /** Comes after the last item of a CSV file whose last row no newline ends: it may have been cut. */
      readonly kind: 'unterminated';
      /** The file. */
      readonly where: string;
    };

/** Items in the source's order, a few hundred at a time; the next are asked for when these were taken. */
export type Source = AsyncIterable<readonly SourceItem[]>;

/** A source that the options name, ready to be opened. */
export interface PreparedSource {
  /** All that decides its lines, when the same source can be read again from its start; else `undefined`. */
  readonly identity: unknown;
  /** How many readings to expect, where that is known. */
  readonly total: number | undefined;
  /** @param nowMs the time that stands for now */
  open(nowMs: number, signal: AbortSignal): Source;
}
