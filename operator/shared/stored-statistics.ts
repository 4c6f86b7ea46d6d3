import type { Dataset } from '../../core/dataset/dataset.ts';
import { shardOf } from '../../core/partition/partition.ts';
import { decodePage } from '../../core/statistics/page-bytes.ts';
import { pageHash } from '../../core/statistics/pages.ts';
import type { PeriodStatistics } from '../../core/statistics/statistics.ts';
import { storedOnTheWay } from '../../handlers/ingest/merge-partition/lay-out.ts';
import type { PageStore } from '../../ports/pages.ts';

/** What is stored of one series over a day or month, withdrawn readings included: a series of which all are has a count of 0. */
export interface StoredStatistics {
  /** Of its page. */
  readonly version: number;
  readonly statistics: PeriodStatistics;
}

/** @throws {StoreUnavailable} {StatisticsFormatUnknown} {StatisticsUnreadable} */
export async function storedStatistics(
  pages: Pick<PageStore, 'read'>,
  { dataset, sensorId, period }: { dataset: Dataset; sensorId: string; period: string },
): Promise<StoredStatistics | undefined> {
  const of = { dataset: dataset.storageName, shard: shardOf(sensorId, dataset.shards), period };
  const onTheWay = await storedOnTheWay(pages, of, [pageHash(sensorId)]);
  for (const page of onTheWay.values()) {
    const statistics = page && decodePage(page.bytes).get(sensorId);
    if (page !== undefined && statistics !== undefined) return { version: page.version, statistics };
  }
  return undefined;
}
