import type { Dataset, IdentityColumn } from '../dataset/dataset.ts';
import type { Reading } from '../dataset/reading.ts';
import { type RowContent, valuesAt } from './columns.ts';

/*
 * What tells events of one entity and time apart. Readings of one sensor and time are one reading, and have nothing of it: then the columns
 * are `undefined`, and nothing here is asked.
 */

/** How an identity goes before another of its entity and time, by the columns in their order: numbers by size, texts by code units. 0: they are one. */
export function compareIdentity(
  columns: readonly IdentityColumn[],
  a: Pick<RowContent, 'values' | 'attributes'>,
  rowA: number,
  b: Pick<RowContent, 'values' | 'attributes'>,
  rowB: number,
): number {
  for (const { of, at } of columns) {
    // No event lacks a part of its identity.
    const valueA = a[of][at]?.[rowA] as number | string;
    const valueB = b[of][at]?.[rowB] as number | string;
    if (valueA !== valueB) return valueA < valueB ? -1 : 1;
  }
  return 0;
}

/** As {@link compareIdentity}, of two events of one entity and time, and 0 for any two readings. */
export function compareIdentities(
  { identityColumns = [] }: Pick<Dataset, 'identityColumns'>,
  a: Pick<Reading, 'values' | 'attributes'>,
  b: Pick<Reading, 'values' | 'attributes'>,
): number {
  for (const { of, at } of identityColumns) {
    const [valueA, valueB] = [a[of][at], b[of][at]] as [number | string, number | string]; // as above
    if (valueA !== valueB) return valueA < valueB ? -1 : 1;
  }
  return 0;
}

/** The parts of an event's identity beside its entity and time, in their order; none of a reading. */
const identityOf = (
  { identityColumns = [] }: Pick<Dataset, 'identityColumns'>,
  reading: Pick<Reading, 'values' | 'attributes'>,
): (number | string)[] => identityColumns.map(({ of, at }) => reading[of][at] as number | string); // as above

/** A text that is the same for all lines of one identity of the dataset, and for no other's. */
export function identityText(
  dataset: Pick<Dataset, 'identityColumns'>,
  reading: Pick<Reading, 'sensorId' | 'timestampMs' | 'values' | 'attributes'>,
): string {
  const start = `${reading.timestampMs} ${reading.sensorId}`;
  return dataset.identityColumns === undefined
    ? start
    : JSON.stringify([start, ...identityOf(dataset, reading)]);
}

/** As {@link identityText}, of a row. */
export function identityTextAt(
  dataset: Pick<Dataset, 'identityColumns'>,
  columns: Pick<RowContent, 'values' | 'attributes'> & {
    readonly sensors: readonly string[];
    readonly sensor: Uint32Array;
    readonly timestampMs: Float64Array;
  },
  row: number,
): string {
  return identityText(dataset, {
    sensorId: columns.sensors[columns.sensor[row] ?? -1] ?? '',
    timestampMs: columns.timestampMs[row] ?? Number.NaN,
    values: valuesAt(columns, row),
    attributes: columns.attributes.map((column) => column[row] ?? null),
  });
}
