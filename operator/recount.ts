import { type Columns, ColumnsBuilder } from '../core/columns.ts';
import type { Dataset } from '../core/dataset.ts';
import { parseSegment } from '../core/parse.ts';
import type { RejectReason } from '../core/reading.ts';

/** One raw object, read again. */
export interface RecountSource {
  readonly key: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What the raw objects hold, counted from their bytes and from nothing else. */
export interface Recount {
  readonly objects: number;
  readonly lines: number;
  readonly rejected: Readonly<Partial<Record<RejectReason, number>>>;
  /** Valid lines. Those beyond the distinct readings are repeats or superseded versions. */
  readonly valid: number;
  /** The set of readings of each dataset that occurs, by the dataset's name. */
  readonly sets: ReadonlyMap<string, Columns>;
}

/**
 * Counts raw objects again, from the first byte, in one process: what the pipeline must have come to.
 * Memory: the columns of all valid lines.
 */
export async function recount(
  sources: AsyncIterable<RecountSource>,
  datasets: readonly Dataset[],
): Promise<Recount> {
  const builders = new Map<string, ColumnsBuilder>();
  const rejected: Partial<Record<RejectReason, number>> = {};
  let objects = 0;
  let lines = 0;
  let valid = 0;
  for await (const { key, bytes } of sources) {
    const totals = await parseSegment(
      { source: { key }, datasets, bytes },
      {
        reading(_, dataset, reading) {
          let builder = builders.get(dataset.name);
          if (builder === undefined) {
            builder = new ColumnsBuilder(dataset);
            builders.set(dataset.name, builder);
          }
          builder.add(reading);
        },
        rejected(_, reason) {
          rejected[reason] = (rejected[reason] ?? 0) + 1;
        },
      },
    );
    objects += 1;
    lines += totals.lines;
    valid += totals.valid;
  }
  const sets = new Map([...builders].map(([name, builder]) => [name, builder.build()]));
  return { objects, lines, rejected, valid, sets };
}
