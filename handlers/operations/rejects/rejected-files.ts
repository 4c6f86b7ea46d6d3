import type { RejectReason } from '../../../core/dataset/reading.ts';
import { dayMs } from '../../../core/time/duration.ts';
import { mapBounded, pagesOf } from '../../../ports/concurrency.ts';
import { segmentIdOf } from '../../../ports/keys.ts';
import type { VersionLister } from '../../../ports/objects.ts';
import type { LedgerEntry } from '../../../ports/queries.ts';
import { datasetMeant, datasetOfFolder } from '../../../ports/rejected-lines.ts';
import { isNamed, type RejectsPorts } from '../rejected-lines.ts';

/** Which raw objects are looked for. */
export interface RejectedFilesFilter {
  /** UTC days on which they arrived, both included, `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
  /** Only lines that are meant for it. */
  readonly dataset?: string | undefined;
  /** Only files that have lines with it. */
  readonly reason?: RejectReason | undefined;
  /** A key, or the end of one from a slash on: the name of a file. */
  readonly file?: string | undefined;
}

/** The rejected lines of one version of a raw object, in sums. */
export interface RejectedFile {
  readonly key: string;
  readonly versionId: string;
  /** UTC ms. */
  readonly arrivedMs: number;
  /** All of its lines, whatever dataset they are meant for. */
  readonly lines: number;
  /** Those that are meant for the dataset that is asked for, or all. */
  readonly rejected: number;
  /** Of these, most first. */
  readonly byReason: Readonly<Record<string, number>>;
  /** Rejected lines that are counted, and whose text was not kept. */
  readonly withoutText: number;
}

/** Where a page ended: behind this object of this day. */
export interface RejectedFilesPosition {
  readonly day: string;
  readonly arrivedMs: number;
  readonly segmentId: string;
}

/** A page of the listing; its ledgers are one call. */
const objectsPerPage = 100;
const callsInFlight = 4;
/** Objects that are looked at for one page of answers. */
const maxObjects = 5_000;

interface Arrived {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly lastModifiedMs: number;
  readonly segmentId: string;
}

/**
 * The files of a span that have rejected lines, day by day, the newest day first and of a day the newest file. Of `raw/` a day is the one in
 * the key, of `landing/` the one of the upload.
 * @returns up to `limit` of them, and `last` where there may be more behind it: a page may be short, since so many objects are looked at
 */
export async function rejectedFiles(
  ports: RejectsPorts,
  filter: RejectedFilesFilter,
  { after, limit }: { after: RejectedFilesPosition | undefined; limit: number },
): Promise<{ readonly files: readonly RejectedFile[]; readonly last?: RejectedFilesPosition }> {
  const uploads = await uploadsByDay(ports, filter);
  const files: RejectedFile[] = [];
  let looked = 0;
  for (let day = after?.day ?? filter.to; day >= filter.from; day = dayBefore(day)) {
    const arrived = [...(uploads.get(day) ?? []), ...(await rawOfDay(ports, day, filter.file))]
      .sort(newestFirst)
      .filter((object) => after === undefined || day < after.day || isBehind(object, after));
    for (let start = 0; start < arrived.length; start += objectsPerPage) {
      const page = arrived.slice(start, start + objectsPerPage);
      const entries = await ports.ledgers.ledgers(page);
      const found = await mapBounded(page, callsInFlight, (object, index) =>
        rejectsOf(ports, object, entries[index], filter),
      );
      for (const [index, file] of found.entries()) {
        if (file !== undefined) files.push(file);
        const { lastModifiedMs, segmentId } = page[index] as Arrived; // as many as were found
        if (files.length === limit) return { files, last: { day, arrivedMs: lastModifiedMs, segmentId } };
      }
      looked += page.length;
      const last = page.at(-1);
      if (looked >= maxObjects && last !== undefined)
        return { files, last: { day, arrivedMs: last.lastModifiedMs, segmentId: last.segmentId } };
    }
  }
  return { files };
}

const dayBefore = (day: string): string => new Date(Date.parse(day) - dayMs).toISOString().slice(0, 10);

const newestFirst = (a: Arrived, b: Arrived): number =>
  b.lastModifiedMs - a.lastModifiedMs || (a.segmentId < b.segmentId ? -1 : 1);

const isBehind = (
  { lastModifiedMs, segmentId }: Arrived,
  { arrivedMs, segmentId: last }: RejectedFilesPosition,
): boolean => lastModifiedMs < arrivedMs || (lastModifiedMs === arrivedMs && segmentId > last);

/** Uploads are listed whole, since their keys don't tell when they came. */
async function uploadsByDay(
  { lister, rawBucket }: RejectsPorts,
  { from, to, dataset, file }: RejectedFilesFilter,
): Promise<Map<string, Arrived[]>> {
  const prefix = dataset === undefined ? 'landing/' : `landing/${dataset}/`;
  const days = new Map<string, Arrived[]>();
  for await (const object of versionsUnder({ lister, rawBucket, prefix, file })) {
    const day = new Date(object.lastModifiedMs).toISOString().slice(0, 10);
    if (day < from || day > to) continue;
    const known = days.get(day) ?? [];
    days.set(day, known);
    known.push(object);
  }
  return days;
}

const rawOfDay = ({ lister, rawBucket }: RejectsPorts, day: string, file: string | undefined) =>
  Array.fromAsync(versionsUnder({ lister, rawBucket, prefix: `raw/${day.replaceAll('-', '/')}/`, file }));

async function* versionsUnder({
  lister,
  rawBucket: bucket,
  prefix,
  file,
}: {
  lister: VersionLister;
  rawBucket: string;
  prefix: string;
  file: string | undefined;
}): AsyncGenerator<Arrived> {
  for await (const { key, versionId, lastModifiedMs } of lister.list({ bucket, prefix }))
    if (file === undefined || isNamed(key, file))
      yield { bucket, key, versionId, lastModifiedMs, segmentId: segmentIdOf({ bucket, key, versionId }) };
}

/** What of an object is asked for; `undefined` where it has none of it. */
async function rejectsOf(
  ports: RejectsPorts,
  { key, versionId, lastModifiedMs: arrivedMs }: Arrived,
  entry: LedgerEntry | undefined,
  { dataset, reason }: RejectedFilesFilter,
): Promise<RejectedFile | undefined> {
  const { counts, rejectsKey, rejectedByReason = {}, notes, meant } = entry ?? {};
  if (counts === undefined || counts.rejected === 0 || rejectsKey === undefined) return undefined;
  const common = { key, versionId, arrivedMs, lines: counts.lines, withoutText: notes?.withoutText ?? 0 };
  const isOfOthersToo = dataset !== undefined && datasetOfFolder(key) !== dataset;
  if (isOfOthersToo && meant !== undefined && !meant.some((of) => of.dataset === dataset)) return undefined;
  if (!isOfOthersToo || meant?.every((of) => of.dataset === dataset)) {
    if (reason !== undefined && rejectedByReason[reason] === undefined) return undefined;
    return { ...common, rejected: counts.rejected, byReason: mostFirst(Object.entries(rejectedByReason)) };
  }
  // What senders sent is in one object, and its ledger counts reasons of all of them: their lines tell whose they are.
  const sums = new Map<string, number>();
  for await (const page of pagesOf(ports.lines(rejectsKey), 1_000))
    for (const line of page)
      if (datasetMeant(line) === dataset) sums.set(line.reason, (sums.get(line.reason) ?? 0) + 1);
  if (sums.size === 0 || (reason !== undefined && !sums.has(reason))) return undefined;
  const told = meant?.find((of) => of.dataset === dataset)?.rejected;
  const rejected = told ?? [...sums.values()].reduce((sum, count) => sum + count, 0);
  return { ...common, rejected, byReason: mostFirst([...sums]) };
}

const mostFirst = (sums: readonly (readonly [string, number])[]): Record<string, number> =>
  Object.fromEntries([...sums].sort(([, a], [, b]) => b - a));
