import type { Dataset } from '../../../core/dataset/dataset.ts';
import { decodePage, type PageSeries } from '../../../core/statistics/page-bytes.ts';
import { pageAt, pageHash, seriesOnPage } from '../../../core/statistics/pages.ts';
import { mergeStatistics, type PeriodStatistics } from '../../../core/statistics/statistics.ts';
import { localDay } from '../../../core/time/calendar.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Gate } from '../../../ports/concurrency.ts';
import { PartitionConflict } from '../../../ports/faults.ts';
import type { PagePlace, PageStore, ShardPeriod, StatisticsPage } from '../../../ports/pages.ts';
import { backoffMs, maxAttempts } from './attempts.ts';
import { createKeptFolds, type KeptFolds } from './kept-folds.ts';
import { bytesOrSplit, endOfWay, inOrder, layOut, storedOnTheWay } from './lay-out.ts';
import { type OpenDays, openAsStored, openDays, saidOf, saysOf } from './open-days.ts';

export interface MonthPorts {
  statistics: PageStore;
  clock: Clock;
  writes: Gate;
  /** What earlier merges of the process folded; without it each folds whole months. */
  folds?: KeptFolds;
}

export interface MonthWork {
  dataset: Dataset;
  month: ShardPeriod;
  sensorIds: readonly string[];
  /** Days whose pages this merge wrote, or found right. */
  days: readonly string[];
  /**
   * Is called before a month gets its first page: sees to it that every partition of the month has its pages. They may lack where a version
   * of Caudal wrote them that had none, and a month that is folded from some of its days would be wrong in silence.
   */
  bringDays: () => Promise<unknown>;
}

/** A page of a month as its days' pages have it. */
export interface MonthPage extends PagePlace {
  stored: StatisticsPage | undefined;
  foldedFrom: string;
  open: OpenDays;
  /** Absent where it is stored as folded from the same, and trusted. */
  bytes?: Uint8Array;
}

/**
 * Makes the month pages of these sensors say what their day pages say, those of open days apart: see `open-days.ts`. A merge of open days
 * alone finds its months right as they are.
 *
 * A page names the versions of the day pages that it was folded from, which tell whether it is behind, and is written at one more than
 * the version that was read before the days were. So of two that fold at once one finds the page changed, and folds again: whoever
 * writes a day reads the month after that, and either finds its day in it or writes it.
 *
 * Only the days of this merge have to be read as they are. Of another day an old version may be read; but never one below that which the
 * stored page was folded from, so that what a month has once had of a day it keeps, and whoever wrote the newer one writes the month.
 *
 * @throws {PartitionConflict} when the pages kept changing for all attempts
 */
export async function settleMonth(
  { statistics, clock, writes, folds = createKeptFolds() }: MonthPorts,
  { dataset, month, sensorIds, days, bringDays }: MonthWork,
): Promise<void> {
  const hashes = sensorIds.map(pageHash);
  const unread = new Set<number>();
  let isBrought = false;
  let isContended = false;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    if (isContended) await clock.pause(backoffMs(attempt, clock.random()));
    const pages = await pagesOfMonth(statistics, {
      ...{ dataset, month, hashes, folds },
      writing: { days, today: localDay(dataset.timeZone, clock.nowMs()), unread },
      async beforeFirst() {
        if (!isBrought) await bringDays();
        isBrought = true;
      },
    });
    const due = pages.flatMap(({ bytes, ...page }) => (bytes === undefined ? [] : [{ ...page, bytes }]));
    const written = await inOrder(due, ({ n, depth, stored, foldedFrom, open, bytes }) => {
      const version = (stored?.version ?? 0) + 1;
      const page = { n, depth, version, bytes, foldedFrom, ...saidOf(month.period, open) };
      return writes(() => statistics.write(month, page));
    });
    isContended = written.includes('superseded');
    if (!isContended && pages.every(({ open }) => open.closing === undefined)) return;
  }
  const { dataset: name, shard, period } = month;
  throw new PartitionConflict(
    `statistics of ${name} ${period}, shard ${shard}, kept changing for ${maxAttempts} attempts`,
  );
}

/**
 * The pages of a month on which series with these hashes are, as its days' pages have them. Reads what is stored of the month first, then
 * the days: a page that is found to be needed later is mostly not there yet. Who writes takes it for absent, and finds out by the write; for others it
 * begins again.
 * @param of.writing days that are read as they are, and the local day it is: a stored page that names what it would be folded from is not
 *   folded again. Where it is absent, all are folded from days as they are, and open as they are stored
 * @param of.beforeFirst is waited for between the two where the month has no page yet
 */
export async function pagesOfMonth(
  statistics: Omit<PageStore, 'write'>,
  {
    dataset,
    month,
    hashes,
    writing,
    folds = createKeptFolds(),
    beforeFirst = async () => {},
  }: {
    dataset: Dataset;
    month: ShardPeriod;
    hashes: readonly number[];
    writing?: Writing;
    folds?: KeptFolds;
    beforeFirst?: () => Promise<unknown>;
  },
): Promise<MonthPage[]> {
  const further = writing?.unread ?? new Set<number>();
  const fresh = writing?.days ?? 'all';
  for (;;) {
    const stored = await storedOnTheWay(statistics, month, hashes);
    if (stored.get(0) === undefined) await beforeFirst();
    const others = [...further].filter((n) => !stored.has(n));
    if (others.length > 0) {
      const read = await statistics.read(month, others);
      for (const n of others) stored.set(n, read.get(n));
    }
    const before = further.size;
    const pages = await layOut<MonthPage>(
      {
        async stored(n) {
          if (!stored.has(n)) further.add(n);
          return stored.get(n);
        },
        pageOf: pageFolder(
          { dataset, month, days: new DayPages(statistics, month, fresh), writing, folds },
          stored,
        ),
      },
      hashes,
    );
    if (writing !== undefined || further.size === before) return pages;
  }
}

interface Writing {
  readonly days: readonly string[];
  /** Local, `YYYY-MM-DD`. */
  readonly today: string;
  /** Numbers of pages that were taken for absent before, and are read now; takes those that are taken for absent now. */
  readonly unread: Set<number>;
}

/** @param onTheWay what is stored of the month */
function pageFolder(
  {
    dataset,
    month,
    days,
    writing,
    folds,
  }: {
    dataset: Dataset;
    month: ShardPeriod;
    days: DayPages;
    writing: Writing | undefined;
    folds: KeptFolds;
  },
  onTheWay: ReadonlyMap<number, StatisticsPage | undefined>,
) {
  const { period } = month;
  const most = seriesOnPage(dataset);
  /** What was folded and is too large for a page, by its place: it is cut, and not folded again. */
  const cut = new Map<string, { of: readonly DayPage[]; series: PageSeries }>();
  const cutFrom = ({ n, depth }: PagePlace, of: readonly DayPage[]) => {
    const above = cut.get(`${pageAt(n, depth - 1)}#${depth - 1}`);
    const isOfThese =
      of.length === above?.of.length && of.every(({ page }, at) => page === above.of[at]?.page);
    return isOfThese ? under({ n, depth }, above.series) : undefined;
  };
  const name = `${month.dataset}#${month.shard}#${period}`;
  return async (place: PagePlace, stored: StatisticsPage | undefined): Promise<MonthPage | 'split'> => {
    const asDeep = stored?.depth === place.depth ? stored : undefined;
    // Of a page that splits off, the one that its series are on until then says which days are open.
    const holder = asDeep ?? onTheWay.get(endOfWay(onTheWay, place.n));
    const open = writing ? openDays(period, writing.today, holder) : openAsStored(period, holder);
    const isClosing = stored?.closing !== undefined;
    if (writing && asDeep && !isClosing) {
      const foldedFrom = asDeep.foldedFrom ?? '';
      if (open.closing !== undefined) return { ...place, stored, foldedFrom, open, bytes: asDeep.bytes };
      if (writing.days.every((day) => day >= open.openFrom)) return { ...place, stored, foldedFrom, open };
    }
    const found = await days.since(place.n, isClosing ? undefined : stored?.foldedFrom);
    const of = found.filter(({ day }) => day < open.openFrom);
    if (of.some(({ page }) => page.depth > place.depth)) return 'split';
    const foldedFrom = of.map(({ day, page }) => `${day.slice(8)}:${page.n}:${page.version}`).join(' ');
    if (writing && asDeep?.foldedFrom === foldedFrom && saysOf(period, asDeep, open))
      return { ...place, stored, foldedFrom, open };
    const seriesOf = ({ page, series: decoded }: DayPage): PageSeries =>
      page.depth === place.depth ? decoded() : under(place, decoded());
    const folded = cutFrom(place, of);
    const series =
      dataset.holds === 'projections'
        ? folds.fold(
            dataset,
            `${name}#${place.n}#${place.depth}`,
            of.map((day) => ({ bytes: day.page.bytes, series: () => seriesOf(day) })),
            folded,
          )
        : (folded ?? fold(dataset, of.map(seriesOf)));
    const bytes = bytesOrSplit(series, place, most);
    if (bytes !== 'split') return { ...place, stored, foldedFrom, open, bytes };
    cut.set(`${place.n}#${place.depth}`, { of, series });
    return 'split';
  };
}

interface DayPage {
  readonly day: string;
  readonly page: StatisticsPage;
  readonly series: () => PageSeries;
}

/** The pages of a month's days: those with one number are read together, and decoded once. */
class DayPages {
  readonly #statistics: Pick<PageStore, 'daysOfMonth'>;
  readonly #month: ShardPeriod;
  readonly #fresh: readonly string[] | 'all';
  readonly #read = new Map<string, Promise<Map<string, StatisticsPage>>>();
  readonly #decoded = new Map<StatisticsPage, PageSeries>();

  constructor(
    statistics: Pick<PageStore, 'daysOfMonth'>,
    month: ShardPeriod,
    fresh: readonly string[] | 'all',
  ) {
    this.#statistics = statistics;
    this.#month = month;
    this.#fresh = fresh;
  }

  /**
   * Of each day the page that a month's page `n` has its series from, in the order of the days.
   * @param foldedFrom of the stored page: no day is older than there. Without it all days are read as they are
   */
  async since(n: number, foldedFrom: string | undefined): Promise<DayPage[]> {
    if (foldedFrom === undefined) return this.#at(n, 'all');
    const found = await this.#at(n, this.#fresh);
    return isAsNew(found, n, foldedFrom) ? found : this.#at(n, 'all');
  }

  async #at(n: number, fresh: readonly string[] | 'all'): Promise<DayPage[]> {
    const way = [...new Set(Array.from({ length: 33 }, (_, bits) => pageAt(n, bits)))]; // from 0 on, ever nearer
    const found = new Map<string, StatisticsPage>();
    for (const pages of await Promise.all(way.map((number) => this.#pages(number, fresh))))
      for (const [day, page] of pages) found.set(day, page); // the last is the nearest
    return [...found]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([day, page]) => ({ day, page, series: () => this.#decode(page) }));
  }

  #pages(n: number, fresh: readonly string[] | 'all'): Promise<Map<string, StatisticsPage>> {
    const name = `${n} ${fresh === 'all'}`;
    const known = this.#read.get(name) ?? this.#statistics.daysOfMonth(this.#month, n, fresh);
    this.#read.set(name, known);
    return known;
  }

  #decode(page: StatisticsPage): PageSeries {
    const known = this.#decoded.get(page) ?? decodePage(page.bytes);
    this.#decoded.set(page, known);
    return known;
  }
}

/**
 * Whether what was found of each day has the series of a month's page `n`, and is no older than what that page was folded from. Versions of
 * a day's pages grow: one that was split off has a higher version than all that it was split off from had before.
 */
function isAsNew(found: readonly DayPage[], n: number, foldedFrom: string): boolean {
  if (found.some(({ page }) => page.n !== pageAt(n, page.depth))) return false; // it was cut, and the other half is missing
  const pages = new Map(found.map(({ day, page }) => [day.slice(8), page]));
  return foldedFrom
    .split(' ')
    .filter(Boolean)
    .every((entry) => {
      const [day = '', number, version] = entry.split(':');
      const page = pages.get(day);
      if (page === undefined) return false;
      return page.n === Number(number) ? page.version >= Number(version) : page.version > Number(version);
    });
}

/** The series of a page that belong to a place further down. */
function under({ n, depth }: PagePlace, series: PageSeries): PageSeries {
  return new Map([...series].filter(([sensorId]) => pageAt(pageHash(sensorId), depth) === n));
}

/** The statistics of each series over all of the days. */
function fold(dataset: Dataset, days: readonly PageSeries[]): Map<string, PeriodStatistics> {
  const parts = new Map<string, PeriodStatistics[]>();
  for (const day of days) {
    for (const [sensorId, statistics] of day) {
      const known = parts.get(sensorId);
      if (known) known.push(statistics);
      else parts.set(sensorId, [statistics]);
    }
  }
  return new Map(Array.from(parts, ([sensorId, of]) => [sensorId, mergeStatistics(dataset, of)]));
}
