import type { Reading } from '../dataset/reading.ts';

/**
 * A set of readings of one dataset as parallel arrays, sorted by sensorId (code units) and timestamp, and of events then by
 * the columns of their identity; one row an identity. Rows are read-only by convention.
 */
export interface Columns {
  /** Sorted and unique; each occurs in at least one row. */
  readonly sensors: readonly string[];
  /** Index into `sensors`, by row. */
  readonly sensor: Uint32Array;
  /** UTC, integer ms. */
  readonly timestampMs: Float64Array;
  readonly revision: Int32Array;
  /** The second part of the rank, UTC ms: when the file was uploaded that it came in; 0 for what came by the stream. */
  readonly uploadedMs: Float64Array;
  /** 1: different contents were seen at this rank, and the greater one is here. */
  readonly contested: Uint8Array;
  /** 1: the reading says that there is none. */
  readonly withdrawn: Uint8Array;
  /** By `dataset.measureNames`; NaN is absent. */
  readonly values: readonly Float64Array[];
  /** By `dataset.attributeNames`; `null` is absent. */
  readonly attributes: readonly (readonly (string | null)[])[];
  readonly length: number;
}

/** The reading at a row. */
export function readingAt(columns: Columns, row: number): Reading {
  return {
    sensorId: columns.sensors[columns.sensor[row] ?? -1] ?? '',
    timestampMs: columns.timestampMs[row] ?? Number.NaN,
    revision: columns.revision[row] ?? 0,
    values: valuesAt(columns, row),
    attributes: columns.attributes.map((column) => column[row] ?? null),
    ...(columns.withdrawn[row] ? { withdrawn: true } : {}),
  };
}

/** What the set keeps of one reading. */
export interface ReadingState {
  readonly reading: Reading;
  /** The second part of its rank, UTC ms; 0 for what came by the stream. */
  readonly uploadedMs: number;
  /** Others said something else at its rank. */
  readonly contested: boolean;
}

/** The state of the reading at a row. */
export function stateAt(columns: Columns, row: number): ReadingState {
  const uploadedMs = columns.uploadedMs[row] as number; // a row of them
  return { reading: readingAt(columns, row), uploadedMs, contested: columns.contested[row] === 1 };
}

/** What rows have besides their identity, by row. */
export interface RowContent {
  /** `undefined`: all 0. */
  readonly revision: Int32Array | undefined;
  /** A number: that of all rows. */
  readonly uploadedMs: Float64Array | number;
  /** `undefined`: all 0. */
  readonly contested: Uint8Array | undefined;
  /** `undefined`: all 0. */
  readonly withdrawn: Uint8Array | undefined;
  readonly values: readonly Float64Array[];
  readonly attributes: readonly (readonly (string | null)[])[];
}

/** The values at a row, by `dataset.measureNames`; `null` is absent. */
export function valuesAt({ values }: Pick<RowContent, 'values'>, row: number): (number | null)[] {
  return values.map((column) => {
    const value = column[row] ?? Number.NaN;
    return Number.isNaN(value) ? null : value;
  });
}
