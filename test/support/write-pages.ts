import type { PageSeries } from '../../core/statistics/page-bytes.ts';
import { pageAt, pageHash } from '../../core/statistics/pages.ts';
import { bytesOrSplit, inOrder, layOut } from '../../handlers/ingest/merge-partition/lay-out.ts';
import type { PagePlace, PageStore, ShardPeriod, StatisticsPage } from '../../ports/pages.ts';

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
