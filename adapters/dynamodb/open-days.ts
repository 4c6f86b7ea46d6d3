import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { nextPage, pageAt, splitOff } from '../../core/statistics/pages.ts';
import type { PagePlace, ShardPeriod, StatisticsPage } from '../../ports/pages.ts';
import { batchGet } from './calls.ts';
import { pageKey, pageOf, pagesKey, periodOf, queryPages } from './statistics-table.ts';

type Shard = Omit<ShardPeriod, 'period'>;

/** Some series of a month, all on one page of it. */
export interface PartOfMonth {
  /** `YYYY-MM` */
  readonly month: string;
  readonly page: StatisticsPage;
  /** That page's, or one further down. */
  readonly place: PagePlace;
}

/** A day's page on the way to the series of a place. */
interface Step {
  readonly part: number;
  readonly day: string;
  readonly n: number;
  readonly to: PagePlace;
}

/**
 * For each part the pages of its month's open days that have some of its series: those that its page leaves to their own pages. They may have
 * others too. The role needs `dynamodb:Query` and `BatchGetItem`.
 * @throws {StoreUnavailable} {StatisticsFormatUnknown} {StatisticsUnreadable}
 */
export async function openDayPages(
  documents: DynamoDBDocumentClient,
  table: string,
  shard: Shard,
  parts: readonly PartOfMonth[],
): Promise<StatisticsPage[][]> {
  const found = parts.map((): { day: string; page: StatisticsPage }[] => []);
  const known = new Map<string, StatisticsPage>();
  const daysFrom = new Map<string, Promise<string[]>>();
  let steps: Step[] = [];
  const ahead: Step[] = [];
  for (const [part, { month, page, place }] of parts.entries()) {
    if (page.openFrom === undefined) continue;
    const days = daysFrom.get(page.openFrom) ?? daysWithPages(month, page.openFrom);
    daysFrom.set(page.openFrom, days);
    for (const day of await days) {
      const step = { part, day, n: 0, to: place };
      steps.push(step);
      // Most days are cut as their month is: all of the way is read at once.
      for (let bits = 1; bits <= page.depth; bits++) ahead.push({ ...step, n: pageAt(page.n, bits) });
    }
  }
  await read(ahead);
  while (steps.length > 0) {
    await read(steps);
    steps = steps.flatMap((step) => {
      const page = known.get(nameOf(step));
      if (page === undefined) return []; // the day has no series further down
      const n = nextPage(step.to.n, page.n, page.depth);
      if (n !== page.n) return [{ ...step, n }];
      found[step.part]?.push({ day: step.day, page });
      return splitOff(n, step.to.depth, page.depth).map((to) => ({ ...step, n: to.n, to }));
    });
  }
  // In the order of the days, however many steps each took.
  return found.map((pages) => pages.sort((a, b) => (a.day < b.day ? -1 : 1)).map(({ page }) => page));

  /** Each day that has pages has a page 0. */
  async function daysWithPages(month: string, openFrom: string): Promise<string[]> {
    const span = { from: openFrom > `${month}-01` ? openFrom : `${month}-01`, to: `${month}-31` };
    const days: string[] = [];
    for await (const item of queryPages(documents, table, { pages: pagesKey(shard, 0), ...span })) {
      const day = periodOf(item);
      known.set(nameOf({ day, n: 0 }), pageOf(item));
      days.push(day);
    }
    return days;
  }

  async function read(of: readonly Step[]): Promise<void> {
    const wanted = new Map(of.map((step) => [nameOf(step), step]));
    const missing = [...wanted].filter(([name]) => !known.has(name)).map(([, step]) => step);
    const items = await batchGet(
      documents,
      table,
      missing.map(({ day, n }) => pageKey({ ...shard, period: day }, n)),
    );
    for (const item of items) {
      if (item === undefined) continue;
      const page = pageOf(item);
      known.set(nameOf({ day: periodOf(item), n: page.n }), page);
    }
  }
}

const nameOf = ({ day, n }: Pick<Step, 'day' | 'n'>): string => `${day} ${n}`;
