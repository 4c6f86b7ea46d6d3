import type { RowGroup } from 'hyparquet';
import type { Dataset } from '../dataset/dataset.ts';
import type { Columns } from '../set/columns.ts';
import { endOfRun, type Run, sortedRowsOf, toColumns } from '../set/sorted-rows.ts';
import { readForeignParquet } from './parquet/foreign-file.ts';
import { bytesBehind, readParquet } from './parquet/read-file.ts';
import { emptyColumns, type FileDescription } from './partition-file.ts';

/** Some series from one instant to another, both included, in UTC ms. */
export interface SeriesSpan {
  readonly sensors: {
    /** All of them, where they are known by name. */
    readonly ids?: ReadonlySet<string> | undefined;
    has(sensorId: string): boolean;
  };
  readonly fromMs: number;
  readonly toMs: number;
}

/** A row group of a partition's file, and the bytes of the file that hold it: `start` (inclusive) to `end` (exclusive). */
export interface GroupPlace {
  readonly group: RowGroup;
  readonly start: number;
  readonly end: number;
}

/** The row groups of a file that may hold rows of the span, by the bounds that its footer has of them. */
export function groupsWith(
  { metadata }: FileDescription,
  { sensors, fromMs, toMs }: SeriesSpan,
): GroupPlace[] {
  const mayHaveAny = (bounds: Bounds) =>
    sensors.ids === undefined || [...sensors.ids].some((id) => overlaps(bounds, id, id));
  return metadata.row_groups
    .filter(
      (group) =>
        mayHaveAny(boundsOf(group, 'sensorId')) &&
        overlaps(boundsOf(group, 'timestamp'), new Date(fromMs), new Date(toMs)),
    )
    .map(placeOf);
}

type Bound = string | Date;
type Bounds = readonly [min: unknown, max: unknown];

/** What the footer says of a column; nothing where a writer left it out. */
function boundsOf({ columns }: RowGroup, name: string): Bounds {
  const found = columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name)?.meta_data?.statistics;
  return [found?.min_value, found?.max_value];
}

function overlaps([min, max]: Bounds, from: Bound, to: Bound): boolean {
  if (typeof min !== typeof from || typeof max !== typeof to) return true;
  return (min as Bound) <= to && (max as Bound) >= from; // of one type
}

function placeOf(group: RowGroup): GroupPlace {
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const { meta_data: about } of group.columns) {
    if (about === undefined) continue;
    const from = Number(about.dictionary_page_offset ?? about.data_page_offset);
    start = Math.min(start, from);
    end = Math.max(end, from + Number(about.total_compressed_size));
  }
  return { group, start, end: end + bytesBehind };
}

/**
 * The rows of the span in one row group, as a set that keeps nothing of the bytes; `undefined` when there is none. Decodes all of the
 * group's rows, the other series' too: at most some 131,000.
 * @param bytes those of the place
 */
export async function rowsOfSeries(
  dataset: Dataset,
  file: FileDescription,
  { group, start, bytes, span }: GroupPlace & { readonly bytes: Uint8Array; readonly span: SeriesSpan },
): Promise<Columns | undefined> {
  const metadata = { ...file.metadata, num_rows: group.num_rows, row_groups: [group] };
  const { columns, targets } = emptyColumns(dataset, { ...file, metadata });
  if (!file.isOwn) {
    await readForeignParquet(bytes, metadata, targets, start);
    return cut(columns, runsOf(columns, span));
  }
  const where = new Map([...targets].filter(([name]) => name === 'sensorId' || name === 'timestamp'));
  readParquet(bytes, metadata, where, start);
  const runs = runsOf(columns, span);
  if (runs.length === 0) return undefined;
  for (const name of where.keys()) targets.delete(name);
  readParquet(bytes, metadata, targets, start);
  return cut(columns, runs);
}

/** The rows of the span: none empty. */
function runsOf(columns: Columns, { sensors, fromMs, toMs }: SeriesSpan): Run[] {
  const runs: Run[] = [];
  for (let first = 0; first < columns.length; ) {
    const sensor = columns.sensor[first] as number; // a row
    const next = endOfRun(columns.sensor, first);
    if (sensors.has(columns.sensors[sensor] as string)) {
      const start = firstFrom(columns.timestampMs, first, next, fromMs);
      const end = firstFrom(columns.timestampMs, start, next, toMs + 1);
      if (start < end) runs.push({ sensor, start, end });
    }
    first = next;
  }
  return runs;
}

/** The first row from `start` to `end`, which ascend, that is not before an instant; `end` when all are. */
function firstFrom(timestampMs: Float64Array, start: number, end: number, instantMs: number): number {
  let [low, high] = [start, end];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timestampMs[middle] as number) < instantMs)
      low = middle + 1; // a row
    else high = middle;
  }
  return low;
}

/** Copied, so that the rest of the group can go. */
function cut(columns: Columns, runs: readonly Run[]): Columns | undefined {
  return runs.length === 0 ? undefined : toColumns(sortedRowsOf(columns), runs);
}
