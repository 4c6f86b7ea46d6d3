import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { shardOf } from '../../core/partition/partition.ts';
import { countsOnPage, decodePage } from '../../core/statistics/page-bytes.ts';
import type { WantedIds } from '../../core/statistics/page-ids.ts';
import { nextPage, pageAt, pageHash, splitOff } from '../../core/statistics/pages.ts';
import { mergeStatistics, type PeriodStatistics } from '../../core/statistics/statistics.ts';
import { dayName, parseDay } from '../../core/time/calendar.ts';
import type { PagePlace, ShardPeriod, StatisticsPage } from '../../ports/pages.ts';
import type { PeriodOfShard, SeriesRow, StatisticsQueries } from '../../ports/queries.ts';
import { batchGet } from './calls.ts';
import type { Item } from './items.ts';
import { openDayPages } from './open-days.ts';
import { createRecentReads } from './recent-reads.ts';
import { pageKey, pageOf, pagesKey, pagesOf, periodOf, queryPages } from './statistics-table.ts';

/** Pages of which the items are read at once for one period: some megabytes. */
const pagesAtOnce = 64;
/** Most periods of one series that are read at once. */
const mostPeriods = 128;

/** Days of one series that are read by one of the queries that run at once for many of them. */
const daysAtOnce = 64;
/** Queries that run at once for a series: more of them wait for each other. */
const mostStretches = 8;

/** Periods not found under the number that was guessed, up to which they are asked for one by one. */
const fewMissing = 16;

/** Periods of one kind from one to another, both included, in their order or against it. */
interface PeriodSpan {
  readonly from: string;
  readonly to: string;
  readonly isBackward?: boolean;
  /** How many pages are read at once: no more than the caller is likely to need. */
  readonly atOnce: number;
}

/**
 * Of a table that is asked for page by page each page needs all of a period: it is kept for the next one, which mostly follows at once. Some
 * 150,000 series of three measures.
 */
const recent = { maxBytes: 16 * 2 ** 20, maxAgeMs: 10_000 };

/** From the newest on: most series that are asked for still report. */
const everyMonth = { from: '0000-01', to: '9999-12', atOnce: 1, isBackward: true };

/** The table as the queries see it. The role needs `dynamodb:Query` and `BatchGetItem`. */
export function createStatisticsQueries(documents: DynamoDBDocumentClient, table: string): StatisticsQueries {
  /** How deep the pages of a shard were cut that were read last: mostly those of other periods are as deep. */
  const lastDepth = new Map<string, number>();
  const recentPeriods = createRecentReads<readonly PeriodPage[]>({ ...recent, nowMs: Date.now });

  async function* rowsOfSeries(
    { dataset, sensorId }: { dataset: Dataset; sensorId: string },
    span: PeriodSpan,
  ): AsyncGenerator<SeriesRow> {
    const shard = { dataset: dataset.storageName, shard: shardOf(sensorId, dataset.shards) };
    const hash = pageHash(sensorId);
    const place = { n: hash, depth: 32 };
    for await (const pages of pagesOfSeries(shard, hash, span)) {
      const parts = pages.map(([month, page]) => ({ month, page, place }));
      const openDays = await openDayPages(documents, table, shard, parts);
      for (const [index, [period, page]] of pages.entries()) {
        const found = [page, ...(openDays[index] ?? [])].flatMap(
          ({ bytes }) => decodePage(bytes, sensorId).get(sensorId) ?? [],
        );
        const statistics = statisticsOf(dataset, found);
        if (statistics.count > 0) yield { sensorId, period, statistics };
      }
    }
  }

  /**
   * The page of each period on which a series with this hash is or would be, some periods at a time. Looks under the number that it has
   * where pages are as deep as those that were read last; periods that have none there are looked for from page 0 on.
   */
  async function* pagesOfSeries(
    shard: Omit<ShardPeriod, 'period'>,
    hash: number,
    span: PeriodSpan,
  ): AsyncGenerator<[period: string, StatisticsPage][]> {
    const { isBackward = false } = span;
    const name = `${shard.dataset}#${shard.shard}`;
    const guess = pageAt(hash, lastDepth.get(name) ?? 0);
    const collected = async (
      items: readonly Item[],
      some: PeriodSpan,
      done: string | undefined,
    ): Promise<[string, StatisticsPage][]> => {
      const pages = pagesByPeriod(items);
      if (guess !== 0) {
        const missing = (await periodsWithPages(shard, some, pages.size)).filter(
          (period) => period !== done && !pages.has(period),
        );
        const found = await batchGet(
          documents,
          table,
          missing.map((period) => pageKey({ ...shard, period }, 0)),
        );
        for (const [period, page] of pagesByPeriod(found)) pages.set(period, page);
      }
      const found = await followed(shard, hash, pages);
      for (const { depth } of found.values()) lastDepth.set(name, depth);
      return [...found].sort(([a], [b]) => (a < b === isBackward ? 1 : -1));
    };
    let rest = span;
    let done: string | undefined;
    let items: Item[] = [];
    for await (const item of queryPages(documents, table, { pages: pagesKey(shard, guess), ...span })) {
      const period = periodOf(item);
      items.push(item);
      if (items.length < span.atOnce) continue;
      yield collected(items, isBackward ? { ...rest, from: period } : { ...rest, to: period }, done);
      rest = isBackward ? { ...rest, to: period } : { ...rest, from: period };
      [done, items] = [period, []];
    }
    yield collected(items, rest, done);
  }

  /**
   * The periods of a span that have pages of the shard at all, of which each has a page 0; or all there are, where few of them were not found
   * under another number: asking for those alone reads less than the pages 0 of the others.
   */
  async function periodsWithPages(
    shard: Omit<ShardPeriod, 'period'>,
    span: PeriodSpan,
    found: number,
  ): Promise<string[]> {
    const all = daysOfSpan(span);
    if (all !== undefined && all.length - found <= fewMissing) return all;
    const items = queryPages(documents, table, { ...span, pages: pagesKey(shard, 0), keysOnly: true });
    return (await Array.fromAsync(items)).map(periodOf);
  }

  /** Goes on from pages on the way to a series, of several periods at once, to those that it is on; where none is, it has none. */
  async function followed(
    shard: Omit<ShardPeriod, 'period'>,
    hash: number,
    pages: ReadonlyMap<string, StatisticsPage>,
  ): Promise<Map<string, StatisticsPage>> {
    const found = new Map<string, StatisticsPage>();
    for (let on = new Map(pages); on.size > 0; ) {
      const next: { period: string; n: number }[] = [];
      for (const [period, page] of on) {
        const n = nextPage(hash, page.n, page.depth);
        if (n === page.n) found.set(period, page);
        else next.push({ period, n });
      }
      const items = await batchGet(
        documents,
        table,
        next.map(({ period, n }) => pageKey({ ...shard, period }, n)),
      );
      on = pagesByPeriod(items);
    }
    return found;
  }

  /**
   * All pages of a period of a shard that any of its series, or of `only`, can be on, from page 0 on, some at a time: each says which
   * others there are.
   */
  async function* pagesOfPeriod({
    dataset,
    period,
    shard,
    only,
  }: PeriodOfShard): AsyncGenerator<readonly PeriodPage[]> {
    const of = { dataset: dataset.storageName, shard, period };
    const name = `${of.dataset}#${shard}`;
    const hashes = only && [...only].filter((id) => shardOf(id, dataset.shards) === shard).map(pageHash);
    const mayHold = (n: number, depth: number): boolean =>
      hashes === undefined || hashes.some((hash) => pageAt(hash, depth) === n);
    const known = new Map<number, StatisticsPage | undefined>();
    // Cut as those that were read last, all of them are known at once.
    const depth = Math.min(lastDepth.get(name) ?? 0, Math.log2(pagesAtOnce));
    let ahead = Array.from({ length: 2 ** depth }, (_, n) => n).filter((n) => mayHold(n, depth));
    for (let places: PagePlace[] = [{ n: 0, depth: 0 }]; places.length > 0; ahead = []) {
      const unread = new Set([...ahead, ...places.map(({ n }) => n)].filter((n) => !known.has(n)));
      const numbers = [...unread].slice(0, pagesAtOnce);
      const items = await batchGet(
        documents,
        table,
        numbers.map((n) => pageKey(of, n)),
      );
      numbers.forEach((n, index) => {
        const item = items[index];
        known.set(n, item && pageOf(item));
      });
      const next: PagePlace[] = [];
      const found: StatisticsPage[] = [];
      for (const place of places) {
        const page = known.get(place.n);
        if (!known.delete(place.n)) next.push(place);
        if (page === undefined) continue;
        lastDepth.set(name, page.depth);
        next.push(
          ...splitOff(page.n, place.depth, page.depth).filter((other) => mayHold(other.n, other.depth)),
        );
        if (mayHold(page.n, page.depth)) found.push(page);
      }
      const parts = found.map((page) => ({ month: period, page, place: page }));
      const openDays = await openDayPages(documents, table, of, parts);
      yield found.map((page, index) => ({ page, openDays: openDays[index] ?? [] }));
      places = next;
    }
  }

  /** As {@link pagesOfPeriod}; of an answer in pages, what its page before has read. */
  async function* pagesOfAnswer(query: PeriodOfShard): AsyncGenerator<readonly PeriodPage[]> {
    const { dataset, period, shard, only, answer } = query;
    const name = `${dataset.storageName}#${shard}#${period}`;
    const known = answer === 'later page' ? recentPeriods.find(name) : undefined;
    if (known !== undefined) {
      yield known;
      return;
    }
    if (answer === undefined || only !== undefined) {
      yield* pagesOfPeriod(query);
      return;
    }
    const read: PeriodPage[] = [];
    let bytes = 0;
    for await (const pages of pagesOfPeriod(query)) {
      yield pages;
      for (const { page, openDays } of pages)
        for (const each of [page, ...openDays]) bytes += each.bytes.length;
      if (bytes <= recent.maxBytes) read.push(...pages);
      else read.length = 0; // too much to be kept
    }
    recentPeriods.keep(name, read, bytes);
  }

  return {
    async ofSeries({ limit, ...query }) {
      const stretches = stretchesOf({ ...query, limit });
      if (stretches.length > 1) {
        const found = await Promise.all(
          stretches.map((stretch) =>
            // One more than there can be: DynamoDB says of a page with as many as were asked for that there may be others.
            Array.fromAsync(rowsOfSeries(query, { ...stretch, atOnce: daysAtOnce + 1 })),
          ),
        );
        return { rows: found.flat(), more: false };
      }
      const rows: SeriesRow[] = [];
      const atOnce = Math.min(limit + 1, mostPeriods); // one more tells whether there are more
      for await (const row of rowsOfSeries(query, { ...query, atOnce })) {
        if (rows.length === limit) return { rows, more: true };
        rows.push(row);
      }
      return { rows, more: false };
    },

    async monthBefore({ month, ...series }) {
      const before = { ...everyMonth, to: month, atOnce: 2 };
      for await (const row of rowsOfSeries(series, before)) if (row.period < month) return row;
      return undefined;
    },

    async hasSeries(series) {
      for await (const _ of rowsOfSeries(series, everyMonth)) return true;
      return false;
    },

    async *ofPeriod(query) {
      const { dataset, period } = query;
      for await (const pages of pagesOfAnswer(query)) {
        for (const page of pages) {
          yield [...seriesOf(page, query, decodePage)]
            .map(([sensorId, found]) => ({ sensorId, period, statistics: statisticsOf(dataset, found) }))
            .filter(({ statistics }) => statistics.count > 0);
        }
      }
    },

    async countsOf(query) {
      const counts = new Map<string, number>();
      for await (const pages of pagesOfAnswer(query)) {
        for (const page of pages) {
          for (const [sensorId, found] of seriesOf(page, query, countsOnPage)) {
            const count = found.reduce((sum, one) => sum + one, 0);
            if (count > 0) counts.set(sensorId, count);
          }
        }
      }
      return counts;
    },

    async hasPeriod(query) {
      for await (const pages of pagesOfPeriod(query)) {
        for (const page of pages)
          for (const found of seriesOf(page, query, countsOnPage).values())
            if (found.some((count) => count > 0)) return true;
      }
      return false;
    },
  };
}

/** Days that an answer has room for as stretches to be read side by side; one for other periods, and for what would take too many. */
function stretchesOf({
  from,
  to,
  limit,
}: {
  from: string;
  to: string;
  limit: number;
}): { from: string; to: string }[] {
  const [first, last] = [parseDay(from), parseDay(to)];
  if (first === undefined || last === undefined || last - first >= limit) return [{ from, to }];
  const count = Math.ceil((last - first + 1) / daysAtOnce);
  if (count > mostStretches) return [{ from, to }];
  return Array.from({ length: count }, (_, index) => {
    const start = first + index * daysAtOnce;
    return { from: dayName(start), to: dayName(Math.min(last, start + daysAtOnce - 1)) };
  });
}

/** The days of a span; `undefined` of other periods, and of more days than are read at once. */
function daysOfSpan({ from, to }: PeriodSpan): string[] | undefined {
  const [first, last] = [parseDay(from), parseDay(to)];
  if (first === undefined || last === undefined || last - first >= mostPeriods) return undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => dayName(first + index));
}

/** Pages of one number, by their periods; items that are not there are passed over. */
function pagesByPeriod(items: readonly (Item | undefined)[]): Map<string, StatisticsPage> {
  const there = items.filter((item) => item !== undefined);
  const pages = pagesOf(there);
  return new Map(there.map((item, index) => [periodOf(item), pages[index] as StatisticsPage])); // one for each
}

/** A page of a period; of a month with the pages of those of its days that it leaves to them, some of which have other series too. */
interface PeriodPage {
  readonly page: StatisticsPage;
  readonly openDays: readonly StatisticsPage[];
}

/** What is found of each wanted series of a page: of a month on its page and on those of its open days. */
function seriesOf<Found>(
  { page, openDays }: PeriodPage,
  { only, wants }: Pick<PeriodOfShard, 'only' | 'wants'>,
  read: (bytes: Uint8Array, wanted: WantedIds) => ReadonlyMap<string, Found>,
): Map<string, Found[]> {
  const wanted = { has: (id: string) => only?.has(id) !== false && wants?.(id) !== false };
  const found = new Map<string, Found[]>();
  for (const { bytes } of [page, ...openDays]) {
    for (const [sensorId, of] of read(bytes, wanted)) {
      if (pageAt(pageHash(sensorId), page.depth) !== page.n) continue;
      const known = found.get(sensorId);
      if (known) known.push(of);
      else found.set(sensorId, [of]);
    }
  }
  return found;
}

/** Measures and rules that the dataset no longer has stay where nothing is to be added. */
const statisticsOf = (dataset: Dataset, found: readonly PeriodStatistics[]): PeriodStatistics =>
  found.length === 1 ? (found[0] as PeriodStatistics) : mergeStatistics(dataset, found);
