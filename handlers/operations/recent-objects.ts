import type { Refusal } from '../../core/lines/gate.ts';
import { mapBounded, pagesOf } from '../../ports/concurrency.ts';
import type { VersionLister } from '../../ports/objects.ts';
import type { LedgerEntry, LedgerReader } from '../../ports/queries.ts';
import type { Holding } from '../../ports/records.ts';
import { type DatasetLines, type DroppedValues, RecentLines } from './recent-lines.ts';

const hourMs = 3_600_000;
/** How far back objects are looked at. */
const maxHours = 24;
/** Uploads are listed whole, since their keys don't tell when they came; after this many the rest is not looked at. */
const maxUploads = 20_000;
const objectsPerPage = 1_000;
/** Hours that are listed at the same time, each with a page in memory. */
const hoursAtOnce = 8;

/** What arrived lately and what became of it. */
export interface RecentObjects {
  /** Objects, lines and stored bytes of the last 60 minutes; lines of those that are validated. */
  readonly lastHour: { readonly objects: number; readonly lines: number; readonly bytes: number };
  /** Objects of the day without a ledger, the oldest one of them. */
  readonly waiting: number;
  readonly oldestWaiting: { readonly key: string; readonly arrivedMs: number } | undefined;
  readonly newestMs: number | undefined;
  /** The key after which, in their order, no uploaded file was looked at; `undefined` where all were. */
  readonly unlooked: string | undefined;
  /** Uploaded files whose newest version came in the last day, and of which nothing is taken. */
  readonly refused: readonly { readonly key: string; readonly refusal: Refusal }[];
  /** Lines of the validated objects by dataset, those that name none last; without datasets that had no line. */
  readonly lines: readonly DatasetLines[];
  /** Rejected lines of the last day that are counted, and whose text was not kept. */
  readonly withoutText: number;
  /** Values that were left out of their readings, by dataset and measure. */
  readonly dropped: readonly DroppedValues[];
}

/**
 * Looks at raw objects from now backwards: all of the last day, or until an hour of which all are validated, where nobody asks for
 * more than what waits and the last hour.
 */
export async function recentObjects(
  { lister, ledgers, rawBucket }: { lister: VersionLister; ledgers: LedgerReader; rawBucket: string },
  nowMs: number,
  options: {
    wholeDay: boolean;
    /** Told of what each validated object of the last day holds. */
    holding?: (holding: Holding, arrived: { isLastHour: boolean }) => void;
    /** Told of each object of the last day, with its ledger if it has one. */
    object?: (object: { key: string; size: number }, entry: LedgerEntry | undefined) => void;
  },
): Promise<RecentObjects> {
  const lines = new RecentLines();
  const lastHour = { objects: 0, lines: 0, bytes: 0 };
  let waiting = 0;
  let oldestWaiting: RecentObjects['oldestWaiting'];
  let newestMs: number | undefined;
  const refused: RecentObjects['refused'][number][] = [];
  let unlooked: string | undefined;

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
      if (listed < from.limit) continue;
      unlooked = page.at(-1)?.key;
      break;
    }
    return unseen;
  };
  const note = (
    object: { key: string; size: number; lastModifiedMs: number },
    entry: LedgerEntry | undefined,
  ): number => {
    const { key, size, lastModifiedMs } = object;
    newestMs = Math.max(newestMs ?? 0, lastModifiedMs);
    if (lastModifiedMs > nowMs - maxHours * hourMs) options.object?.(object, entry);
    if (lastModifiedMs > nowMs - hourMs) {
      lastHour.objects += 1;
      lastHour.bytes += size;
      lastHour.lines += entry?.counts?.lines ?? 0;
    }
    if (entry?.state === 'Completed' && lastModifiedMs > nowMs - maxHours * hourMs) {
      const isLastHour = lastModifiedMs > nowMs - hourMs;
      lines.add(entry, { key, isLastHour });
      for (const holding of entry.holds ?? []) options.holding?.(holding, { isLastHour });
    }
    if (entry !== undefined) return 0;
    waiting += 1;
    if (oldestWaiting === undefined || lastModifiedMs < oldestWaiting.arrivedMs) {
      oldestWaiting = { key, arrivedMs: lastModifiedMs };
    }
    return 1;
  };

  await look({ prefix: 'landing/', sinceMs: nowMs - maxHours * hourMs, limit: maxUploads });
  const lookAtHour = (hours: number): Promise<number> => {
    const hour = new Date(nowMs - hours * hourMs).toISOString().slice(0, 13).replace(/[-T]/g, '/');
    return look({ prefix: `raw/${hour}/`, sinceMs: 0, limit: Number.POSITIVE_INFINITY });
  };
  if (options.wholeDay) {
    // A request an hour of the day, which somebody waits for.
    const hours = Array.from({ length: maxHours + 1 }, (_, before) => before);
    await mapBounded(hours, hoursAtOnce, lookAtHour);
  } else {
    for (let hours = 0; hours <= maxHours; hours++) {
      const unseen = await lookAtHour(hours);
      // Firehose names an object by when its buffer began, so that the hour before is not over with the hour.
      if (hours >= 2 && unseen === 0) break;
    }
  }
  return {
    ...{ lastHour, waiting, oldestWaiting, newestMs, refused, unlooked },
    ...{ lines: lines.lines, withoutText: lines.withoutText, dropped: lines.dropped },
  };
}
