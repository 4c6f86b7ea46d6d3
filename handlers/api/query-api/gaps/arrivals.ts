import type { Dataset } from '../../../../core/dataset/dataset.ts';
import type { Refusal } from '../../../../core/lines/gate.ts';
import { originOf } from '../../../../core/lines/segment-origin.ts';
import { type ArrivedSegment, listStreamed, listUploaded } from '../../../../ports/arrivals.ts';
import { pagesOf } from '../../../../ports/concurrency.ts';
import type { VersionLister } from '../../../../ports/objects.ts';
import type { LedgerEntry, LedgerReader } from '../../../../ports/queries.ts';
import type { Holding } from '../../../../ports/records.ts';
import type { RejectedLine, RejectsReader } from '../../../../ports/rejected-lines.ts';
import { instantsMeant, timesMeant } from '../../../operations/meant-lines.ts';

/** Where it is seen what arrived, and what became of it. */
export interface ArrivalPorts {
  readonly lister: VersionLister;
  readonly rawBucket: string;
  readonly ledgers: LedgerReader;
  readonly rejects: RejectsReader;
}

/** Objects of each kind, and rejected lines of them, that are looked at for one answer: some seconds. */
const mostObjects = 10_000;
const mostLines = 300_000;
/** A page of the listing; its ledgers are ten calls. */
const objectsPerPage = 1_000;

interface DayOfSeries {
  readonly dataset: Dataset;
  readonly sensorId: string;
  /** Of the day, UTC ms: from inclusive, to exclusive. */
  readonly startMs: number;
  readonly endMs: number;
}

/** What has arrived of a sensor and a day, by what became of it. */
export interface Arrivals {
  readonly objects: number;
  /** Whether that is all there is. */
  readonly isAll: boolean;
  /** Objects without a ledger. */
  readonly waiting: number;
  readonly refused: readonly {
    readonly key: string;
    readonly arrivedMs: number;
    readonly refusal: Refusal;
  }[];
  /** Objects that hold readings of the sensor over the day. */
  readonly holding: readonly { readonly arrivedMs: number; readonly entry: LedgerEntry }[];
  /** Rejected lines that name the sensor and a time of the day. */
  readonly rejected: readonly { readonly line: RejectedLine; readonly times: readonly number[] }[];
}

/**
 * Looks at what has arrived since the day began: by the ledgers which objects hold readings of it, and line by line what was rejected of the
 * others. Memory: a page of objects with their ledgers, and what is found.
 */
export async function lookAtArrivals(ports: ArrivalPorts, of: DayOfSeries, nowMs: number): Promise<Arrivals> {
  const { lister, rawBucket, ledgers, rejects } = ports;
  const span = { fromMs: of.startMs, toMs: nowMs + 60_000, dataset: of.dataset.name };
  const refused: Arrivals['refused'][number][] = [];
  const holding: Arrivals['holding'][number][] = [];
  const rejected: Arrivals['rejected'][number][] = [];
  const sums = { objects: 0, lines: 0, waiting: 0 };
  let isAll = true;
  const looks = [listStreamed(lister, rawBucket, span), listUploaded(lister, rawBucket, span)];
  for (const listing of looks) {
    let seen = 0;
    let lastKey: string | undefined;
    for await (const page of pagesOf(listing, objectsPerPage)) {
      for (const [index, entry] of (await ledgers.ledgers(page)).entries()) {
        const object = page[index] as ArrivedSegment; // an entry for each
        const isNewest = object.key !== lastKey; // of one key from new to old
        lastKey = object.key;
        const arrivedMs = object.lastModifiedMs;
        if (object.key.endsWith('/')) continue; // a folder that somebody made
        if (entry === undefined) sums.waiting += 1;
        else if (entry.refusal) {
          if (isNewest && mayBeOf(object.key, of))
            refused.push({ key: object.key, arrivedMs, refusal: entry.refusal });
        } else {
          if (entry.holds?.some((held) => holds(held, of))) holding.push({ arrivedMs, entry });
          if (!hasRejects(entry, of)) continue;
          if (sums.lines >= mostLines) isAll = false;
          else sums.lines += await readRejects(rejects, { object, entry, of }, (line) => rejected.push(line));
        }
      }
      sums.objects += page.length;
      seen += page.length;
      if (seen >= mostObjects) {
        isAll = false;
        break;
      }
    }
  }
  return { objects: sums.objects, isAll, waiting: sums.waiting, refused, holding, rejected };
}

/** Whether a file's folder leaves it open that it is of the sensor. */
function mayBeOf(key: string, { dataset, sensorId }: DayOfSeries): boolean {
  const hasFolder = key.split('/').length > 3;
  return !hasFolder || originOf({ key }, [dataset]).sensorId === sensorId;
}

function holds(held: Holding, { dataset, sensorId, startMs, endMs }: DayOfSeries): boolean {
  return (
    held.dataset === dataset.name &&
    held.fromMs < endMs &&
    held.toMs >= startMs &&
    held.sensors?.includes(sensorId) === true
  );
}

function hasRejects({ rejectsKey, meant }: LedgerEntry, { dataset }: DayOfSeries): boolean {
  if (rejectsKey === undefined) return false;
  return (
    meant === undefined || meant.some((each) => each.dataset === undefined || each.dataset === dataset.name)
  );
}

/** @returns how many lines were read */
async function readRejects(
  rejects: RejectsReader,
  { object, entry, of }: { object: ArrivedSegment; entry: LedgerEntry; of: DayOfSeries },
  take: (line: Arrivals['rejected'][number]) => void,
): Promise<number> {
  const { dataset, startMs, endMs } = of;
  const folder = originOf({ key: object.key }, [dataset]).sensorId;
  let lines = 0;
  for await (const line of rejects(entry.rejectsKey as string)) {
    lines += 1;
    const times = timesMeant(line.text, of, folder)
      .flatMap((text) => instantsMeant(text, dataset))
      .filter((ms) => ms >= startMs && ms < endMs);
    if (times.length > 0) take({ line, times });
  }
  return lines;
}
