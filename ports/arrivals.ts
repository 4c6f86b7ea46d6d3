import type { Segment } from './keys.ts';
import type { VersionLister } from './objects.ts';

const hourMs = 3_600_000;

/** `2026-11-21T05:00:00.000Z` as Firehose's prefix writes the hour: `raw/2026/11/21/05`. */
const rawHour = (atMs: number): string =>
  `raw/${new Date(atMs).toISOString().slice(0, 13).replace(/[-T]/g, '/')}`;

/** A raw object with when S3 has it from, UTC ms. */
export type ArrivedSegment = Segment & { size: number; lastModifiedMs: number };

/**
 * The objects that arrived from `fromMs` (inclusive) to `toMs` (exclusive), all their versions, one at a time. Raw
 * objects are chosen by the hour in their key, so whole hours are taken, and hold readings of any dataset: `dataset`
 * narrows only the uploaded files. These are chosen by when they were uploaded.
 */
export async function* listArrived(
  lister: VersionLister,
  bucket: string,
  span: { fromMs: number; toMs: number; dataset?: string },
): AsyncGenerator<ArrivedSegment> {
  yield* listStreamed(lister, bucket, span);
  yield* listUploaded(lister, bucket, span);
}

/** Those of {@link listArrived} that came by the stream, in the order of their hours. */
export async function* listStreamed(
  lister: VersionLister,
  bucket: string,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): AsyncGenerator<ArrivedSegment> {
  const firstHour = rawHour(fromMs);
  // The keys' order is that of time: begin right before the first hour, end at the first key past the last one.
  const endHour = rawHour(Math.ceil(toMs / hourMs) * hourMs);
  for await (const version of lister.list({ bucket, prefix: 'raw/', startAfter: firstHour })) {
    if (version.key >= endHour) break;
    yield { bucket, ...version };
  }
}

/** Those of {@link listArrived} that were uploaded, in the order of their keys. */
export async function* listUploaded(
  lister: VersionLister,
  bucket: string,
  { fromMs, toMs, dataset }: { fromMs: number; toMs: number; dataset?: string },
): AsyncGenerator<ArrivedSegment> {
  const prefix = dataset === undefined ? 'landing/' : `landing/${dataset}/`;
  for await (const version of lister.list({ bucket, prefix })) {
    if (version.lastModifiedMs >= fromMs && version.lastModifiedMs < toMs) yield { bucket, ...version };
  }
}
