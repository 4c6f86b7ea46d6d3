import type { PackedRecord } from '../core/lines/packing.ts';

/** What the submission of readings asks of the outside. `adapters/firehose.ts` implements it. */
export interface ReadingStream {
  /**
   * Sends 1 to 500 records, at most 4 MiB together, once: whether and when to send again is the caller's to decide.
   * `failed` are the positions of those that were not acknowledged, in order, and all of them when nothing was answered within
   * `timeoutMs`; they may have arrived all the same. `code` is the first reason, empty when all are acknowledged.
   * @throws the service's own error, by its name, where sending again does not help: no such stream, access denied, no
   * credentials. Throttling, 5xx and broken connections are not thrown: they are `failed`.
   */
  put(
    records: readonly PackedRecord[],
    timeoutMs: number,
  ): Promise<{ readonly failed: readonly number[]; readonly code: string }>;
}
