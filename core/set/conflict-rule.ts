import type { Dataset } from '../dataset/dataset.ts';
import { encodeReading, type Reading } from '../dataset/reading.ts';
import { type RowContent, valuesAt } from './columns.ts';

/**
 * The conflict rule for two rows with one identity: positive when `a` wins, negative when `b` wins, 0 when they are
 * equal. The higher revision wins; on a tie, the greater canonical encoding by code units. Never the order of arrival.
 */
export function compareRows(
  dataset: Dataset,
  a: RowContent,
  rowA: number,
  b: RowContent,
  rowB: number,
): number {
  const byRevision = (a.revision?.[rowA] ?? 0) - (b.revision?.[rowB] ?? 0);
  if (byRevision !== 0) return byRevision;
  if (sameContent(a, rowA, b, rowB)) return 0;
  const encodedA = encodeReading(dataset, contentAt(a, rowA));
  const encodedB = encodeReading(dataset, contentAt(b, rowB));
  return encodedA > encodedB ? 1 : encodedA < encodedB ? -1 : 0;
}

/** The row as a reading of an identity that is none: two rows of one identity compare by the rest. */
function contentAt(content: RowContent, row: number): Reading {
  return {
    sensorId: '',
    timestampMs: 0,
    revision: content.revision?.[row] ?? 0,
    values: valuesAt(content, row),
    attributes: content.attributes.map((column) => column[row] ?? null),
  };
}

/** Spares the encoding for repeats, which are what most conflicts are. */
function sameContent(a: RowContent, rowA: number, b: RowContent, rowB: number): boolean {
  for (let measure = 0; measure < a.values.length; measure++) {
    if (!Object.is(a.values[measure]?.[rowA], b.values[measure]?.[rowB])) return false;
  }
  for (let attribute = 0; attribute < a.attributes.length; attribute++) {
    if (a.attributes[attribute]?.[rowA] !== b.attributes[attribute]?.[rowB]) return false;
  }
  return true;
}
