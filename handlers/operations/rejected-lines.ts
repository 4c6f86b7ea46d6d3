import type { RejectReason } from '../../core/dataset/reading.ts';
import { listArrived } from '../../ports/arrivals.ts';
import { pagesOf } from '../../ports/concurrency.ts';
import type { VersionLister } from '../../ports/objects.ts';
import type { LedgerReader } from '../../ports/queries.ts';
import { datasetMeant, type RejectedLine, type RejectsReader } from '../../ports/rejected-lines.ts';

export interface RejectsPorts {
  readonly lister: VersionLister;
  readonly ledgers: LedgerReader;
  readonly rawBucket: string;
  readonly lines: RejectsReader;
}

export interface RejectsFilter {
  /** When the objects arrived: from inclusive, to exclusive, UTC ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly dataset?: string | undefined;
  readonly reason?: RejectReason | undefined;
  /** A key, or the end of one from a slash on: the name of a file. */
  readonly file?: string | undefined;
}

/** A page of the listing; its ledgers are one call. */
const objectsPerPage = 100;

/**
 * The rejected lines of a span, object by object, the newest object first; of one object in their order, as their files have them.
 * Memory: the objects that have any.
 */
export async function* rejectedLines(
  ports: RejectsPorts,
  filter: RejectsFilter,
): AsyncGenerator<RejectedLine> {
  const { dataset, reason } = filter;
  const found = await objectsWithRejects(ports, filter);
  for (const { rejectsKey } of found.sort((a, b) => b.lastModifiedMs - a.lastModifiedMs)) {
    for await (const line of ports.lines(rejectsKey)) {
      if (reason !== undefined && line.reason !== reason) continue;
      if (dataset !== undefined && datasetMeant(line) !== dataset) continue;
      yield line;
    }
  }
}

/** Rejected lines of one raw object that are counted, and of which its file of rejects has no text. */
export interface CountedLines {
  readonly key: string;
  readonly versionId: string;
  readonly withoutText: number;
}

/** The objects of a span that have more rejected lines than are kept, the newest first. With a reason or a dataset they may be of others. */
export async function countedLines(ports: RejectsPorts, filter: RejectsFilter): Promise<CountedLines[]> {
  const found = await objectsWithRejects(ports, filter);
  return found
    .filter(({ withoutText }) => withoutText > 0)
    .sort((a, b) => b.lastModifiedMs - a.lastModifiedMs)
    .map(({ key, versionId, withoutText }) => ({ key, versionId, withoutText }));
}

/** The objects of a file of which no rejected line was found. */
export interface NamedObjects {
  readonly keys: readonly string[];
  /** Those that have no outcome: nothing is known of their lines yet. */
  readonly unvalidated: readonly string[];
  /** Without any: keys whose name has the text in it. */
  readonly similar: readonly string[];
}

const maxSimilar = 3;

/** What there is under the name of a file, of the objects of the span. */
export async function namedObjects(
  { lister, ledgers, rawBucket }: Pick<RejectsPorts, 'lister' | 'ledgers' | 'rawBucket'>,
  { fromMs, toMs, file }: Pick<RejectsFilter, 'fromMs' | 'toMs'> & { file: string },
): Promise<NamedObjects> {
  const keys = new Set<string>();
  const unvalidated = new Set<string>();
  const similar = new Set<string>();
  for await (const page of pagesOf(listArrived(lister, rawBucket, { fromMs, toMs }), objectsPerPage)) {
    const named = page.filter(({ key }) => isNamed(key, file));
    const entries = await ledgers.ledgers(named);
    for (const [index, { key }] of named.entries()) {
      keys.add(key);
      if (entries[index] === undefined || entries[index]?.state === 'Failed') unvalidated.add(key);
    }
    for (const { key } of page)
      if (similar.size < maxSimilar && key.toLowerCase().includes(file.toLowerCase())) similar.add(key);
  }
  return { keys: [...keys], unvalidated: [...unvalidated], similar: [...similar] };
}

/** Whether a key is the text, or ends in it from a slash on. */
export const isNamed = (key: string, file: string): boolean => key === file || key.endsWith(`/${file}`);

async function objectsWithRejects(
  ports: RejectsPorts,
  { fromMs, toMs, dataset, reason, file }: RejectsFilter,
): Promise<(CountedLines & { rejectsKey: string; lastModifiedMs: number })[]> {
  const found: (CountedLines & { rejectsKey: string; lastModifiedMs: number })[] = [];
  const span = { fromMs, toMs, ...(dataset === undefined ? {} : { dataset }) };
  for await (const page of pagesOf(listArrived(ports.lister, ports.rawBucket, span), objectsPerPage)) {
    const named = page.filter(({ key }) => file === undefined || isNamed(key, file));
    const ledgers = await ports.ledgers.ledgers(named);
    for (const [index, { key, versionId, lastModifiedMs }] of named.entries()) {
      const { rejectsKey, rejectedByReason = {}, notes } = ledgers[index] ?? {};
      if (rejectsKey === undefined) continue;
      if (reason !== undefined && rejectedByReason[reason] === undefined) continue;
      found.push({ key, versionId, withoutText: notes?.withoutText ?? 0, rejectsKey, lastModifiedMs });
    }
  }
  return found;
}
