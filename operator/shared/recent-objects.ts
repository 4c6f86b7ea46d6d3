import type { Refusal } from '../../core/lines/gate.ts';
import { pagesOf } from '../../ports/concurrency.ts';
import type { VersionLister } from '../../ports/objects.ts';
import type { LedgerEntry, LedgerReader } from '../../ports/queries.ts';

const hourMs = 3_600_000;
/** How far back objects are looked at. */
const maxHours = 24;
/** Uploads are listed whole, since their keys don't tell when they came; after this many the rest is not looked at. */
const maxUploads = 20_000;
const objectsPerPage = 1_000;

/** What arrived lately and what became of it. */
export interface RecentObjects {
  /** Objects, lines and stored bytes of the last 60 minutes; lines of those that are validated. */
  readonly lastHour: { readonly objects: number; readonly lines: number; readonly bytes: number };
  /** Objects of the day without a ledger, the oldest one of them. */
  readonly waiting: number;
  readonly oldestWaiting: { readonly key: string; readonly arrivedMs: number } | undefined;
  readonly newestMs: number | undefined;
  /** Uploaded files whose newest version came in the last day, and of which nothing is taken. */
  readonly refused: readonly { readonly key: string; readonly refusal: Refusal }[];
  /** Lines of the validated objects by dataset, those that name none last; without datasets that had no line. */
  readonly lines: readonly DatasetLines[];
}

/** Lines of one dataset, by when their objects arrived. */
export interface DatasetLines {
  /** As the lines name it; `undefined`: they name none, or the ledger is of a version that did not tell. */
  readonly dataset: string | undefined;
  readonly lastHour: LineCounts;
  readonly lastDay: LineCounts;
}

/** What else becomes of lines than being accepted is counted here, beside `rejected`. */
export interface LineCounts {
  lines: number;
  rejected: number;
}

/** What an object's lines were meant for: its accepted and its rejected ones. */
function linesOf(entry: LedgerEntry): { dataset: string | undefined; lines: number; rejected: number }[] {
  const { counts = { lines: 0, valid: 0, rejected: 0 }, holds, meant } = entry;
  if (holds === undefined || meant === undefined)
    return [{ dataset: undefined, lines: counts.lines, rejected: counts.rejected }];
  return [
    ...holds.map(({ dataset, readings }) => ({ dataset, lines: readings, rejected: 0 })),
    ...meant.map(({ dataset, rejected }) => ({ dataset, lines: rejected, rejected })),
  ];
}

/** Sums lines by dataset. */
class LinesByDataset {
  readonly #sums = new Map<string | undefined, { lastHour: LineCounts; lastDay: LineCounts }>();

  add(entry: LedgerEntry, { isLastHour }: { isLastHour: boolean }): void {
    for (const { dataset, lines, rejected } of linesOf(entry)) {
      if (lines === 0) continue;
      const none = () => ({ lines: 0, rejected: 0 });
      const sums = this.#sums.get(dataset) ?? { lastHour: none(), lastDay: none() };
      this.#sums.set(dataset, sums);
      for (const sum of isLastHour ? [sums.lastHour, sums.lastDay] : [sums.lastDay]) {
        sum.lines += lines;
        sum.rejected += rejected;
      }
    }
  }

  get sums(): DatasetLines[] {
    return Array.from(this.#sums, ([dataset, sums]) => ({ dataset, ...sums })).sort((a, b) =>
      a.dataset === undefined ? 1 : b.dataset === undefined ? -1 : a.dataset < b.dataset ? -1 : 1,
    );
  }
}

/**
 * Looks at raw objects from now backwards: all of the last day, or until an hour of which all are validated, where nobody asks for
 * more than what waits and the last hour.
 */
export async function recentObjects(
  { lister, ledgers, rawBucket }: { lister: VersionLister; ledgers: LedgerReader; rawBucket: string },
  nowMs: number,
  { wholeDay }: { wholeDay: boolean },
): Promise<RecentObjects> {
  const lines = new LinesByDataset();
  const lastHour = { objects: 0, lines: 0, bytes: 0 };
  let waiting = 0;
  let oldestWaiting: RecentObjects['oldestWaiting'];
  let newestMs: number | undefined;
  const refused: RecentObjects['refused'][number][] = [];

  /** @returns how many of these objects are still without a ledger */
  const look = async (from: { prefix: string; sinceMs: number; limit: number }): Promise<number> => {
    let unseen = 0;
    let listed = 0;
    let lastKey: string | undefined;
    for await (const page of pagesOf(
      lister.list({ bucket: rawBucket, prefix: from.prefix }),
      objectsPerPage,
    )) {
      const lately = page.filter(
        ({ lastModifiedMs, key }) => lastModifiedMs >= from.sinceMs && !key.endsWith('/'),
      );
      const entries = await ledgers.ledgers(lately.map((object) => ({ ...object, bucket: rawBucket })));
      for (const [index, object] of lately.entries()) {
        const isNewest = object.key !== lastKey; // of one key from new to old
        lastKey = object.key;
        const { refusal } = entries[index] ?? {};
        if (isNewest && refusal !== undefined) refused.push({ key: object.key, refusal });
        unseen += note(object, entries[index]);
      }
      listed += page.length;
      if (listed >= from.limit) break;
    }
    return unseen;
  };
  const note = (
    object: { key: string; size: number; lastModifiedMs: number },
    entry: LedgerEntry | undefined,
  ): number => {
    const { key, size, lastModifiedMs } = object;
    newestMs = Math.max(newestMs ?? 0, lastModifiedMs);
    if (lastModifiedMs > nowMs - hourMs) {
      lastHour.objects += 1;
      lastHour.bytes += size;
      lastHour.lines += entry?.counts?.lines ?? 0;
    }
    if (entry?.state === 'Completed' && lastModifiedMs > nowMs - maxHours * hourMs)
      lines.add(entry, { isLastHour: lastModifiedMs > nowMs - hourMs });
    if (entry !== undefined) return 0;
    waiting += 1;
    if (oldestWaiting === undefined || lastModifiedMs < oldestWaiting.arrivedMs) {
      oldestWaiting = { key, arrivedMs: lastModifiedMs };
    }
    return 1;
  };

  await look({ prefix: 'landing/', sinceMs: nowMs - maxHours * hourMs, limit: maxUploads });
  for (let hours = 0; hours <= maxHours; hours++) {
    const hour = new Date(nowMs - hours * hourMs).toISOString().slice(0, 13).replace(/[-T]/g, '/');
    const unseen = await look({ prefix: `raw/${hour}/`, sinceMs: 0, limit: Number.POSITIVE_INFINITY });
    // Firehose names an object by when its buffer began, so that the hour before is not over with the hour.
    if (!wholeDay && hours >= 2 && unseen === 0) break;
  }
  return { lastHour, waiting, oldestWaiting, newestMs, lines: lines.sums, refused };
}
