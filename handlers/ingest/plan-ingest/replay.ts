import type { VersionLister } from '../../../ports/objects.ts';
import type { SizedSegment } from './input.ts';

const hourMs = 3_600_000;

/** `2026-11-21T05:00:00.000Z` as Firehose's prefix writes the hour: `raw/2026/11/21/05`. */
const rawHour = (atMs: number): string =>
  `raw/${new Date(atMs).toISOString().slice(0, 13).replace(/[-T]/g, '/')}`;

/**
 * The objects that arrived from `fromMs` (inclusive) to `toMs` (exclusive), all their versions, one at a time. Raw
 * objects are chosen by the hour in their key, so whole hours are replayed, and hold readings of any dataset: `dataset`
 * narrows only the uploaded files. These are chosen by when they were uploaded.
 */
export async function* listReplay(
  lister: VersionLister,
  bucket: string,
  { fromMs, toMs, dataset }: { fromMs: number; toMs: number; dataset?: string },
): AsyncGenerator<SizedSegment> {
  const firstHour = rawHour(fromMs);
  // The keys' order is that of time: begin right before the first hour, end at the first key past the last one.
  const endHour = rawHour(Math.ceil(toMs / hourMs) * hourMs);
  for await (const { key, versionId, size } of lister.list({
    bucket,
    prefix: 'raw/',
    startAfter: firstHour,
  })) {
    if (key >= endHour) break;
    yield { bucket, key, versionId, size };
  }
  const prefix = dataset === undefined ? 'landing/' : `landing/${dataset}/`;
  for await (const { key, versionId, size, lastModifiedMs } of lister.list({ bucket, prefix })) {
    if (lastModifiedMs >= fromMs && lastModifiedMs < toMs) yield { bucket, key, versionId, size };
  }
}
