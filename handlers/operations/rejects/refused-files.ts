import type { Refusal } from '../../../core/lines/gate.ts';
import { pagesOf } from '../../../ports/concurrency.ts';
import type { Segment } from '../../../ports/keys.ts';
import type { VersionLister } from '../../../ports/objects.ts';
import type { LedgerReader } from '../../../ports/queries.ts';

/** The newest version of an uploaded file, of which nothing was taken. */
export interface RefusedFile extends Segment {
  /** UTC ms. */
  readonly arrivedMs: number;
  readonly refusal: Refusal;
  /** What an earlier version of the key has given is still there, and counts. */
  readonly hasEarlier: boolean;
}

/** A page of the listing; its ledgers are one call. */
const objectsPerPage = 100;

/** The uploaded files of a span whose newest version was refused, in the order of their keys. One page in memory. */
export async function* refusedFiles(
  { lister, ledgers, rawBucket }: { lister: VersionLister; ledgers: LedgerReader; rawBucket: string },
  span: { fromMs: number; toMs: number; dataset?: string | undefined },
): AsyncGenerator<RefusedFile> {
  const prefix = span.dataset === undefined ? 'landing/' : `landing/${span.dataset}/`;
  let found: RefusedFile | undefined;
  let lastKey: string | undefined;
  for await (const page of pagesOf(lister.list({ bucket: rawBucket, prefix }), objectsPerPage)) {
    const entries = await ledgers.ledgers(page.map((version) => ({ ...version, bucket: rawBucket })));
    for (const [index, { key, versionId, lastModifiedMs }] of page.entries()) {
      const entry = entries[index];
      if (key === lastKey) {
        if (found?.key === key && (entry?.counts?.valid ?? 0) > 0) found = { ...found, hasEarlier: true };
        continue;
      }
      if (found !== undefined) yield found;
      found = undefined;
      lastKey = key;
      const isOfSpan = lastModifiedMs >= span.fromMs && lastModifiedMs < span.toMs;
      if (entry?.refusal === undefined || !isOfSpan) continue;
      const of = { bucket: rawBucket, key, versionId, arrivedMs: lastModifiedMs };
      found = { ...of, refusal: entry.refusal, hasEarlier: false };
    }
  }
  if (found !== undefined) yield found;
}
