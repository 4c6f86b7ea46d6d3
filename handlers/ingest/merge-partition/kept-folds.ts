import type { Dataset } from '../../../core/dataset/dataset.ts';
import { emptyFold, type Fold, foldFurther, pageOfFold } from '../../../core/projections/fold.ts';
import type { PageSeries } from '../../../core/statistics/page-bytes.ts';

/** A day that a month's page is folded from. */
interface FoldedDay {
  readonly bytes: Uint8Array;
  /** The same, decoded, as far as it belongs on the month's page. */
  readonly series: () => PageSeries;
}

/**
 * Folds the days of months, and keeps what the days came to that were as they had been the last time: a process that merges one day after the other of a month
 * folds from the first day on that changed. It saves work and decides nothing: days are compared byte by byte with those that were folded.
 */
export interface KeptFolds {
  /**
   * @param place which page of which month it is: of each one fold is kept
   * @param folded what the days come to, where that is known: then nothing is folded, only kept which days they were
   */
  fold(dataset: Dataset, place: string, days: readonly FoldedDay[], folded?: PageSeries): PageSeries;
}

/** In bytes of day pages: folded states take some times as much, beside the partitions in work. */
const maxKeptBytes = 24 * 2 ** 20;

interface Kept {
  readonly pages: readonly Uint8Array[];
  readonly bytes: number;
  /** What the first days of `pages` came to. */
  readonly first: { readonly days: number; readonly fold: Fold };
}

/** Keeps those that were asked for last. */
export function createKeptFolds(maxBytes = maxKeptBytes): KeptFolds {
  const kept = new Map<string, Kept>();
  let total = 0;
  const forget = (place: string, { bytes }: Kept): void => {
    kept.delete(place);
    total -= bytes;
  };
  return {
    fold(dataset, place, days, folded) {
      const pages = days.map(({ bytes }) => bytes);
      const seriesOf = (from: number, to?: number) => days.slice(from, to).map(({ series }) => series());
      const known = kept.get(place);
      if (known !== undefined) forget(place, known);
      const unchanged = sameAtStart(known?.pages ?? [], pages);
      const isOfThese = known !== undefined && known.first.days <= unchanged;
      let first = isOfThese ? known.first : { days: 0, fold: emptyFold };
      if (first.days < unchanged && folded === undefined)
        first = {
          days: unchanged,
          fold: foldFurther(dataset, first.fold, seriesOf(first.days, unchanged)),
        };
      const whole = folded ?? pageOfFold(dataset, foldFurther(dataset, first.fold, seriesOf(first.days)));
      const bytes = pages.reduce((sum, { length }) => sum + length, 0);
      kept.set(place, { pages, bytes, first });
      total += bytes;
      for (const [other, of] of kept) {
        if (total <= maxBytes) break;
        forget(other, of);
      }
      return whole;
    },
  };
}

/** How many pages are the same at the start of both. */
function sameAtStart(a: readonly Uint8Array[], b: readonly Uint8Array[]): number {
  const differs = b.findIndex((page, at) => {
    const other = a[at];
    return other === undefined || Buffer.compare(page, other) !== 0;
  });
  return differs === -1 ? b.length : differs;
}
