import { type Dataset, filledFault } from '../../dataset/dataset.ts';
import type { Line, Rejected } from '../../dataset/reading.ts';
import type { RefusedLine } from '../gate.ts';
import { readRecord } from '../read-record.ts';
import { rejected, show, unknownDataset } from '../rejection.ts';
import type { Origin } from '../segment-origin.ts';
import { isJson } from './grammar.ts';
import { repeatedKeyFault } from './members.ts';

/** What the place that a record came from says about it. */
export type RecordContext = Pick<Origin, 'dataset' | 'sensorId' | 'arrivedMs' | 'isStored'>;

/**
 * One line of NDJSON as a reading.
 * @param terminated whether a newline ended it: a last line that is cut off is `truncated`, not `not-json`
 */
export function parseNdjsonLine(
  text: string,
  terminated: boolean,
  context: RecordContext,
  datasets: readonly Dataset[],
): Line {
  const value = parseLine(text);
  return value === undefined ? noJson(text, terminated) : parseValue(text, value, context, datasets);
}

/** The value of a line; `undefined` where it is no JSON. */
export function parseLine(text: string): unknown {
  try {
    return breaksOff(text) || isShortAndNone(text) ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Why a line is rejected that is no JSON. */
export function noJson(text: string, terminated: boolean): Rejected {
  if (terminated) return rejected('not-json', `the line is ${show(text)}; accepted: a JSON object`);
  return rejected('truncated', `the last line breaks off: ${show(text.slice(-40))}; accepted: whole JSON`);
}

/** A parsed JSON value as a reading, with the text that it was parsed from. A key that is there twice rejects it. */
export function parseValue(
  text: string,
  value: unknown,
  context: RecordContext,
  datasets: readonly Dataset[],
): Line {
  return repeatedKeyFault(text, value) ?? parseRecord(value, context, datasets);
}

/** An object without its end. Most lines that are not JSON are cut off, and to throw takes longer than all the rest. */
function breaksOff(text: string): boolean {
  let end = text.length;
  while (end > 0 && ' \t\r'.includes(text[end - 1] as string)) end--; // end is at least 1
  return text[0] === '{' && text[end - 1] !== '}';
}

/** The shortest lines are the most that an object can have: none of them may take the time of an exception. */
const isShortAndNone = (text: string): boolean => text.length <= 64 && !isJson(text);

/** A JSON value as a reading, of the context's dataset or of the one that it names. Of what was parsed see {@link parseValue}. */
export function parseRecord(value: unknown, context: RecordContext, datasets: readonly Dataset[]): Line {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return rejected('not-an-object', `the line is ${show(value)}; accepted: a JSON object`);
  const record = value as Readonly<Record<string, unknown>>; // what JSON calls an object
  const name = Object.hasOwn(record, 'dataset') ? record.dataset : undefined;
  if (name === undefined && !context.dataset) return parseUnnamed(record, context, datasets);
  if (name !== undefined && typeof name !== 'string')
    return rejected('wrong-type', `dataset is ${show(name)}; accepted: a text`);
  if (context.dataset && name !== undefined && name !== context.dataset.name)
    return rejected('dataset-mismatch', `dataset is ${show(name)}; accepted here: ${context.dataset.name}`);
  const dataset = context.dataset ?? datasets.find((known) => known.name === name);
  if (dataset === undefined) return unknownDataset(name, datasets);
  // Who sends lines one by one is not the store of streams.
  const filled = context.isStored ? undefined : filledFault(dataset);
  return filled === undefined ? readRecord(dataset, record, context) : rejected('dataset-mismatch', filled);
}

/** Whether a record that names no dataset is one of this dataset, by the field of its sensor. */
export const takesUnnamed = ({ unnamed, sensorIdField = '' }: Dataset, record: object): boolean =>
  unnamed === true && Object.hasOwn(record, sensorIdField);

/** A record of which nothing says the dataset, by the field that names its sensor. */
function parseUnnamed(
  record: Readonly<Record<string, unknown>>,
  context: RecordContext,
  datasets: readonly Dataset[],
): Line {
  const taking = datasets.filter((dataset) => takesUnnamed(dataset, record));
  const [dataset] = taking;
  if (dataset !== undefined && taking.length === 1) return readRecord(dataset, record, context);
  const accepted = (taking.length === 0 ? datasets : taking).map(({ name }) => name).join(', ');
  return rejected('missing-field', `dataset is missing; accepted: ${accepted}`);
}

/** A line of JSON that is set out for people: brackets, or one member of an object. */
const pieceOfJson = /^(?:[[\]{}]+,?|"(?:[^"\\]|\\.)*"\s*:.*)$/;

/** What lines that are no JSON have in common, where it is a habit of those who write such files. */
export function causeOfNoJson(wrong: readonly RefusedLine[]): string | undefined {
  if (wrong.some(({ reason }) => reason !== 'not-json' && reason !== 'truncated')) return undefined;
  const texts = wrong.map(({ text }) => text.trim());
  if (/^[[{]$/.test(texts[0] ?? '') && texts.slice(1).every((text) => pieceOfJson.test(text)))
    return "its JSON is spread over several lines; accepted: one reading a line, as written by jq -c '.[]' for an array, and jq -c . for objects";
  if (texts.every((text) => /[:[,]\s*(?:NaN|[-+]?Infinity)\s*[,}\]]/.test(text)))
    return 'it has NaN or Infinity, as Python writes them, which are no JSON; accepted: null where there is no value, as of to_json of pandas, or json.dumps with allow_nan=False';
  if (texts.every((text) => /^[[{]*'/.test(text)))
    return 'it has texts in single quotes, as Python prints a dict; accepted: JSON, as json.dumps writes it';
  if (texts.every((text) => /^[^{[]*[,;\t]/.test(text)))
    return 'its lines are cells, not JSON: the name of a CSV file ends in .csv';
  return undefined;
}
