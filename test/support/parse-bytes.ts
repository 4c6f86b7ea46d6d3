import { datasets } from '#datasets';
import type { Dataset } from '../../core/dataset/dataset.ts';
import type { Reading, RejectReason } from '../../core/dataset/reading.ts';
import { parseSegment } from '../../core/lines/parse-segment.ts';
import type { ParseTotals } from '../../core/lines/parse-totals.ts';
import type { Columns } from '../../core/set/columns.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import { endTimestampMs } from '../../core/time/calendar.ts';

export interface Outcome {
  readonly line: number;
  readonly reading?: Reading;
  readonly dataset?: string;
  readonly reason?: RejectReason;
  readonly detail?: string;
  readonly text?: string;
}

/** Parses bytes in chunks of a size, and collects the outcomes, by line. */
export async function parseBytes(
  bytes: Uint8Array | string,
  {
    key = 'raw/2024/01/01/00/x',
    chunkBytes = 65_536,
    known = datasets,
    accepted = false,
    arrivedMs = endTimestampMs,
  }: {
    key?: string;
    chunkBytes?: number;
    known?: readonly Dataset[];
    accepted?: boolean;
    /** UTC ms; by default after all that can be read. */
    arrivedMs?: number;
  } = {},
): Promise<{ totals: ParseTotals; outcomes: Outcome[] }> {
  const all = Buffer.from(bytes);
  async function* chunks() {
    for (let at = 0; at < all.length; at += chunkBytes) yield all.subarray(at, at + chunkBytes);
  }
  const outcomes: Outcome[] = [];
  const totals = await parseSegment(
    { source: { key, accepted, arrivedMs }, datasets: known, bytes: chunks() },
    {
      reading: (line, dataset, reading) => outcomes.push({ line, dataset: dataset.name, reading }),
      rejected: (line, reason, detail, text) => outcomes.push({ line, reason, detail, text }),
    },
  );
  // The readings of an upload are told at its end.
  return { totals, outcomes: outcomes.sort((a, b) => a.line - b.line) };
}

/** The set of some readings, which were uploaded together, or came by the stream. */
export function setOf(dataset: Dataset, readings: readonly Reading[], uploadedMs = 0): Columns {
  const builder = new ColumnsBuilder(dataset);
  for (const reading of readings) builder.add(reading, uploadedMs);
  return builder.build();
}
