import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { Line } from '../../../core/dataset/reading.ts';
import { parseNdjsonLine, parseRecord } from '../../../core/lines/ndjson.ts';
import type { HttpRequest } from '../http/http.ts';
import type { Problem } from '../http/problem.ts';

/** Bytes of a body: 1 MiB. Larger amounts are for the delivery stream itself, or for the landing prefix. */
export const maxBodyBytes = 1_048_576;
/** Readings of a JSON body. */
export const maxReadings = 500;
/** Lines of an NDJSON body, so that naming every rejected one stays within what a function may answer, 6 MB. */
export const maxLines = 14_000;

export const jsonType = 'application/json';
export const ndjsonTypes = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'] as const;

export type Body =
  | { readonly kind: 'readings'; readonly readings: readonly Line[] }
  | { readonly kind: 'problem'; readonly problem: Problem };

/**
 * Reads the readings of a body, each as a line of the ingestion is read. The length is checked before anything is
 * parsed. A reading that names no dataset is of the route's one.
 */
export function readBody(request: HttpRequest, dataset: Dataset, datasets: readonly Dataset[]): Body {
  if (request.body.length > maxBodyBytes) {
    const detail = `the body has ${request.body.length} bytes; accepted: at most ${maxBodyBytes}`;
    return { kind: 'problem', problem: { kind: 'body-too-large', detail } };
  }
  const declared = request.headers['content-type'] ?? '';
  const type = declared.split(';')[0]?.trim().toLowerCase() ?? '';
  const isNdjson = (ndjsonTypes as readonly string[]).includes(type);
  if (type !== jsonType && !isNdjson) {
    const accepted = [jsonType, ...ndjsonTypes];
    const detail = `Content-Type is ${declared === '' ? 'missing' : JSON.stringify(declared.slice(0, 80))}; accepted: ${accepted.join(', ')}`;
    return {
      kind: 'problem',
      problem: { kind: 'unsupported-media-type', detail, parameter: 'Content-Type', accepted },
    };
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(request.body);
  } catch {
    return invalid('the body is not UTF-8', 'UTF-8');
  }
  return isNdjson ? readLines(text, dataset, datasets) : readJson(text, dataset, datasets);
}

function readJson(text: string, dataset: Dataset, datasets: readonly Dataset[]): Body {
  const accepted = `JSON: an array of 1 to ${maxReadings} readings, or {"readings": […]}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return invalid('the body is not JSON', accepted);
  }
  const list = isWrapped(value) ? value.readings : value;
  if (!Array.isArray(list)) return invalid('the body has no list of readings', accepted);
  if (list.length === 0 || list.length > maxReadings) {
    return invalid(`the body has ${list.length} readings`, accepted);
  }
  return {
    kind: 'readings',
    readings: list.map((record) => parseRecord(record, { dataset, sensorId: undefined }, datasets)),
  };
}

function isWrapped(value: unknown): value is { readings: unknown } {
  return typeof value === 'object' && value !== null && Object.keys(value).join() === 'readings';
}

function readLines(text: string, dataset: Dataset, datasets: readonly Dataset[]): Body {
  const accepted = `1 to ${maxLines} lines, each a reading as a JSON object`;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0 || lines.length > maxLines) {
    return invalid(`the body has ${lines.length} lines that are not blank`, accepted);
  }
  const context = { dataset, sensorId: undefined };
  return { kind: 'readings', readings: lines.map((line) => parseNdjsonLine(line, true, context, datasets)) };
}

function invalid(found: string, accepted: string): Body {
  const detail = `${found}; accepted: ${accepted}`;
  return { kind: 'problem', problem: { kind: 'invalid-body', detail, parameter: 'body', accepted } };
}
