import { checkDefinition } from '../dataset/check-definition.ts';
import type { DatasetDefinition } from '../dataset/definition.ts';
import { checkFilePattern } from '../formats/file-pattern.ts';
import type { Format } from '../formats/format.ts';
import type { ShippedFormat } from '../formats/shipped-format.ts';
import type { ShippedJsonFormat } from '../formats/shipped-json.ts';
import { type Decoded, decodeStart } from './encoding.ts';
import { type Answers, certain, type Finding, guessed, type Question } from './finding.ts';
import { inspectJson } from './json/inspect-json.ts';
import type { MeasureFound, UnreadColumn } from './measures.ts';
import { otherFormatOf } from './other-formats.ts';
import { inspectTable } from './table/inspect-table.ts';

/** A dataset for files like one, with how sure each part of it is. */
export interface Inspection {
  /** Complete once there are no `questions`. */
  readonly definition: DatasetDefinition;
  /** The shipped format that the file is of, and what the dataset says beyond it. */
  readonly shipped: ShippedUse | undefined;
  readonly measures: readonly MeasureFound[];
  readonly unread: readonly UnreadColumn[];
  readonly findings: readonly Finding[];
  readonly questions: readonly Question[];
}

/** A shipped format as a dataset names it. */
interface ShippedUse {
  readonly format: Pick<ShippedFormat, 'name' | 'title' | 'about'>;
  /** Its module below the project. */
  readonly module: string;
  /** What its `with` is given. */
  readonly given: object;
}

/** The formats that ship, each kind in the order in which a file is compared with them. */
export interface ShippedFormats {
  readonly text: readonly ShippedFormat[];
  readonly json: readonly ShippedJsonFormat[];
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
  { name, answers, shipped }: { name: string; answers: Answers; shipped: ShippedFormats },
): Inspection | { readonly fault: string } {
  if (file.bytes.length === 0) return { fault: 'it is empty' };
  const decoded = decodeStart(sampleOf(file));
  if ('fault' in decoded) return decoded;
  const knownJson = shipped.json.find((format) => format.recognises(decoded.text));
  const other = knownJson ? undefined : otherFormatOf(decoded.text);
  if (other !== undefined) return { fault: other };
  const match = answers.match ?? matchOf(file.name);
  const subject = { answers, shipped, match, fileName: file.name };
  const isJson = knownJson !== undefined || /^\s*[[{]/.test(decoded.text);
  const found = isJson ? ofJson(decoded, subject, knownJson) : ofTable(decoded, subject);
  if ('fault' in found) return found;
  const { format, use, isTimeless, timeZone, expectedEvery, measures, unread, questions } = found;
  const definition: DatasetDefinition = {
    ...{ name, timeZone, shards: 1 },
    ...(isTimeless ? { time: 'arrival' } : {}),
    measures: Object.fromEntries(
      measures.map(({ name: measure, unit, min, max }) => [measure, { unit, min, max, optional: true }]),
    ),
    formats: [format],
    ...(expectedEvery === undefined ? {} : { expectedEvery }),
  };
  const unsound = checkDefinition(definition);
  if (unsound !== undefined)
    return {
      fault: `what it seems to be can't be declared, since ${unsound}; docs/formats.md says how to declare it by hand`,
    };
  const ofFormat = use
    ? certain('format', use.format.title, 'it begins as such files do')
    : certain(
        'format',
        isJson ? 'JSON' : 'a table in text',
        !isJson
          ? 'it has rows of cells'
          : `it has documents of JSON${isOfTables(file.name) ? ', whatever its name says' : ''}`,
      );
  const ofMatch = guessed(
    'files',
    match,
    isJson && isOfTables(file.name)
      ? 'those with this ending, of this dataset. It is one of tables: where there are tables too, name files of JSON .json or .ndjson, or say --match'
      : 'those with this ending, of this dataset',
  );
  return {
    definition,
    shipped: use,
    ...{ measures, unread, questions },
    findings: [
      ofFormat,
      decoded.finding,
      ...(answers.match === undefined ? [ofMatch] : []),
      ...found.findings,
    ],
  };
}

interface Subject {
  readonly answers: Answers;
  readonly shipped: ShippedFormats;
  readonly match: string;
  readonly fileName: string | undefined;
}

interface Found extends Pick<Inspection, 'measures' | 'unread' | 'findings' | 'questions'> {
  readonly format: Format;
  readonly use: ShippedUse | undefined;
  readonly isTimeless: boolean;
  readonly timeZone: string;
  readonly expectedEvery: string | undefined;
}

function ofTable(
  { text, encoding }: Decoded,
  { answers, shipped, match, fileName }: Subject,
): Found | { readonly fault: string } {
  const known = shipped.text.find((format) => format.recognises(text));
  const found = inspectTable(text, { known, answers, fileName });
  if ('fault' in found) return found;
  const own = { match, ...(encoding === undefined ? {} : { encoding }), ...found.format };
  if (known === undefined)
    return { ...found, format: { kind: 'text', ...own }, use: undefined, isTimeless: false };
  const { columns, long, ...rest } = own;
  const given = {
    ...beyond(rest, known.format),
    match,
    ...(long ? { parameters: long.parameters } : {}),
    ...moreOf('columns', columns, known.format.columns),
  };
  const use = { format: known, module: `formats/${known.name}.ts`, given };
  return { ...found, format: known.with(given), use, isTimeless: false };
}

function ofJson(
  decoded: Decoded,
  subject: Subject,
  known: ShippedJsonFormat | undefined,
): Found | { readonly fault: string } {
  const { text, encoding } = decoded;
  const { answers, match, fileName } = subject;
  const found = inspectJson(text, { known, answers, fileName });
  if ('fault' in found) {
    if (known === undefined || known.format.syntax !== undefined) return found;
    // Such as Observations within their Datastreams: the server's answer to another question, whose records are elsewhere.
    const asOther = ofJson(decoded, subject, undefined);
    return 'fault' in asOther ? found : asOther;
  }
  const own = { match, ...(encoding === undefined ? {} : { encoding }), ...found.format };
  if (known === undefined) return { ...found, format: { kind: 'json', ...own }, use: undefined };
  const { fields, long, ...rest } = own;
  const given = {
    ...beyond(rest, known.format),
    match,
    ...(long ? { parameters: long.parameters } : {}),
    ...moreOf('fields', fields, known.format.fields),
  };
  const use = { format: known, module: `formats/json/${known.name}.ts`, given };
  return { ...found, format: known.with(given), use };
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The members that a shipped format has not, or otherwise; of the time its zone and its format. */
function beyond(
  own: { readonly time?: { readonly zone?: string; readonly format: string } },
  shared: { readonly time?: { readonly zone?: string; readonly format: string } },
): object {
  const { time, ...rest } = own;
  const members: Readonly<Record<string, unknown>> = { ...shared };
  const { zone, format } = time ?? {};
  return {
    ...Object.fromEntries(Object.entries(rest).filter(([name, value]) => !isSame(members[name], value))),
    ...(zone === undefined || zone === shared.time?.zone ? {} : { zone }),
    ...(format === undefined || format === shared.time?.format ? {} : { timeFormat: format }),
  };
}

/** A member with the entries that a shipped format has not, where there are any. */
function moreOf(member: string, own: object = {}, shared: object = {}): object {
  const known: Readonly<Record<string, unknown>> = { ...shared };
  const more = Object.entries(own).filter(([name, value]) => !isSame(known[name], value));
  return more.length === 0 ? {} : { [member]: Object.fromEntries(more) };
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

const isOfTables = (name = ''): boolean => /\.(?:csv|tsv|tab|txt|dat|asc)$/i.test(name);

function matchOf(name: string | undefined): string {
  const ending = /\.[a-z0-9]{1,8}$/i.exec(name ?? '')?.[0].toLowerCase();
  if (ending !== undefined) return `*${ending}`;
  return name !== undefined && checkFilePattern(name) === undefined ? name : '*.csv';
}
