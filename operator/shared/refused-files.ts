import { shellWord } from '../../cli/print.ts';
import { refusalText } from '../../cli/refusal-text.ts';
import { mayBeAccepted, type Refusal } from '../../core/lines/gate.ts';
import { pagesOf } from '../../ports/concurrency.ts';
import type { Segment } from '../../ports/keys.ts';
import type { VersionLister } from '../../ports/objects.ts';
import type { LedgerReader } from '../../ports/queries.ts';

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

/** A refused file with why, its lines, and the command for each way out. */
export function refusedText({ key, refusal, hasEarlier }: Omit<RefusedFile, 'arrivedMs'>): string[] {
  const [, dataset = '', ...rest] = key.split('/');
  const fileName = rest.at(-1);
  const sensor = rest.length > 1 ? ` --sensor ${shellWord(sensorOf(rest[0] ?? ''))}` : '';
  return [
    key,
    ...refusalText(refusal),
    ...(hasEarlier ? ['  What an earlier version of the file has given stays, and counts.'] : []),
    fileName === undefined
      ? '  replace it: upload it again as it should be, under the same key'
      : `  replace it:       npm run caudal -- upload ${shellWord(fileName)} --dataset ${dataset}${sensor}`,
    ...(mayBeAccepted(refusal.reason)
      ? [`  take it as it is: npm run caudal -- accept ${shellWord(key)}`]
      : []),
  ];
}

/** Of a folder as anybody may name it: one whose percent signs encode nothing is told as it is. */
function sensorOf(folder: string): string {
  try {
    return decodeURIComponent(folder);
  } catch {
    return folder;
  }
}
