import type { RowBuffer } from '../../../core/set/row-buffer.ts';
import type { Holding } from '../../../ports/records.ts';

/** Series that are named one by one: 32 ids of 128 characters are 4 KB of the ledger's item, and of the child's answer. */
const maxNamed = 32;

/** What a segment has readings of, so that who looks for one knows which segments can't have it. */
export function holdingsOf(rows: readonly RowBuffer[]): Holding[] {
  return rows.flatMap(({ dataset, sensors, timestampMs, values, length }) => {
    if (length === 0) return [];
    let fromMs = Number.POSITIVE_INFINITY;
    let toMs = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < length; row++) {
      const at = timestampMs[row] as number; // a row
      if (at < fromMs) fromMs = at;
      if (at > toMs) toMs = at;
    }
    const named = sensors.length > maxNamed ? {} : { sensors: [...sensors].sort() };
    // A column with a value is left at its first one, so that this costs nothing where all is well.
    const absent = dataset.measureNames.filter(
      (name, measure) =>
        dataset.measures[name]?.optional &&
        dataset.measures[name].type === undefined &&
        values[measure]?.subarray(0, length).every(Number.isNaN),
    );
    const lacking = absent.length > 0 ? { absent } : {};
    return [{ dataset: dataset.name, readings: length, fromMs, toMs, ...named, ...lacking }];
  });
}
