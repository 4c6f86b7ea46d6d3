import { maxPageBytes, maxPageDepth, maxSeriesOnPage, seriesOnPage } from '../../core/statistics/pages.ts';

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
  return cutTo(series, seriesOnPage({ measureNames, alerts: {} }));
}

/** As {@link cutOf}, of states of entities of so many events in the page's period, which are a quarter as long once they are compressed. */
export function cutOfStates(entities: number, of: StateOf): Cut {
  const most = Math.floor(maxPageBytes / (4 * stateBytes(of)));
  return cutTo(entities, Math.max(1, Math.min(maxSeriesOnPage, most)));
}

function cutTo(series: number, most: number): Cut {
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

/** The state of an entity of which so many events are in a page's period. */
interface StateOf {
  readonly events: number;
  readonly isMonth: boolean;
}

/**
 * Bytes of an entity's state on a page, of a projection as `bookings`, which keeps what has not ended in its period: `node bench/streams/projection-pages.ts`
 * measures 26 to 163 bytes of a day of 1.4 to 26 events, 109 to 1,070 of a month of 43 to 783.
 */
const stateBytes = ({ events, isMonth }: StateOf): number =>
  isMonth ? 53 + 1.3 * events : 18 + 5.6 * events;

/** Bytes of the item of a page of states. */
export const statesPageBytes = (
  { seriesOnPage: entities }: Pick<Cut, 'seriesOnPage'>,
  { foldedFrom, ...of }: StateOf & { readonly foldedFrom: number },
): number => 110 + 9 * foldedFrom + entities * stateBytes(of);
