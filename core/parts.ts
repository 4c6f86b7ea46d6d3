import type { Dataset } from './dataset.ts';
import { type PartitionId, partitionRuns } from './partition.ts';
import type { Columns } from './row.ts';
import { gather, type Run, rowsOf, type SortedRows, sortedRowsOf } from './sorted-rows.ts';

/** Where the part of one partition is in a segment's parts object: bytes `start` (inclusive) to `end` (exclusive). */
export interface PartEntry extends PartitionId {
  readonly start: number;
  readonly end: number;
  readonly rows: number;
}

/** A segment's parts in one object, and where each of them is. */
export interface Parts {
  readonly bytes: Uint8Array;
  /** Sorted by dataset (in the order given), day, shard. */
  readonly index: readonly PartEntry[];
}

/** What a part's arrays mean. */
interface Header {
  readonly dataset: string;
  readonly rows: number;
  readonly sensors: readonly string[];
  readonly measures: readonly string[];
  /** By attribute, its different texts: the column has their numbers. */
  readonly attributes: Readonly<Record<string, readonly (string | null)[]>>;
  /** Timestamps are ms since this one, as uint32; without it they are float64, for days that span over 49 days. */
  readonly sinceMs?: number;
  /** There are revisions other than 0. */
  readonly revised?: true;
}

/** A staged part was written for another definition of its dataset. A retry doesn't help; a replay does. */
export class PartMismatch extends Error {
  override readonly name = 'PartMismatch';
}

/** A part to be written: where its rows are, and all that its size follows from. */
interface Draft {
  readonly id: PartitionId;
  readonly source: SortedRows;
  readonly runs: readonly Run[];
  readonly json: Buffer;
  readonly header: Header;
  readonly codes: readonly Uint32Array[];
  readonly size: number;
}

/**
 * The sets of one segment, one for each dataset, split into their partitions. A part is a header's length (uint32), the
 * header (JSON), padding to 8 bytes, then little-endian arrays, each padded: measures (float64), timestamps, the number of
 * rows of each sensor (uint32), and where there are any, revisions (int32) and attributes (uint32). Equal sets give equal
 * bytes.
 */
export function encodeParts(sets: Iterable<{ dataset: Dataset; columns: Columns }>): Parts {
  const sorted = Array.from(sets, ({ dataset, columns }) => ({ dataset, rows: sortedRowsOf(columns) }));
  const { bytes, index, indexStart } = encodeStaged(sorted);
  return { bytes: bytes.subarray(0, indexStart), index };
}

/** As {@link encodeParts}, followed from `indexStart` on by the index as JSON: all in one buffer, since there may be much. */
export function encodeStaged(
  sets: Iterable<{ dataset: Dataset; rows: SortedRows }>,
): Parts & { indexStart: number } {
  const drafts = Array.from(sets, ({ dataset, rows }) =>
    partitionRuns(dataset, rows).map((partition) => draftOf(dataset, rows, partition)),
  ).flat();
  let indexStart = 0;
  const index = drafts.map(({ id, size, header }): PartEntry => {
    const start = indexStart;
    indexStart += size;
    return { ...id, start, end: indexStart, rows: header.rows };
  });
  const json = Buffer.from(JSON.stringify(index));
  const bytes = Buffer.from(new ArrayBuffer(aligned(indexStart + json.length)), 0, indexStart + json.length);
  bytes.set(json, indexStart);
  drafts.forEach((draft, position) => {
    writePart(draft, bytes, index[position]?.start ?? 0);
  });
  return { bytes, index, indexStart };
}

function draftOf(
  dataset: Dataset,
  source: SortedRows,
  { id, runs }: { id: PartitionId; runs: Run[] },
): Draft {
  const rows = rowsOf(runs);
  const coded = source.attributes.map((column) => encodeTexts(column, source.rows, runs, rows));
  let sinceMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const { start, end } of runs) {
    sinceMs = Math.min(sinceMs, source.timestampMs[start] as number); // a position of the set
    lastMs = Math.max(lastMs, source.timestampMs[end - 1] as number); // as above
  }
  const { revision } = source;
  const isRevised =
    revision !== undefined &&
    runs.some(({ start, end }) => source.rows.subarray(start, end).some((row) => revision[row] !== 0));
  const header: Header = {
    dataset: dataset.storageName,
    rows,
    sensors: sensorsOf(runs).map(([sensor]) => source.sensors[sensor] as string), // a sensor of the set
    measures: dataset.measureNames,
    attributes: Object.fromEntries(dataset.attributeNames.map((name, at) => [name, coded[at]?.texts ?? []])),
    ...(lastMs - sinceMs < 2 ** 32 ? { sinceMs } : {}),
    ...(isRevised ? { revised: true } : {}),
  };
  const json = Buffer.from(JSON.stringify(header));
  const codes = coded.map((attribute) => attribute.codes);
  const size = layoutOf(header, json.length).end;
  return { id, source, runs, json, header, codes, size };
}

/** The sensors of runs, each with its number of rows. */
function sensorsOf(runs: readonly Run[]): [sensor: number, rows: number][] {
  const found: [number, number][] = [];
  for (const { sensor, start, end } of runs) {
    const last = found.at(-1);
    if (last?.[0] === sensor) last[1] += end - start;
    else found.push([sensor, end - start]);
  }
  return found;
}

function encodeTexts(
  column: readonly (string | null)[],
  rows: Uint32Array,
  runs: readonly Run[],
  length: number,
) {
  const codes = new Uint32Array(length);
  const numbers = new Map<string | null, number>();
  let to = 0;
  for (const { start, end } of runs) {
    for (let position = start; position < end; position++) {
      const text = column[rows[position] as number] ?? null; // positions and rows of the set
      let code = numbers.get(text);
      if (code === undefined) {
        code = numbers.size;
        numbers.set(text, code);
      }
      codes[to++] = code;
    }
  }
  return { codes, texts: [...numbers.keys()] };
}

const aligned = (size: number) => Math.ceil(size / 8) * 8;

/** Where a part's arrays begin. */
function layoutOf(header: Header, jsonBytes: number) {
  let end = aligned(4 + jsonBytes);
  const take = (bytes: number) => {
    const start = end;
    end += aligned(bytes);
    return start;
  };
  const { rows } = header;
  return {
    values: header.measures.map(() => take(rows * 8)),
    timestamps: take(rows * (header.sinceMs === undefined ? 8 : 4)),
    counts: take(header.sensors.length * 4),
    revisions: take(header.revised ? rows * 4 : 0),
    codes: Object.keys(header.attributes).map(() => take(rows * 4)),
    end,
  };
}

function writePart({ source, runs, json, header, codes }: Draft, bytes: Buffer, start: number): void {
  const layout = layoutOf(header, json.length);
  const { buffer } = bytes;
  const { rows } = header;
  bytes.writeUInt32LE(json.length, start);
  bytes.set(json, start + 4);
  layout.values.forEach((at, measure) => {
    const column = source.values[measure] as Float64Array; // a column a measure
    gather(column, source.rows, runs, new Float64Array(buffer, start + at, rows));
  });
  const { sinceMs } = header;
  const at = start + layout.timestamps;
  const times =
    sinceMs === undefined ? new Float64Array(buffer, at, rows) : new Uint32Array(buffer, at, rows);
  let to = 0;
  for (const run of runs) {
    for (let position = run.start; position < run.end; position++) {
      times[to++] = (source.timestampMs[position] as number) - (sinceMs ?? 0); // a position of the set
    }
  }
  const counts = sensorsOf(runs).map(([, count]) => count);
  new Uint32Array(buffer, start + layout.counts, counts.length).set(counts);
  if (header.revised && source.revision)
    gather(source.revision, source.rows, runs, new Int32Array(buffer, start + layout.revisions, rows));
  layout.codes.forEach((position, attribute) => {
    new Uint32Array(buffer, start + position, rows).set(codes[attribute] as Uint32Array); // one an attribute
  });
}

/**
 * The set of one part: the bytes between an entry's `start` and `end`.
 * @throws {PartMismatch} when it was written for other measures or attributes than the dataset has now
 */
export function decodePart(dataset: Dataset, bytes: Uint8Array): Columns {
  const copy = new Uint8Array(bytes); // aligned for the typed arrays, and independent of a shared pool
  const { buffer } = copy;
  const jsonBytes = new DataView(buffer).getUint32(0, true);
  const header: Header = JSON.parse(Buffer.from(buffer, 4, jsonBytes).toString());
  const found = [header.dataset, ...header.measures, ...Object.keys(header.attributes)].join();
  const expected = [dataset.storageName, ...dataset.measureNames, ...dataset.attributeNames].join();
  if (found !== expected) {
    throw new PartMismatch(
      `a part holds ${found}, but the dataset is ${expected}: replay the segments of this job`,
    );
  }
  const { rows, sensors, sinceMs } = header;
  const layout = layoutOf(header, jsonBytes);
  const sensor = new Uint32Array(rows);
  let row = 0;
  new Uint32Array(buffer, layout.counts, sensors.length).forEach((count, index) => {
    sensor.fill(index, row, row + count);
    row += count;
  });
  const timestampMs =
    sinceMs === undefined
      ? new Float64Array(buffer, layout.timestamps, rows)
      : new Float64Array(new Uint32Array(buffer, layout.timestamps, rows));
  for (let at = 0; sinceMs !== undefined && at < rows; at++) {
    timestampMs[at] = (timestampMs[at] as number) + sinceMs; // at is a row
  }
  const attributes = dataset.attributeNames.map((name, attribute) => {
    const texts = header.attributes[name] ?? [];
    const codes = new Uint32Array(buffer, layout.codes[attribute] ?? 0, rows);
    return Array.from(codes, (code) => texts[code] ?? null);
  });
  return {
    sensors,
    sensor,
    timestampMs,
    revision: header.revised ? new Int32Array(buffer, layout.revisions, rows) : new Int32Array(rows),
    values: layout.values.map((at) => new Float64Array(buffer, at, rows)),
    attributes,
    length: rows,
  };
}
