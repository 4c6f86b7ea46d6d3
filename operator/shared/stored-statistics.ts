import type { Dataset } from '../../core/dataset/dataset.ts';
import { shardOf } from '../../core/partition/partition.ts';
import { decodePage } from '../../core/statistics/page-bytes.ts';
import { pageHash } from '../../core/statistics/pages.ts';
import { mergeStatistics, type PeriodStatistics } from '../../core/statistics/statistics.ts';
import { daysOfMonth } from '../../core/time/calendar.ts';
import { endOfWay, storedOnTheWay } from '../../handlers/ingest/merge-partition/lay-out.ts';
import type { PageStore } from '../../ports/pages.ts';

/** What is stored of one series over a day or month, withdrawn readings included: a series of which all are has a count of 0. */
export interface StoredStatistics {
  /** Of its page; of a month not that of the days that it leaves to theirs. */
  readonly version: number;
  readonly statistics: PeriodStatistics;
}

/** @throws {StoreUnavailable} {StatisticsFormatUnknown} {StatisticsUnreadable} */
export async function storedStatistics(
  pages: Pick<PageStore, 'read'>,
  { dataset, sensorId, period }: { dataset: Dataset; sensorId: string; period: string },
): Promise<StoredStatistics | undefined> {
  const of = { dataset: dataset.storageName, shard: shardOf(sensorId, dataset.shards), period };
  const hash = pageHash(sensorId);
  const onTheWay = await storedOnTheWay(pages, of, [hash]);
  const page = onTheWay.get(endOfWay(onTheWay, hash));
  if (page === undefined) return undefined;
  const own = decodePage(page.bytes).get(sensorId);
  const { openFrom } = page;
  const openDays = openFrom === undefined ? [] : daysOfMonth(period).filter((day) => day >= openFrom);
  const days = await Promise.all(
    openDays.map((day) => storedStatistics(pages, { dataset, sensorId, period: day })),
  );
  const found = [own, ...days.map((day) => day?.statistics)].filter((one) => one !== undefined);
  if (found.length === 0) return undefined;
  return {
    version: page.version,
    statistics: found.length === 1 ? (found[0] as PeriodStatistics) : mergeStatistics(dataset, found),
  };
}
