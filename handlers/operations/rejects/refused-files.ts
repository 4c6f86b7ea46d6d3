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

export interface RefusedPorts {
  readonly lister: VersionLister;
  readonly ledgers: Pick<LedgerReader, 'ledgers'>;
  readonly rawBucket: string;
}

/** When the newest versions arrived, UTC ms, the end not included; and whose files. */
export interface RefusedFilter {
  readonly fromMs: number;
  readonly toMs: number;
  readonly dataset?: string | undefined;
}

/** A page of the listing; its ledgers are one call. */
const objectsPerPage = 100;
/** Versions that are looked at for one page of answers. */
const maxVersions = 5_000;

/** The uploaded files of a span whose newest version was refused, in the order of their keys. One page in memory. */
export async function* refusedFiles(ports: RefusedPorts, filter: RefusedFilter): AsyncGenerator<RefusedFile> {
  for await (const { refused } of uploadedFiles(ports, filter, undefined))
    if (refused !== undefined) yield refused;
}

/**
 * Some of them, from after a key on.
 * @returns up to `limit` of them, and `last` where there may be more after this key: a page may be short, since so many versions are looked at
 */
export async function refusedPage(
  ports: RefusedPorts,
  filter: RefusedFilter,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<{ readonly files: readonly RefusedFile[]; readonly last?: string }> {
  const files: RefusedFile[] = [];
  let looked = 0;
  for await (const { key, versions, refused } of uploadedFiles(ports, filter, after)) {
    looked += versions;
    if (refused !== undefined) files.push(refused);
    if (files.length === limit || looked >= maxVersions) return { files, last: key };
  }
  return { files };
}

interface UploadedFile {
  readonly key: string;
  readonly versions: number;
  readonly refused: RefusedFile | undefined;
}

/** Every uploaded file, and whether its newest version is one that was refused. */
async function* uploadedFiles(
  { lister, ledgers, rawBucket: bucket }: RefusedPorts,
  { fromMs, toMs, dataset }: RefusedFilter,
  after: string | undefined,
): AsyncGenerator<UploadedFile> {
  const prefix = dataset === undefined ? 'landing/' : `landing/${dataset}/`;
  let found: UploadedFile | undefined;
  const from = { bucket, prefix, ...(after === undefined ? {} : { startAfter: after }) };
  for await (const page of pagesOf(lister.list(from), objectsPerPage)) {
    const entries = await ledgers.ledgers(page.map((version) => ({ ...version, bucket })));
    for (const [index, { key, versionId, lastModifiedMs: arrivedMs }] of page.entries()) {
      const entry = entries[index];
      if (key === found?.key) {
        const { versions, refused } = found;
        const hasEarlier = refused !== undefined && (refused.hasEarlier || (entry?.counts?.valid ?? 0) > 0);
        found = { key, versions: versions + 1, refused: refused && { ...refused, hasEarlier } };
        continue;
      }
      if (found !== undefined) yield found;
      const refusal = arrivedMs >= fromMs && arrivedMs < toMs ? entry?.refusal : undefined;
      const refused = refusal && { bucket, key, versionId, arrivedMs, refusal, hasEarlier: false };
      found = { key, versions: 1, refused };
    }
  }
  if (found !== undefined) yield found;
}
