/**
 * What the merge asks of the outside for pages of statistics. `adapters/dynamodb/statistics-table.ts` implements it. Every call throws
 * `StoreUnavailable` once the service throttles, answers 5xx or does not answer, and the SDK's own retries are spent. The same call
 * succeeds later, and may be repeated: a write that had its effect although its answer was lost is found by its condition.
 */

/** The statistics of one shard of a dataset over one period: some pages. */
export interface ShardPeriod {
  /** `storageName` of the dataset. */
  dataset: string;
  /** 0 to the dataset's `shards` - 1. */
  shard: number;
  /** A local day `YYYY-MM-DD` or month `YYYY-MM`. */
  period: string;
}

/** Which series are on it: see `core/statistics/pages.ts`. */
export interface PagePlace {
  /** 0 to 2^`depth` - 1. */
  n: number;
  depth: number;
}

export interface StatisticsPage extends PagePlace {
  /** Positive integer, and only grows: of a day its partition's, of a month one more with each write. */
  version: number;
  /** `encodePage` of its series. */
  bytes: Uint8Array;
  /** Of a month: which versions of which pages of its days it was folded from. */
  foldedFrom?: string;
  /** Of a month: the first day, `YYYY-MM-DD`, that it leaves to its own pages; who reads the month adds it and later ones. Absent: none. */
  openFrom?: string;
  /** Of a month that leaves days to their own pages: days before this one are about to be folded, by whoever writes one of them too. */
  closing?: string;
}

export interface PageStore {
  /**
   * Pages of a period by their numbers, those that there are. Strongly consistent page by page, not a snapshot of all.
   * @throws {StoreUnavailable} a retry helps
   * @throws {StatisticsFormatUnknown} for a page that a newer version wrote; {StatisticsUnreadable} for a damaged one
   */
  read(of: ShardPeriod, numbers: readonly number[]): Promise<Map<number, StatisticsPage>>;
  /**
   * Page `n` of each day of a month that has one, in the order of the days.
   * @param fresh the days of which it is strongly consistent; of the others, which cost half as much to read, a page may be as it was some
   *   time ago, or not be there yet
   * @throws {StoreUnavailable} {StatisticsFormatUnknown} {StatisticsUnreadable} as `read`
   */
  daysOfMonth(
    month: ShardPeriod,
    n: number,
    fresh: readonly string[] | 'all',
  ): Promise<Map<string, StatisticsPage>>;
  /**
   * Writes if what is stored is older; `superseded`: it is of this version or a newer one, and stays. A repeated write is
   * superseded by itself.
   * @throws {StoreUnavailable} a retry helps
   */
  write(of: ShardPeriod, page: StatisticsPage): Promise<'written' | 'superseded'>;
}

export interface PageRemover {
  /**
   * Removes a page; nothing where there is none.
   * @throws {StoreUnavailable} a retry helps
   */
  remove(of: ShardPeriod, n: number): Promise<void>;
}

/** All pages that a table holds, for who looks for those that should not be there. */
export interface PageLister {
  /**
   * Each page of a dataset, by its place alone, in no order. Eventually consistent; reads the whole table.
   * @throws {StoreUnavailable} while it is iterated; a retry begins at the first again
   */
  list(dataset: string): AsyncIterable<ShardPeriod & { n: number }>;
}
