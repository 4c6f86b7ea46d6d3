import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { Line } from '../../../core/dataset/reading.ts';
import { elementTexts, repeatedKeyFault } from '../../../core/lines/json/members.ts';
import { parseNdjsonLine, parseValue, type RecordContext } from '../../../core/lines/json/ndjson.ts';
import { maxLines, maxReadings, readings } from '../contract/readings.ts';
import { invalidBody, parseJsonBody, readBody } from '../http/body.ts';
import type { HttpRequest } from '../http/messages.ts';
import type { Problem } from '../http/problem.ts';

/**
 * Reads the readings of a body, each as a line of the ingestion is read. A reading without a dataset is of the route's one. None has its
 * arrival for a time: sent again, it would be another reading.
 * @param arrivedMs UTC ms
 */
export function readReadings(
  request: HttpRequest,
  { dataset, arrivedMs }: { dataset: Dataset; arrivedMs: number },
  datasets: readonly Dataset[],
): readonly Line[] | Problem {
  const rules = readings.submitReadings.body;
  const body = readBody(request, rules);
  if ('problem' in body) return body;
  const read = body.type === rules.types[0] ? readJson : readLines;
  return read(body.text, { dataset, sensorId: undefined, arrivedMs, isStored: false }, datasets);
}

function readJson(
  text: string,
  context: RecordContext,
  datasets: readonly Dataset[],
): readonly Line[] | Problem {
  const accepted = `JSON: an array of 1 to ${maxReadings} readings, or {"readings": […]}`;
  const parsed = parseJsonBody(text, accepted);
  if ('problem' in parsed) return parsed;
  const { value } = parsed;
  if (repeatedKeyFault(text, value) !== undefined)
    return invalidBody('the body has a member twice', accepted);
  const list = isWrapped(value) ? value.readings : value;
  if (!Array.isArray(list)) return invalidBody('the body has no list of readings', accepted);
  if (list.length === 0 || list.length > maxReadings) {
    return invalidBody(`the body has ${list.length} readings`, accepted);
  }
  // Its key is the only one, and has no bracket however it is written.
  const texts = elementTexts(text.slice(text.indexOf('[')));
  return list.map((record, index) => parseValue(texts[index] ?? '', record, context, datasets));
}

function isWrapped(value: unknown): value is { readings: unknown } {
  return typeof value === 'object' && value !== null && Object.keys(value).join() === 'readings';
}

function readLines(
  text: string,
  context: RecordContext,
  datasets: readonly Dataset[],
): readonly Line[] | Problem {
  const accepted = `1 to ${maxLines} lines, each a reading as a JSON object`;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0 || lines.length > maxLines) {
    return invalidBody(`the body has ${lines.length} lines that are not blank`, accepted);
  }
  return lines.map((line) => parseNdjsonLine(line, true, context, datasets));
}
