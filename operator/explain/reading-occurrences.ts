import type { Dataset } from '../../core/dataset/dataset.ts';
import type { DroppedValue, Reading, RejectReason } from '../../core/dataset/reading.ts';
import { canonicalSensorId } from '../../core/dataset/sensor-id.ts';
import { splitCells } from '../../core/lines/csv.ts';
import { parseSegment } from '../../core/lines/parse-segment.ts';
import { originOf } from '../../core/lines/segment-origin.ts';
import { parseTimestamp } from '../../core/time/calendar.ts';
import { parseLocal } from '../../core/time/local-format.ts';
import { mapBounded, pagesOf } from '../../ports/concurrency.ts';
import type { SegmentOpener } from '../../ports/objects.ts';
import type { RawObject } from '../shared/raw-objects.ts';

/** The identity of a reading, and its time as a person typed it. */
export interface SoughtReading {
  readonly dataset: Dataset;
  readonly sensorId: string;
  /** UTC ms. */
  readonly timestampMs: number;
  readonly typed: string;
}

/** A line of a raw object that is, or was meant to be, the reading. */
export type Occurrence = { readonly object: RawObject; readonly line: number } & (
  | { readonly kind: 'valid'; readonly reading: Reading; readonly dropped: readonly DroppedValue[] }
  | {
      readonly kind: 'rejected';
      readonly reason: RejectReason;
      readonly detail: string;
      readonly text: string;
    }
);

const objectsInFlight = 4;

/** Reads raw objects line by line for one reading. Memory: the lines that are found. */
export async function findOccurrences(
  segments: SegmentOpener,
  objects: AsyncIterable<RawObject>,
  {
    sought,
    datasets,
    tell,
  }: {
    sought: SoughtReading;
    datasets: readonly Dataset[];
    tell: (text: string) => void;
  },
): Promise<{ occurrences: Occurrence[]; searched: number }> {
  const occurrences: Occurrence[] = [];
  let searched = 0;
  for await (const page of pagesOf(objects, objectsInFlight)) {
    const found = await mapBounded(page, objectsInFlight, (object) =>
      inObject(segments, object, { sought, datasets }),
    );
    occurrences.push(...found.flat());
    searched += page.length;
    tell(`${searched} raw objects searched, ${occurrences.length} lines found`);
  }
  return { occurrences, searched };
}

async function inObject(
  segments: SegmentOpener,
  object: RawObject,
  { sought, datasets }: { sought: SoughtReading; datasets: readonly Dataset[] },
): Promise<Occurrence[]> {
  const { key } = object;
  const origin = originOf({ key }, datasets);
  if (origin.dataset !== undefined && origin.dataset.name !== sought.dataset.name) return [];
  const found: Occurrence[] = [];
  await parseSegment(
    { source: { key }, datasets, bytes: await segments.open(object) },
    {
      reading(line, dataset, reading, dropped) {
        if (reading.timestampMs !== sought.timestampMs || reading.sensorId !== sought.sensorId) return;
        if (dataset.name === sought.dataset.name)
          found.push({ object, line, kind: 'valid', reading, dropped });
      },
      rejected(line, reason, detail, text) {
        if (means(text, sought, origin.sensorId)) {
          found.push({ object, line, kind: 'rejected', reason, detail, text });
        }
      },
    },
  );
  return found;
}

/** Whether a line that was rejected was meant to be the reading: it names the sensor and the time, in JSON or in cells. */
export function means(text: string, sought: SoughtReading, sensorOfFolder: string | undefined): boolean {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    return namesBoth(cellsOf(text), sought, sensorOfFolder);
  }
  if (typeof record !== 'object' || record === null) return false;
  const fields = record as Readonly<Record<string, unknown>>;
  const named = fields.dataset;
  if (typeof named === 'string' && named !== sought.dataset.name) return false;
  const sensor = fields.sensorId ?? fields[sought.dataset.sensorIdField ?? ''] ?? sensorOfFolder;
  return isSensor(sensor, sought) && isTime(String(fields.timestamp ?? ''), sought);
}

/** The cells of a CSV row; of a line of JSON that breaks off, its texts. */
function cellsOf(text: string): string[] {
  if (text.trimStart().startsWith('{'))
    return [...text.matchAll(/"([^"\\]*)"/g)].map((match) => match[1] ?? '');
  const delimiter = [',', ';', '\t'].find((candidate) => text.includes(candidate)) ?? ',';
  return (splitCells(text, delimiter) ?? text.split(delimiter)).map((cell) => cell.trim());
}

const namesBoth = (cells: readonly string[], sought: SoughtReading, sensorOfFolder: string | undefined) =>
  (sensorOfFolder === sought.sensorId || cells.some((cell) => isSensor(cell, sought))) &&
  cells.some((cell) => isTime(cell, sought));

const isSensor = (named: unknown, { sensorId }: SoughtReading): boolean =>
  (typeof named === 'string' || typeof named === 'number') && canonicalSensorId(named) === sensorId;

function isTime(text: string, { dataset, timestampMs, typed }: SoughtReading): boolean {
  if (text === typed || parseTimestamp(text) === timestampMs) return true;
  const format = dataset.csv?.timestamp[1] ?? 'iso';
  return format !== 'iso' && parseLocal(text, format, dataset.timeZone).includes(timestampMs);
}
