import type { DatasetDefinition } from '../dataset/definition.ts';
import { checkFilePattern } from '../formats/file-pattern.ts';
import type { ShippedFormat } from '../formats/shipped-format.ts';
import type { TextFormat } from '../formats/text-format.ts';
import { decodeStart } from './encoding.ts';
import { type Answers, certain, type Finding, guessed, type Question } from './finding.ts';
import type { MeasureFound, UnreadColumn } from './measures.ts';
import { inspectTable } from './table/inspect-table.ts';

type Given = Parameters<ShippedFormat['with']>[0];

/** A dataset for files like one, with how sure each part of it is. */
export interface Inspection {
  /** Complete once there are no `questions`. */
  readonly definition: DatasetDefinition;
  /** The shipped format that the file is of, and what the dataset says beyond it. */
  readonly shipped: { readonly format: ShippedFormat; readonly given: Given } | undefined;
  readonly measures: readonly MeasureFound[];
  readonly unread: readonly UnreadColumn[];
  readonly findings: readonly Finding[];
  readonly questions: readonly Question[];
}

/** The start of a file, uncompressed. */
export interface FileStart {
  readonly bytes: Buffer;
  /** There is no more of it. */
  readonly isWhole: boolean;
  /** Its name without folders and `.gz`, where it has one. */
  readonly name: string | undefined;
}

/** How much of a file is looked at, uncompressed. */
export const inspectedBytes = 1024 * 1024;

/**
 * Works out what a file is from its start: a format that ships, or how else it is written. What can't be seen is asked.
 * @param options.name of the dataset
 * @param options.shipped formats, in the order in which the file is compared with them
 * @returns or why nothing can be made of it
 */
export function inspectFile(
  file: FileStart,
  { name, answers, shipped }: { name: string; answers: Answers; shipped: readonly ShippedFormat[] },
): Inspection | { readonly fault: string } {
  if (file.bytes.length === 0) return { fault: 'it is empty' };
  const decoded = decodeStart(sampleOf(file));
  if ('fault' in decoded) return decoded;
  const { text } = decoded;
  if (/^\s*[[{]/.test(text))
    return {
      fault:
        'it is JSON: lines with the fields sensorId, timestamp (ISO 8601 with an offset) and a number for each measure need no format; see docs/formats.md',
    };
  const known = shipped.find((format) => format.recognises(text));
  const match = answers.match ?? matchOf(file.name);
  const found = inspectTable(text, { known, answers, fileName: file.name });
  if ('fault' in found) return found;
  const { format, timeZone, expectedEvery, measures, unread, findings, questions } = found;
  const encoding = decoded.encoding === undefined ? {} : { encoding: decoded.encoding };
  const own: TextFormat = { kind: 'text', match, ...encoding, ...format };
  const given = known && givenBeyond(known, own);
  const definition: DatasetDefinition = {
    ...{ name, timeZone, shards: 1 },
    measures: Object.fromEntries(
      measures.map(({ name: measure, unit, min, max }) => [
        measure,
        { unit, min, max, ...(measures.length > 1 ? { optional: true } : {}) },
      ]),
    ),
    formats: [known && given ? known.with(given) : own],
    ...(expectedEvery === undefined ? {} : { expectedEvery }),
  };
  const ofFormat = known
    ? certain('format', known.title, 'it begins as such files do')
    : certain('format', 'a table in text', 'it has rows of cells');
  const ofMatch = guessed('files', match, 'those with this ending, of this dataset');
  return {
    definition,
    shipped: known && given ? { format: known, given } : undefined,
    ...{ measures, unread, questions },
    findings: [ofFormat, decoded.finding, ...(answers.match === undefined ? [ofMatch] : []), ...findings],
  };
}

/** What of a format is not that of a shipped one. */
function givenBeyond({ format: shared }: ShippedFormat, own: TextFormat): Given {
  const { kind: _, time, long, columns = {}, ...rest } = own;
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const beyond = (members: object, of: object) =>
    Object.fromEntries(
      Object.entries(members).filter(([name, value]) => !same((of as Record<string, unknown>)[name], value)),
    );
  const { zone, format } = time ?? {};
  const more = beyond(columns, shared.columns ?? {});
  return {
    ...beyond(rest, shared),
    match: own.match,
    ...(zone === undefined || zone === shared.time?.zone ? {} : { zone }),
    ...(format === undefined || format === shared.time?.format ? {} : { timeFormat: format }),
    ...(long ? { parameters: long.parameters } : {}),
    ...(Object.keys(more).length === 0 ? {} : { columns: more }),
  };
}

/** The whole lines of a file's start. */
export function sampleOf({ bytes, isWhole }: FileStart): Buffer {
  if (isWhole) return bytes;
  const end = Math.max(bytes.lastIndexOf(0x0a), bytes.lastIndexOf(0x0d));
  if (end === -1) return bytes;
  // A line break of UTF-16 in the order of Intel has a second byte behind it, which is 0.
  const isSplit = end % 2 === 0 && bytes[end + 1] === 0;
  return bytes.subarray(0, end + (isSplit ? 2 : 1));
}

function matchOf(name: string | undefined): string {
  const ending = /\.[a-z0-9]{1,8}$/i.exec(name ?? '')?.[0].toLowerCase();
  if (ending !== undefined) return `*${ending}`;
  return name !== undefined && checkFilePattern(name) === undefined ? name : '*.csv';
}
