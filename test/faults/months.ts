import { datasets } from '#datasets';
import { pagedOf } from '../../core/projections/states.ts';
import { decodePage, encodePage, type PageSeries } from '../../core/statistics/page-bytes.ts';
import { maxPageDepth, pageAt, pageHash } from '../../core/statistics/pages.ts';
import { mergeStatistics } from '../../core/statistics/statistics.ts';
import type { KeptStatistics } from './kept.ts';

/**
 * How months' pages differ from what the pages of their days come to, those apart that they leave to them. A page names the versions of the
 * day pages that its series are on, as they are: else nobody could tell a stale one.
 */
export function wrongMonths(statistics: ReadonlyMap<string, KeptStatistics>): string[] {
  return [...statistics].flatMap(([key, page]) => {
    const [, shard = '', n = '', period = ''] = /^(.*#)(\d+) month-page#(.*)$/.exec(key) ?? [];
    if (period === '' || page.month === undefined) return [];
    const { foldedFrom, openFrom } = page.month;
    const days = new Map<string, { number: number; page: KeptStatistics }>();
    // From page 0 on, ever nearer: of each day the last that there is has them.
    for (const number of new Set(
      Array.from({ length: maxPageDepth + 1 }, (_, bits) => pageAt(Number(n), bits)),
    )) {
      for (const [name, day] of statistics) {
        const prefix = `${shard}${number} day-page#${period}-`;
        if (!name.startsWith(prefix)) continue;
        const ofMonth = name.slice(prefix.length);
        if (openFrom === undefined || `${period}-${ofMonth}` < openFrom)
          days.set(ofMonth, { number, page: day });
      }
    }
    const sorted = [...days].sort(([a], [b]) => (a < b ? -1 : 1));
    const right = sorted.map(([day, { number, page: of }]) => `${day}:${number}:${of.version}`).join(' ');
    if (foldedFrom !== right) return [`${key}: is folded from ${foldedFrom} instead of ${right}`];
    const dataset = datasets.flatMap(pagedOf).find(({ storageName }) => shard.startsWith(`${storageName}#`));
    if (dataset === undefined) return [`${key}: of no dataset`];
    const parts = sorted.flatMap(([, { page: of }]) =>
      [...decodePage(of.bytes)].filter(([id]) => pageAt(pageHash(id), page.depth) === Number(n)),
    );
    const series: PageSeries = new Map(
      Array.from(
        Map.groupBy(parts, ([id]) => id),
        ([id, all]) => [
          id,
          mergeStatistics(
            dataset,
            all.map(([, one]) => one),
          ),
        ],
      ),
    );
    return Buffer.from(encodePage(series)).equals(page.bytes) ? [] : [`${key}: is not what its days come to`];
  });
}
