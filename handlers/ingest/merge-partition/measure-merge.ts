import type { Meter } from '../../../ports/meter.ts';
import type { MergeCounts } from './merge-parts.ts';

export interface MeasuredMerge {
  /** Name of the dataset. */
  readonly dataset: string;
  readonly counts: MergeCounts;
  /** Time of the newest reading, UTC ms; -Infinity without one. */
  readonly newestMs: number;
  /** When the raw objects were uploaded that the readings are of, UTC ms; of objects that are read again there is none. */
  readonly arrivals: readonly number[];
  readonly nowMs: number;
}

/** Says what a merge did, once its files and statistics are written and its parts wait no more. */
export function measureMerge(
  meter: Meter,
  { dataset, counts, newestMs, arrivals, nowMs }: MeasuredMerge,
): void {
  meter.emit({
    AddedReadings: counts.added,
    ReplacedReadings: counts.replaced,
    RepeatedReadings: counts.repeated,
    SupersededReadings: counts.superseded,
    ContestedReadings: counts.contested,
    MergeConflicts: counts.conflicts,
    Alerts: counts.alerts,
  });
  // A replay says nothing of how fresh a dataset is: its readings are as old as they are.
  if (arrivals.length === 0) return;
  const secondsSince = (ms: number): number => Math.max(0, (nowMs - ms) / 1_000); // a sensor's clock may be ahead
  const fresh = { ArrivalDelay: secondsSince(arrivals.reduce((a, b) => Math.min(a, b))) };
  meter.emit(
    newestMs === Number.NEGATIVE_INFINITY ? fresh : { ...fresh, ReadingAge: secondsSince(newestMs) },
    dataset,
  );
}
