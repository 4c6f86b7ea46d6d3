import type { Dataset } from '../../core/dataset/dataset.ts';
import type { DroppedValue, Reading, RejectReason } from '../../core/dataset/reading.ts';
import { findReading } from '../../core/lines/parse-segment.ts';
import { type Origin, originOf, uploadedMsOf } from '../../core/lines/segment-origin.ts';
import { dayBoundsMs, localDay, parseDay, parseTimestamp, readTimestamp } from '../../core/time/calendar.ts';
import { parseTime, readTime } from '../../core/time/time-format.ts';
import { instantsMeant, timesMeant } from '../../handlers/operations/meant-lines.ts';
import type { RawObject } from '../../handlers/operations/raw-objects.ts';
import { mapBounded, pagesOf } from '../../ports/concurrency.ts';
import type { SegmentOpener } from '../../ports/objects.ts';
import { type LedgerEntry, type LedgerReader, mayHold } from '../../ports/queries.ts';
import type { Holding } from '../../ports/records.ts';
import type { RejectsReader } from '../../ports/rejected-lines.ts';

/** The identity of a reading, and its time as a person typed it. */
export interface SoughtReading {
  readonly dataset: Dataset;
  readonly sensorId: string;
  /** UTC ms. */
  readonly timestampMs: number;
  readonly typed: string;
}

/** The instant that a person typed, UTC ms: a time, or the start of a local day; otherwise in words why there is none. */
export function instantOf(typed: string, { name, timeZone }: Dataset): number | string {
  const instant = parseTimestamp(typed) ?? parseTime(typed, 'yyyy-MM-dd', timeZone)[0];
  if (instant !== undefined) return instant;
  if (readTimestamp(typed) !== undefined || readTime(typed, 'yyyy-MM-dd', timeZone).length > 0)
    return `No reading is of ${typed}: the years 1970 to 2099 are stored.`;
  if (parseDay(typed) !== undefined) {
    const { startMs } = dayBoundsMs(timeZone, typed);
    const [before, after] = [startMs - 1, startMs].map((ms) => localDay(timeZone, ms));
    return `There was no ${typed} in ${timeZone}, the time zone of ${name}: its clock went from ${before} on to ${after}, so no reading is on that day.`;
  }
  if (/^\d{4}-\d\d-\d\d$/.test(typed)) return `There is no day ${typed}.`;
  return `<timestamp> takes a time such as 2026-01-01T06:00:00Z, or a day such as 2026-01-01, not "${typed}".`;
}

/** A line of a raw object that is, or was meant to be, the reading. */
export type Occurrence = { readonly object: RawObject; readonly line: number } & (
  | {
      readonly kind: 'valid';
      readonly reading: Reading;
      /** The second part of its rank, UTC ms. */
      readonly uploadedMs: number;
      readonly dropped: readonly DroppedValue[];
    }
  | {
      readonly kind: 'rejected';
      readonly reason: RejectReason;
      readonly detail: string;
      readonly text: string;
    }
);

const objectsInFlight = 4;
/** A page of the listing; its ledgers are ten calls. */
const objectsPerPage = 1_000;

export interface OccurrencePorts {
  objects(): AsyncIterable<RawObject>;
  readonly segments: SegmentOpener;
  readonly ledgers: LedgerReader;
  readonly rejects: RejectsReader;
}

interface Search {
  readonly sought: SoughtReading;
  readonly datasets: readonly Dataset[];
  readonly tell: (text: string) => void;
}

/** What was found, and in how many objects of which it was looked for line by line. */
interface Occurrences {
  readonly occurrences: Occurrence[];
  readonly searched: number;
  readonly read: number;
}

/**
 * Looks for one reading in raw objects. Ledgers tell which objects have readings of the series and the time: these are read line by
 * line, and those whose ledgers tell nothing. Of all others the rejected lines are looked at, in their files.
 * Memory: the lines that are found, and a page of objects with their ledgers.
 */
export async function findOccurrences(ports: OccurrencePorts, search: Search): Promise<Occurrences> {
  const occurrences: Occurrence[] = [];
  let searched = 0;
  let read = 0;
  for await (const page of pagesOf(ports.objects(), objectsPerPage)) {
    const entries = await ports.ledgers.ledgers(page);
    const found = await mapBounded(page, objectsInFlight, async (object, index) => {
      const origin = originOf({ key: object.key }, search.datasets);
      const entry = entries[index];
      searched += 1;
      search.tell(`${searched} raw objects searched, ${occurrences.length} lines found`);
      if (origin.dataset !== undefined && origin.dataset.name !== search.sought.dataset.name) return [];
      if (!mayHold(entry, (held) => isOf(held, search.sought)))
        return inRejects(ports, object, { ...search, origin, entry });
      read += 1;
      return inObject(ports.segments, object, { ...search, origin });
    });
    occurrences.push(...found.flat());
  }
  return { occurrences, searched, read };
}

/** Whether what an object holds may be the reading. */
function isOf(held: Holding, { dataset, sensorId, timestampMs }: SoughtReading): boolean {
  return (
    held.dataset === dataset.name &&
    held.fromMs <= timestampMs &&
    timestampMs <= held.toMs &&
    (held.sensors === undefined || held.sensors.includes(sensorId))
  );
}

/** The rejected lines of an object that were meant to be the reading. */
async function inRejects(
  { rejects }: OccurrencePorts,
  object: RawObject,
  { sought, origin, entry }: { sought: SoughtReading; origin: Origin; entry: LedgerEntry | undefined },
): Promise<Occurrence[]> {
  const { rejectsKey, meant } = entry ?? {};
  const others = meant?.every(({ dataset }) => dataset !== undefined && dataset !== sought.dataset.name);
  if (rejectsKey === undefined || others === true) return [];
  const found: Occurrence[] = [];
  for await (const { line, reason, detail, text } of rejects(rejectsKey)) {
    if (means(text, sought, origin.sensorId))
      found.push({ object, line, kind: 'rejected', reason, detail, text });
  }
  return found;
}

async function inObject(
  segments: SegmentOpener,
  object: RawObject,
  { sought, datasets, origin }: { sought: SoughtReading; datasets: readonly Dataset[]; origin: Origin },
): Promise<Occurrence[]> {
  const { key } = object;
  const found: Occurrence[] = [];
  const { bytes, ...known } = await segments.open(object);
  const source = { key, ...known }; // of a refused file the ledger tells
  const uploadedMs = uploadedMsOf(source);
  await findReading({ source, datasets, bytes }, sought, {
    reading(line, _, reading, dropped) {
      found.push({ object, line, kind: 'valid', reading, uploadedMs, dropped });
    },
    rejected(line, reason, detail, text) {
      if (means(text, sought, origin.sensorId)) {
        found.push({ object, line, kind: 'rejected', reason, detail, text });
      }
    },
  });
  return found;
}

/** Whether a line that was rejected was meant to be the reading: it names the sensor and the time, in JSON or in cells. */
export function means(text: string, sought: SoughtReading, sensorOfFolder: string | undefined): boolean {
  const { dataset, timestampMs, typed } = sought;
  return timesMeant(text, sought, sensorOfFolder).some(
    (time) => time === typed || instantsMeant(time, dataset).includes(timestampMs),
  );
}
