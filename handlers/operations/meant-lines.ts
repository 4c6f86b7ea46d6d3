import type { Dataset } from '../../core/dataset/dataset.ts';
import { canonicalSensorId } from '../../core/dataset/sensor-id.ts';
import { commonDelimiters, splitCells } from '../../core/formats/cells.ts';
import { shiftMs } from '../../core/formats/check-parts.ts';
import { parseTimestamp } from '../../core/time/calendar.ts';
import { parseTime } from '../../core/time/time-format.ts';

/** Whose readings rejected lines may have been meant to be. */
interface Series {
  readonly dataset: Dataset;
  readonly sensorId: string;
}

/**
 * The texts of a rejected line that may be its time, where it names the series, in JSON or in cells; none where it is of another one. What is wrong
 * with a line may be anything, so it is not parsed as one that is right.
 * @param sensorOfFolder the series of lines that name none
 */
export function timesMeant(text: string, series: Series, sensorOfFolder: string | undefined): string[] {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    const cells = cellsOf(text);
    const isNamed = sensorOfFolder === series.sensorId || cells.some((cell) => isSensor(cell, series));
    return isNamed ? cells : [];
  }
  if (typeof record !== 'object' || record === null) return [];
  const fields = record as Readonly<Record<string, unknown>>;
  const named = fields.dataset;
  if (typeof named === 'string' && named !== series.dataset.name) return [];
  const sensor = fields.sensorId ?? fields[series.dataset.sensorIdField ?? ''] ?? sensorOfFolder;
  return isSensor(sensor, series) ? [String(fields.timestamp ?? fields[series.dataset.at ?? ''] ?? '')] : [];
}

/** The instants that a text may stand for, UTC ms: in ISO 8601, or as the dataset's files write times. */
export function instantsMeant(text: string, dataset: Dataset): number[] {
  const iso = parseTimestamp(text);
  const others = dataset.allFormats.flatMap(({ time }) => {
    if (time === undefined) return [];
    const added = shiftMs(time.shift) ?? 0; // checked
    return parseTime(text, time.format, time.zone ?? dataset.timeZone).map((ms) => ms + added);
  });
  return iso === undefined ? others : [iso, ...others];
}

/** The cells of a CSV row; of a line of JSON that breaks off, its texts. */
function cellsOf(text: string): string[] {
  if (text.trimStart().startsWith('{'))
    return [...text.matchAll(/"([^"\\]*)"/g)].map((match) => match[1] ?? '');
  const delimiter = commonDelimiters.find((candidate) => text.includes(candidate)) ?? ',';
  return (splitCells(text, delimiter) ?? text.split(delimiter)).map((cell) => cell.trim());
}

const isSensor = (named: unknown, { sensorId }: Series): boolean =>
  (typeof named === 'string' || typeof named === 'number') && canonicalSensorId(named) === sensorId;
