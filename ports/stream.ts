import type { PackedRecord } from '../core/lines/packing.ts';

/** What the submission of readings asks of the outside. */
export interface ReadingStream {
  /**
   * Sends at most 500 records once. `failed` are the positions of those that were not acknowledged, all of them when
   * nothing was answered; `code` is the first reason. Throws for what a repetition does not mend.
   */
  put(
    records: readonly PackedRecord[],
    timeoutMs: number,
  ): Promise<{ readonly failed: readonly number[]; readonly code: string }>;
}
