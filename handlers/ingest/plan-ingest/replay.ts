import type { Dataset } from '../../../core/dataset/dataset.ts';
import { dayExtentMs } from '../../../core/time/calendar.ts';
import { listArrived } from '../../../ports/arrivals.ts';
import { pagesOf } from '../../../ports/concurrency.ts';
import type { VersionLister } from '../../../ports/objects.ts';
import { type LedgerReader, mayHold } from '../../../ports/queries.ts';
import type { Holding } from '../../../ports/records.ts';
import { endOfTimeMs, type ReplayRequest, type SizedSegment } from './input.ts';

/** A page of the listing; its ledgers are ten calls. */
const objectsPerPage = 1_000;

/**
 * The objects that a replay takes, one at a time; a page of them and their ledgers in memory. What a ledger does not tell is taken.
 * - By arrival: all that arrived; with a dataset without those whose lines are all readings of others.
 * - By readings: those that have readings of the span, or of a dataset in the span. A rejected line is no reading.
 */
export async function* listReplay(
  { versions, ledgers }: { versions: VersionLister; ledgers: Pick<LedgerReader, 'ledgers'> },
  { rawBucket, datasets }: { rawBucket: string; datasets: readonly Dataset[] },
  request: ReplayRequest,
): AsyncGenerator<SizedSegment> {
  const { by, dataset } = request;
  const span = by === 'arrival' ? request : allTime;
  const objects = listArrived(versions, rawBucket, {
    ...span,
    ...(dataset === undefined ? {} : { dataset }),
  });
  if (by === 'arrival' && dataset === undefined) {
    yield* objects;
    return;
  }
  const wanted = datasets.filter(({ name }) => dataset === undefined || name === dataset);
  const bounds = new Map(wanted.map((of) => [of.name, by === 'arrival' ? allTime : boundsOf(of, request)]));
  for await (const page of pagesOf(objects, objectsPerPage)) {
    const entries = await ledgers.ledgers(page);
    for (const [index, object] of page.entries()) {
      const entry = entries[index];
      const lineMayBeMeant = by === 'arrival' && (entry?.counts?.rejected ?? 0) > 0;
      if (lineMayBeMeant || mayHold(entry, (held) => isWithin(held, bounds))) yield object;
    }
  }
}

const allTime = { fromMs: 0, toMs: endOfTimeMs };

interface Bounds {
  /** UTC ms; `toMs` is not included. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Days are local to the dataset, and `to` is included; a time is exact, and `to` excluded. */
function boundsOf({ timeZone }: Dataset, { from, to }: { from: string; to: string }): Bounds {
  const isDay = (text: string) => text.length === 'YYYY-MM-DD'.length;
  return {
    fromMs: isDay(from) ? dayExtentMs(timeZone, from).startMs : Date.parse(from),
    toMs: isDay(to) ? dayExtentMs(timeZone, to).endMs : Date.parse(to),
  };
}

function isWithin({ dataset, fromMs, toMs }: Holding, bounds: ReadonlyMap<string, Bounds>): boolean {
  const wanted = bounds.get(dataset);
  return wanted !== undefined && fromMs < wanted.toMs && toMs >= wanted.fromMs;
}
