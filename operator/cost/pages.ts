import { maxPageDepth, seriesOnPage } from '../../core/statistics/pages.ts';

/** How a shard's series are cut into pages of statistics. */
export interface Cut {
  readonly depth: number;
  readonly pages: number;
  readonly seriesOnPage: number;
}

/**
 * Pages of so many series of a shard. A hash spreads them, so that a page is cut further before it is full on average: with three
 * standard deviations of room, hardly any is.
 */
export function cutOf(series: number, measures: number): Cut {
  const measureNames = Array.from({ length: measures }, (_, index) => `measure-${index}`);
  const most = seriesOnPage({ measureNames, alerts: {} });
  let depth = 0;
  const mean = () => series / 2 ** depth;
  while (mean() + (depth === 0 ? 0 : 3 * Math.sqrt(mean())) > most && depth < maxPageDepth) depth++;
  return { depth, pages: 2 ** depth, seriesOnPage: mean() };
}

/**
 * Bytes of a page's item. Measured by `node bench/pages.ts` and with other numbers of measures and readings: of values with two
 * decimals a measure takes 21 bytes after ten readings, 29 after 1,440 and 33 after 21,600, since sums grow with what is added.
 * @param readings of a series in the page's period
 */
export function pageBytes(
  { seriesOnPage: series }: Pick<Cut, 'seriesOnPage'>,
  { measures, readings, foldedFrom }: { measures: number; readings: number; foldedFrom: number },
): number {
  const measureBytes = 17 + 3.75 * Math.log10(Math.max(1, readings));
  const keysAndVersion = 110;
  return keysAndVersion + 9 * foldedFrom + series * (3 + measures * measureBytes);
}
