import { createPageStore } from '../../adapters/dynamodb/statistics-table.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { shardOf } from '../../core/partition/partition.ts';
import { addSums, sumsOfValue } from '../../core/statistics/exact-sums.ts';
import type { PageSeries } from '../../core/statistics/page-bytes.ts';
import { pageAt, pageHash } from '../../core/statistics/pages.ts';
import type { PeriodStatistics } from '../../core/statistics/statistics.ts';
import { bytesOrSplit, inOrder, layOut } from '../../handlers/ingest/merge-partition/lay-out.ts';
import type { PagePlace, PageStore, ShardPeriod, StatisticsPage } from '../../ports/pages.ts';
import type { DynamoDb } from './dynamodb-tables.ts';

/** Writes the pages of a shard's period, cut where they have more than `most` series; answers how many there are. */
export async function writePages(
  store: PageStore,
  of: ShardPeriod,
  series: PageSeries,
  { version = 1, most = 256, ...open }: { version?: number; most?: number; openFrom?: string } = {},
): Promise<number> {
  type Laid = PagePlace & { bytes: Uint8Array; stored: StatisticsPage | undefined };
  const pages = await layOut<Laid>(
    {
      stored: async (n) => (await store.read(of, [n])).get(n),
      async pageOf(place, stored) {
        const on = [...series].filter(([id]) => pageAt(pageHash(id), place.depth) === place.n);
        const bytes = bytesOrSplit(new Map(on), place, most);
        return bytes === 'split' ? 'split' : { ...place, bytes, stored };
      },
    },
    [...series.keys()].map(pageHash),
  );
  await inOrder(pages, ({ n, depth, bytes }) => store.write(of, { n, depth, version, bytes, ...open }));
  return pages.length;
}

/** As a merge does: a period's pages, with these series in their shards. */
export async function writeSeries(
  { documents, tables }: DynamoDb,
  of: { dataset: Dataset; period: string; series: Readonly<Record<string, PeriodStatistics>> },
  options: { version?: number; most?: number } = {},
): Promise<void> {
  const { storageName, shards } = of.dataset;
  const store = createPageStore(documents, tables.statistics);
  const ofShards = Map.groupBy(Object.entries(of.series), ([id]) => shardOf(id, shards));
  for (const [shard, series] of ofShards)
    await writePages(store, { dataset: storageName, shard, period: of.period }, new Map(series), options);
}

/** Of two readings of a temperature, 1 below the mean and 1 above it. */
export function twoReadings(mean: number): PeriodStatistics {
  const sums = addSums([sumsOfValue(mean - 1), sumsOfValue(mean + 1)]);
  const temperature = { count: 2, sums, min: mean - 1, minAt: 1, max: mean + 1, maxAt: 2 };
  return { count: 2, contested: 0, measures: { temperature }, alerts: {} };
}
