import { encodePage, type PageSeries } from '../../../core/statistics/page-bytes.ts';
import { leastDepth, maxPageBytes, maxPageDepth, nextPage, pageAt } from '../../../core/statistics/pages.ts';
import type { PeriodStatistics } from '../../../core/statistics/statistics.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import type { PagePlace, PageStore, ShardPeriod, StatisticsPage } from '../../../ports/pages.ts';

/** Pages that queue for a write at once. */
const pagesInFlight = 32;

/** Where the pages of one shard and period come from. */
export interface PageSource<Laid> {
  /** What is stored under a number. Is asked several times for the same. */
  stored(n: number): Promise<StatisticsPage | undefined>;
  /** The page as it should be; `split` when it has to be cut further. Its depth is not below that of the stored one. */
  pageOf(place: PagePlace, stored: StatisticsPage | undefined): Promise<Laid | 'split'>;
}

/**
 * The pages on which series with these hashes are, as they should be, and those that a further cut makes: one that splits off another
 * has to say so, and has to have been cut. A page's stored depth is kept where it is deeper, so that numbers are never given up.
 */
export async function layOut<Laid>(source: PageSource<Laid>, hashes: readonly number[]): Promise<Laid[]> {
  return visit({ n: 0, depth: 0 }, hashes);

  async function visit({ n, depth }: PagePlace, touching: readonly number[]): Promise<Laid[]> {
    const stored = await source.stored(n);
    const isSplit = stored !== undefined && stored.depth > depth;
    const page = isSplit ? 'split' : await source.pageOf({ n, depth }, stored);
    if (page !== 'split') return [page];
    const halves = [n, n + 2 ** depth].map((half) => ({
      place: { n: half, depth: depth + 1 },
      touching: touching.filter((hash) => pageAt(hash, depth + 1) === half),
    }));
    const found = await Promise.all(
      halves
        .filter((half) => half.touching.length > 0 || !isSplit)
        .map((half) => visit(half.place, half.touching)),
    );
    return found.flat();
  }
}

/** What is stored on the way from page 0 to series with these hashes: `undefined` under a number where it ends. */
export async function storedOnTheWay(
  statistics: Pick<PageStore, 'read'>,
  of: ShardPeriod,
  hashes: readonly number[],
): Promise<Map<number, StatisticsPage | undefined>> {
  const found = new Map<number, StatisticsPage | undefined>();
  for (let wanted = [0]; wanted.length > 0; ) {
    const pages = await statistics.read(of, wanted);
    for (const n of wanted) found.set(n, pages.get(n));
    const next = new Set(hashes.map((hash) => endOfWay(found, hash)));
    wanted = [...next].filter((n) => !found.has(n));
  }
  return found;
}

/** The number of the last page on the way to a series, as far as pages are known. */
export function endOfWay(pages: ReadonlyMap<number, StatisticsPage | undefined>, hash: number): number {
  let n = 0;
  for (;;) {
    const page = pages.get(n);
    const next = page === undefined ? n : nextPage(hash, n, page.depth);
    if (next === n) return n;
    n = next;
  }
}

/** A page's bytes; `split` when it has more series than it should, or more bytes. */
export function bytesOrSplit(series: PageSeries, { depth }: PagePlace, most: number): Uint8Array | 'split' {
  const canSplit = depth < maxPageDepth && series.size > 1;
  if (canSplit && (series.size > most || haveTooMuchText(series.values()))) return 'split';
  const bytes = encodePage(series);
  return canSplit && bytes.length > maxPageBytes ? 'split' : bytes;
}

/** Whether states alone are more than a page has room for: nothing has to be encoded to know it. */
export function haveTooMuchText(statistics: Iterable<PeriodStatistics>): boolean {
  let characters = 0; // of which each takes a byte at least
  for (const { states = {} } of statistics)
    for (const text of Object.values(states)) characters += text.length;
  return characters > maxPageBytes;
}

/**
 * Writes pages, at once where none of them changes its depth. Otherwise those that split off from a page come before it: it leads to
 * them, so that who reads meanwhile finds all series, be it as they were. Where one of those is superseded, none that may lead there is written.
 */
export async function inOrder<Laid extends PagePlace & { stored: StatisticsPage | undefined }>(
  pages: readonly Laid[],
  write: (page: Laid) => Promise<'written' | 'superseded'>,
): Promise<('written' | 'superseded')[]> {
  const isAsDeep = pages.every(({ depth, stored }) => stored?.depth === depth);
  const rounds = isAsDeep ? [[...pages]] : byParents(pages);
  const outcomes: ('written' | 'superseded')[] = [];
  for (const round of rounds) {
    if (outcomes.includes('superseded')) break;
    outcomes.push(...(await mapBounded(round, pagesInFlight, write)));
  }
  return outcomes;
}

/** Rounds of which each has only pages that no later one splits off: with a bit of the number more than their parents. */
function byParents<Laid extends PagePlace>(pages: readonly Laid[]): Laid[][] {
  const rounds = Map.groupBy(pages, ({ n }) => bitsSet(n));
  return [...rounds].sort(([a], [b]) => b - a).map(([, round]) => round);
}

function bitsSet(n: number): number {
  let bits = 0;
  for (let rest = n; rest > 0; rest = rest - 2 ** (leastDepth(rest) - 1)) bits++;
  return bits;
}
