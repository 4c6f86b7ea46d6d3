import type { Dataset } from '../dataset/dataset.ts';
import type { Line } from '../dataset/reading.ts';
import { readTime } from '../time/time-format.ts';
import type { RefusalReason, RefusedLine } from './gate.ts';
import { Notation } from './notation.ts';
import { readRecord } from './read-record.ts';
import { rejected, show } from './rejection.ts';
import type { TwiceShown } from './repeated-hour.ts';
import type { Origin } from './segment-origin.ts';

type CellKind = 'number' | 'text' | 'flag';

/** Where each field is in a line, from the header. */
interface Header {
  readonly delimiter: string;
  readonly columns: readonly string[];
  /** Field name and column index; `timestamp` is apart. */
  readonly fields: readonly {
    readonly name: string;
    readonly index: number;
    readonly kind: CellKind;
  }[];
  /** -1 without such a column: the rows have the time of the file's arrival. */
  readonly timestampIndex: number;
  /** Columns that nothing maps, and measures without a column. */
  readonly unread: ColumnNotes;
}

/** Why nothing can be read under a header. */
interface Unsound {
  readonly kind: 'unsound';
  readonly reason: RefusalReason;
  readonly detail: string;
}

/** What a header has beyond what is read, and has not. */
export interface ColumnNotes {
  readonly unmapped: readonly string[];
  /** Names of measures. */
  readonly absent: readonly string[];
}

/**
 * Reads an uploaded CSV file line by line. The first line names the columns, separated by comma, semicolon or tab; columns
 * that nothing maps are passed over. Cells may be quoted (RFC 4180) but not hold a line break, so that a stray quote
 * costs one line and not the rest of the file: the reason why no streaming CSV parser is used.
 */
export class CsvReader {
  readonly #dataset: Dataset;
  readonly #origin: Origin;
  readonly #notation: Notation;
  #header: Header | undefined;

  constructor(dataset: Dataset, origin: Origin) {
    this.#dataset = dataset;
    this.#origin = origin;
    this.#notation = new Notation(dataset.csv?.timestamp?.[1] ?? 'iso');
  }

  /** Reads the first line. @returns what it has beyond, or why nothing of the file can be read */
  readHeader(text: string): ColumnNotes | Unsound {
    const header = readHeader(this.#dataset, text, this.#origin.sensorId);
    if ('kind' in header) return header;
    this.#header = header;
    return header.unread;
  }

  /** The outcome of a line under the header. */
  parse(text: string, terminated: boolean): Line | TwiceShown {
    if (this.#header === undefined) throw new Error('the header comes first');
    return this.#parseCells(this.#header, text, terminated);
  }

  /**
   * Whether a line that is no row is a header of other columns, as where files were put one behind another: what follows it can't be read
   * by the first one. The same header again does no harm.
   */
  isOtherHeader(text: string): boolean {
    const header = this.#header;
    if (header === undefined) return false;
    const { columns, delimiter } = header;
    const cells = splitCells(text, delimiter) ?? text.replaceAll('"', '').split(delimiter);
    const found = cells.map((cell) => cell.trim());
    // A row that breaks off in front of it ends in the header's first cell.
    const isNamed = (column: string) =>
      found.some((cell) => cell === column || (column.length > 2 && cell.endsWith(column)));
    if (columns.filter((column) => column !== '' && isNamed(column)).length < 2) return false;
    const tail = found.slice(-columns.length);
    const isSame = columns.every((column, at) =>
      at === 0 ? tail[at]?.endsWith(column) : tail[at] === column,
    );
    return !isSame;
  }

  /** What the rows say against how they were read: then also those that could be read may be wrong. */
  get contradiction(): string | undefined {
    return this.#notation.otherDays ?? this.#notation.otherNumbers;
  }

  /** What lines that can't be read have in common, where it is a habit of those who write such files. */
  causeOf(lines: readonly RefusedLine[]): string | undefined {
    const header = this.#header;
    if (header === undefined || lines.length === 0) return undefined;
    const { contradiction } = this;
    if (contradiction !== undefined) return contradiction;
    const cells = lines.map(({ text }) => splitCells(text, header.delimiter) ?? []);
    // The first may be a row of units.
    return habitOf(cells, header.columns.length) ?? habitOf(cells.slice(1), header.columns.length);
  }

  #parseCells(header: Header, text: string, terminated: boolean): Line | TwiceShown {
    if (text.includes('\0'))
      return rejected(
        'not-text',
        `the line has NUL characters, as a damaged file does: ${show(text)}; accepted: text`,
      );
    const cells = splitCells(text, header.delimiter);
    if (cells?.length !== header.columns.length) {
      const found = cells ? `${cells.length} cells` : 'a quote that nothing closes';
      const detail = `the line has ${found}: ${show(text)}; accepted: ${header.columns.length} cells as in the header`;
      return rejected(terminated ? 'wrong-columns' : 'truncated', detail);
    }
    const cell = (index: number) => (cells[index] ?? '').trim();
    const record: Record<string, unknown> = {};
    for (const { name, index, kind } of header.fields) {
      const found = cell(index);
      if (kind === 'number') this.#notation.number(found);
      if (found === '') {
        // Of an optional measure it is told as what it is; elsewhere it is as if the field were not there.
        if (this.#dataset.measures[name]?.optional) record[name] = found;
        else if (!ownFields.has(name)) record[name] = null;
      } else record[name] = cellValue(found, kind);
    }
    if (header.timestampIndex === -1) return readRecord(this.#dataset, record, this.#origin);
    const timestamp = cell(header.timestampIndex);
    record.timestamp = timestamp;
    this.#notation.time(timestamp);
    const [column, format] = this.#dataset.csv?.timestamp ?? ['timestamp', 'iso'];
    const [timestampMs, laterMs] = readTime(timestamp, format, this.#dataset.timeZone);
    if (timestampMs === undefined) {
      const accepted =
        format === 'iso' ? 'ISO 8601 with Z or an offset' : `${format} in ${this.#dataset.timeZone}`;
      const detail = `${column} is ${show(timestamp)}; accepted: ${accepted}, a time that exists, from 1970 to 2099`;
      return rejected('invalid-timestamp', detail);
    }
    const isUncertain = laterMs !== undefined;
    const line = readRecord(this.#dataset, record, { ...this.#origin, timestampMs, isUncertain });
    if (laterMs === undefined || line.kind === 'rejected') return line;
    return { ...line, kind: 'twice-shown', laterMs, shown: timestamp };
  }
}

function readHeader(dataset: Dataset, text: string, sensorId: string | undefined): Header | Unsound {
  // As a damaged file has: a column whose name is spoilt may be any, also the second one of a name.
  if (text.includes('\0'))
    return unsound('not-text', `the header has NUL characters: ${show(text)}; accepted: text`);
  const delimiter = [',', ';', '\t'].reduce((best, next) =>
    count(text, next) > count(text, best) ? next : best,
  );
  const columns = splitCells(text, delimiter)?.map((name) => name.trim());
  if (!columns)
    return unsound(
      'wrong-columns',
      `the header has a quote that nothing closes: ${show(text)}; accepted: closed quotes`,
    );
  const mapping = dataset.csv;
  const timestampColumn = mapping?.timestamp?.[0] ?? 'timestamp';
  const wanted = [
    { name: 'timestamp', kind: 'text', required: dataset.time !== 'arrival' },
    { name: 'sensorId', kind: 'text', required: mapping?.sensorId !== undefined && sensorId === undefined },
    ...dataset.measureNames.map((name) => {
      const required = !dataset.measures[name]?.optional || mapping?.[name] !== undefined;
      return { name, kind: 'number', required } as const;
    }),
    ...dataset.attributeNames.map((name) => {
      const required = !dataset.attributes[name]?.optional || mapping?.[name] !== undefined;
      return { name, kind: 'text', required } as const;
    }),
    { name: 'revision', kind: 'number', required: mapping?.revision !== undefined },
    { name: 'withdrawn', kind: 'flag', required: mapping?.withdrawn !== undefined },
  ] as const;
  const fields: { name: string; index: number; kind: CellKind }[] = [];
  for (const { name, kind, required } of wanted) {
    const mapped = mapping?.[name];
    const ownName = name === 'sensorId' && !columns.includes(name) ? (dataset.sensorIdField ?? name) : name;
    const column = name === 'timestamp' ? timestampColumn : typeof mapped === 'string' ? mapped : ownName;
    const index = columns.indexOf(column);
    if (index === -1 && required)
      return unsound(
        'missing-column',
        `the header is ${show(text)}; accepted: one with the column ${show(column)}`,
      );
    if (index !== -1 && columns.indexOf(column, index + 1) !== -1)
      return unsound('wrong-columns', `column ${show(column)} is there twice; accepted: once`);
    if (index !== -1) fields.push({ name, index, kind });
  }
  if (!fields.some(({ name }) => dataset.measureNames.includes(name)))
    return unsound(
      'missing-column',
      `the header is ${show(text)}, without a column of any measure; accepted: at least one of ${dataset.measureNames.join(', ')}`,
    );
  const timestampIndex = columns.indexOf(timestampColumn);
  return {
    delimiter,
    columns,
    fields: fields.filter(({ name }) => name !== 'timestamp'),
    timestampIndex,
    unread: {
      unmapped: columns.filter(
        (column, index) => column !== '' && !fields.some((field) => field.index === index),
      ),
      absent: dataset.measureNames.filter((measure) => !fields.some(({ name }) => name === measure)),
    },
  };
}

/** What all of these rows have that can't be read. */
function habitOf(rows: readonly (readonly string[])[], columns: number): string | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  if (rows.every((row) => row.some((cell) => /^\s*-?\d[\d.]*,\d+\s*$/.test(cell))))
    return 'its numbers have a decimal comma, or commas between thousands; accepted: a decimal point and no commas';
  if (first.length !== columns && rows.every((row) => row.length === first.length))
    return `its rows have ${first.length} cells where the header has ${columns}`;
  if (rows.every((row) => row.some((cell) => /^\s*-?\d{1,3}(?:,\d{3})+(?:\.\d*)?\s*$/.test(cell))))
    return 'its numbers have commas between thousands; accepted: a decimal point and no commas';
  return undefined;
}

/** Fields of every dataset: an empty cell of theirs says as little as no column. */
const ownFields: ReadonlySet<string> = new Set(['sensorId', 'revision', 'withdrawn']);

function cellValue(text: string, kind: CellKind): unknown {
  if (kind === 'number') return numberOf(text);
  return kind === 'flag' && /^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : text;
}

const unsound = (reason: RefusalReason, detail: string): Unsound => ({ kind: 'unsound', reason, detail });

const count = (text: string, piece: string) => text.split(piece).length;

/** Decimal text as a number, strictly; the floating-point words as what they mean; anything else as it is. */
function numberOf(text: string): number | string {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return Number(text);
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  if (!/^[+-]?inf(?:inity)?$/i.test(text)) return text;
  return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/**
 * The cells of one line, unquoted; `undefined` when a quote isn't closed or has text after it. Spaces around a quoted cell are passed
 * over, as around any other cell.
 */
export function splitCells(text: string, delimiter: string): string[] | undefined {
  if (!text.includes('"')) return text.split(delimiter);
  const cells: string[] = [];
  let at = 0;
  while (at <= text.length) {
    const start = afterSpaces(text, at);
    if (text[start] !== '"') {
      const next = text.indexOf(delimiter, at);
      const end = next === -1 ? text.length : next;
      cells.push(text.slice(at, end));
      at = end + 1;
      continue;
    }
    let end = start + 1;
    while (text[end] === '"' ? text[end + 1] === '"' : end < text.length) end += text[end] === '"' ? 2 : 1;
    if (end >= text.length) return undefined;
    cells.push(text.slice(start + 1, end).replaceAll('""', '"'));
    at = afterSpaces(text, end + 1);
    if (at < text.length && text[at] !== delimiter) return undefined;
    at++;
  }
  return cells;
}

function afterSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ') at++;
  return at;
}
