import type { Reading } from '../dataset/reading.ts';

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

/** How many readings of `some` are contested in `all`, which has all of their identities; withdrawn ones count nowhere. */
export function contestedAmong(all: Columns, some: Columns): number {
  if (!all.contested.includes(1)) return 0;
  const numbers = new Map(all.sensors.map((id, index) => [id, index]));
  let count = 0;
  let row = 0;
  for (let at = 0; at < some.length; at++) {
    const sensor = numbers.get(some.sensors[some.sensor[at] as number] as string) as number; // `all` has it
    const time = some.timestampMs[at] as number; // a row
    const isBefore = () => {
      const other = all.sensor[row] as number; // a row
      return other < sensor || (other === sensor && (all.timestampMs[row] as number) < time);
    };
    while (row < all.length && isBefore()) row++;
    if (all.contested[row] === 1 && all.withdrawn[row] === 0) count++;
  }
  return count;
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
