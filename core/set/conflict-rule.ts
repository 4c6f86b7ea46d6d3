import type { Dataset } from '../dataset/dataset.ts';
import { encodeReading, type Reading } from '../dataset/reading.ts';
import { type RowContent, valuesAt } from './columns.ts';

/*
 * The conflict rule, for two rows with one identity. The higher rank wins; at one rank the greater content does, and the reading is
 * contested from then on. Never the order of arrival.
 */

/** Whether two rows are the same in all that the set keeps of them. */
export function sameState(a: RowContent, rowA: number, b: RowContent, rowB: number): boolean {
  return (
    compareRank(a, rowA, b, rowB) === 0 &&
    sameContent(a, rowA, b, rowB) &&
    (a.contested?.[rowA] ?? 0) === (b.contested?.[rowB] ?? 0)
  );
}

interface Rank {
  readonly revision: number;
  /** UTC ms; 0 for what came by the stream. */
  readonly uploadedMs: number;
}

/** Positive when the rank of `a` is higher. First the revision, then the time of the upload. */
export function compareRanks(a: Rank, b: Rank): number {
  return a.revision - b.revision || a.uploadedMs - b.uploadedMs;
}

/** As {@link compareRanks}, of two rows. */
export function compareRank(a: RowContent, rowA: number, b: RowContent, rowB: number): number {
  return compareRanks(rankAt(a, rowA), rankAt(b, rowB));
}

/** By canonical encoding, in code units: positive when that of `a` is greater. For rows of one revision that differ. */
export function compareContent(
  dataset: Dataset,
  a: RowContent,
  rowA: number,
  b: RowContent,
  rowB: number,
): number {
  const encodedA = encodeReading(dataset, contentAt(a, rowA));
  const encodedB = encodeReading(dataset, contentAt(b, rowB));
  return encodedA > encodedB ? 1 : -1;
}

/** Whether two rows say the same, whatever their ranks are. Spares the encoding for repeats, which are what most conflicts are. */
export function sameContent(a: RowContent, rowA: number, b: RowContent, rowB: number): boolean {
  for (let measure = 0; measure < a.values.length; measure++) {
    if (!Object.is(a.values[measure]?.[rowA], b.values[measure]?.[rowB])) return false;
  }
  for (let attribute = 0; attribute < a.attributes.length; attribute++) {
    if (a.attributes[attribute]?.[rowA] !== b.attributes[attribute]?.[rowB]) return false;
  }
  return (a.withdrawn?.[rowA] ?? 0) === (b.withdrawn?.[rowB] ?? 0);
}

function rankAt({ revision, uploadedMs }: RowContent, row: number): Rank {
  return {
    revision: revision?.[row] ?? 0,
    uploadedMs: typeof uploadedMs === 'number' ? uploadedMs : (uploadedMs[row] as number), // row is a row
  };
}

/** The row as a reading of an identity that is none: two rows of one identity and rank compare by the rest. */
function contentAt(content: RowContent, row: number): Reading {
  return {
    sensorId: '',
    timestampMs: 0,
    revision: 0,
    values: valuesAt(content, row),
    attributes: content.attributes.map((column) => column[row] ?? null),
    ...(content.withdrawn?.[row] ? { withdrawn: true } : {}),
  };
}
