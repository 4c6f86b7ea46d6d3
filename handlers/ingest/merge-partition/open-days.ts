import type { StatisticsPage } from '../../../ports/pages.ts';

/*
 * A month's page leaves its newest days, from today on, to their own pages: else each merge would write two pages to say one thing. Who
 * reads the month adds them.
 *
 * A day is closed, that is folded into the month, in two writes. The first says that it is about to be closed; the days are read after
 * it. So whoever writes the day either reads the month before the first, and then what it wrote is found by the reading after it, or
 * reads it later, and then folds the day too.
 */

/** Which days a month's page is to be folded from, and what it says about others. */
export interface OpenDays {
  /** The first day that is left to its own pages; behind all days of the month where none is. */
  readonly openFrom: string;
  /** Days before this one are to be closed, once the page has said so. */
  readonly closing?: string;
}

/** Behind each day of the month, in the order of days. */
const behind = (month: string): string => `${month}-32`;

/**
 * As a merge on this day has to leave it.
 * @param today local, `YYYY-MM-DD`
 * @param stored the page that the series are on now
 */
export function openDays(month: string, today: string, stored: StatisticsPage | undefined): OpenDays {
  const until = today < behind(month) ? today : behind(month);
  const openFrom = stored === undefined ? until : (stored.closing ?? openAsStored(month, stored).openFrom);
  return openFrom < until ? { openFrom, closing: until } : { openFrom };
}

export const openAsStored = (month: string, stored: StatisticsPage | undefined): OpenDays => ({
  openFrom: stored?.openFrom ?? behind(month),
});

/** What a page says of its open days. */
export function saidOf(
  month: string,
  { openFrom, closing }: OpenDays,
): Pick<StatisticsPage, 'openFrom' | 'closing'> {
  if (openFrom === behind(month)) return {};
  return closing === undefined ? { openFrom } : { openFrom, closing };
}

/** Whether a page says this of its open days. */
export function saysOf(month: string, page: StatisticsPage, open: OpenDays): boolean {
  const said = saidOf(month, open);
  return page.openFrom === said.openFrom && page.closing === said.closing;
}
