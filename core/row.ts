import type { Dataset } from './dataset.ts';
import { encodeReading, type Reading } from './reading.ts';

/**
 * A set of readings of one dataset as parallel arrays, sorted by sensorId (code units) and timestamp, one row an
 * identity. Rows are read-only by convention.
 */
export interface Columns {
  /** Sorted and unique; each occurs in at least one row. */
  readonly sensors: readonly string[];
  /** Index into `sensors`, by row. */
  readonly sensor: Uint32Array;
  /** UTC, integer ms. */
  readonly timestampMs: Float64Array;
  readonly revision: Int32Array;
  /** By `dataset.measureNames`; NaN is absent. */
  readonly values: readonly Float64Array[];
  /** By `dataset.attributeNames`; `null` is absent. */
  readonly attributes: readonly (readonly (string | null)[])[];
  readonly length: number;
}

/** The rows of `columns` named by `rows`, in that order, which must be sorted by sensor and timestamp. */
export function pick(columns: Columns, rows: Uint32Array): Columns {
  const length = rows.length;
  const renumbered = new Int32Array(columns.sensors.length).fill(-1);
  const sensors: string[] = [];
  const sensor = new Uint32Array(length);
  const timestampMs = new Float64Array(length);
  const revision = new Int32Array(length);
  for (let to = 0; to < length; to++) {
    const from = rows[to] as number; // to is within the array
    const old = columns.sensor[from] as number; // rows are rows of these columns
    if (renumbered[old] === -1) renumbered[old] = sensors.push(columns.sensors[old] as string) - 1; // as above
    sensor[to] = renumbered[old] as number; // as above
    timestampMs[to] = columns.timestampMs[from] as number; // as above
    revision[to] = columns.revision[from] as number; // as above
  }
  const values = columns.values.map((column) => {
    const picked = new Float64Array(length);
    for (let to = 0; to < length; to++) picked[to] = column[rows[to] as number] as number; // as above
    return picked;
  });
  const attributes = columns.attributes.map((column) => Array.from(rows, (row) => column[row] ?? null));
  return { sensors, sensor, timestampMs, revision, values, attributes, length };
}

/** The reading at a row. */
export function readingAt(columns: Columns, row: number): Reading {
  return {
    sensorId: columns.sensors[columns.sensor[row] ?? -1] ?? '',
    timestampMs: columns.timestampMs[row] ?? Number.NaN,
    revision: columns.revision[row] ?? 0,
    values: columns.values.map((column) => {
      const value = column[row] ?? Number.NaN;
      return Number.isNaN(value) ? null : value;
    }),
    attributes: columns.attributes.map((column) => column[row] ?? null),
  };
}

/**
 * The conflict rule for two rows with one identity: positive when `a` wins, negative when `b` wins, 0 when they are
 * equal. The higher revision wins; on a tie, the greater canonical encoding by code units. Never the order of arrival.
 */
export function compareRows(dataset: Dataset, a: Columns, rowA: number, b: Columns, rowB: number): number {
  const byRevision = (a.revision[rowA] ?? 0) - (b.revision[rowB] ?? 0);
  if (byRevision !== 0) return byRevision;
  if (sameContent(a, rowA, b, rowB)) return 0;
  const encodedA = encodeReading(dataset, readingAt(a, rowA));
  const encodedB = encodeReading(dataset, readingAt(b, rowB));
  return encodedA > encodedB ? 1 : encodedA < encodedB ? -1 : 0;
}

/** Spares the encoding for repeats, which are what most conflicts are. */
function sameContent(a: Columns, rowA: number, b: Columns, rowB: number): boolean {
  for (let measure = 0; measure < a.values.length; measure++) {
    if (!Object.is(a.values[measure]?.[rowA], b.values[measure]?.[rowB])) return false;
  }
  for (let attribute = 0; attribute < a.attributes.length; attribute++) {
    if (a.attributes[attribute]?.[rowA] !== b.attributes[attribute]?.[rowB]) return false;
  }
  return true;
}
