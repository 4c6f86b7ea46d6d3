import type { Dataset } from '../../dataset/dataset.ts';
import type { Line } from '../../dataset/reading.ts';
import { commonDelimiters, cutCells, type Delimiter, splitCells } from '../../formats/cells.ts';
import { shiftMs } from '../../formats/check-format.ts';
import { type NumberNotation, numberOf } from '../../formats/number-text.ts';
import type { ColumnDeclaration, TextFormat } from '../../formats/text-format.ts';
import { conversionOf } from '../../formats/units.ts';
import { readTime } from '../../time/time-format.ts';
import type { RefusalReason, RefusedLine } from '../gate.ts';
import { Notation } from '../notation.ts';
import { readRecord } from '../read-record.ts';
import { rejected, show } from '../rejection.ts';
import type { Origin } from '../segment-origin.ts';
import type { TwiceShown } from './repeated-hour.ts';

type CellKind = 'number' | 'text' | 'flag';

/** A field, and what its cells are. */
interface Field {
  readonly name: string;
  /** Several only of a sensor. */
  readonly indexes: readonly number[];
  readonly kind: CellKind;
  /** Of a measure: what stands for none in this column, and what its numbers become. */
  readonly nothing?: readonly (number | string)[];
  readonly convert?: (value: number) => number;
}

/** Where each field is in a line, from the header. */
interface Header {
  readonly columns: readonly string[];
  readonly fields: readonly Field[];
  /** The columns that make up the time; empty without such a column: the rows have the time of the file's arrival. */
  readonly timeIndexes: readonly number[];
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
 * Reads an uploaded table line by line, as its format says. Cells may be quoted (RFC 4180) but not hold a line break, so that a stray quote
 * costs one line and not the rest of the file: the reason why no streaming CSV parser is used.
 */
export class TableReader {
  readonly #dataset: Dataset;
  readonly #origin: Origin;
  readonly #format: TextFormat;
  readonly #notation: Notation;
  readonly #numbers: NumberNotation;
  readonly #time: { readonly columns: readonly string[]; readonly format: string; readonly zone: string };
  readonly #shiftMs: number;
  #header: Header | undefined;
  #delimiter: Delimiter | undefined;
  #rowsToSkip: number;
  /** Why nothing of any file can be read, where the format names the columns. */
  readonly fault: Unsound | undefined;
  /** What the format's columns have beyond, where it names them. */
  readonly notes: ColumnNotes | undefined;

  constructor(dataset: Dataset, origin: Origin, format: TextFormat) {
    this.#dataset = dataset;
    this.#origin = origin;
    this.#format = format;
    this.#numbers = { decimal: format.decimal ?? '.', thousands: format.thousands };
    this.#rowsToSkip = format.skipRows ?? 0;
    this.#delimiter = format.delimiter;
    const { column = 'timestamp', format: timeFormat = 'iso', zone = dataset.timeZone } = format.time ?? {};
    this.#time = { columns: [column].flat(), format: timeFormat, zone };
    this.#shiftMs = shiftMs(format.time?.shift) ?? 0; // checked
    this.#notation = new Notation(timeFormat, { numbers: this.#numbers });
    if (format.header === undefined) return;
    const found = this.#headerOf(format.header, show(format.header.join(', ')));
    if ('kind' in found) this.fault = found;
    else {
      this.#header = found;
      this.notes = found.unread;
    }
  }

  /** Whether times are local, so that the clock may have shown one of them twice. */
  get isLocal(): boolean {
    const { format } = this.#time;
    return format !== 'iso' && !format.startsWith('epoch-');
  }

  /** What the next line is: nothing to be read, the header, or a row. */
  kindOf(lineNumber: number, text: string): 'passed-over' | 'header' | 'row' {
    const { skipLines = 0, comment } = this.#format;
    if (lineNumber <= skipLines) return 'passed-over';
    if (comment !== undefined && text.trimStart().startsWith(comment)) return 'passed-over';
    if (this.#header === undefined) {
      const separator = this.#delimiter === undefined ? /^"?sep=([,;\t|])"?$/i.exec(text)?.[1] : undefined;
      if (separator === undefined) return 'header';
      this.#delimiter = separator as Delimiter; // one of those in the expression
      return 'passed-over';
    }
    if (this.#rowsToSkip === 0) return 'row';
    this.#rowsToSkip--;
    return 'passed-over';
  }

  /** Reads the header. @returns what it has beyond, or why nothing of the file can be read */
  readHeader(line: string): ColumnNotes | Unsound {
    // As a damaged file has: a column whose name is spoilt may be any, also the second one of a name.
    if (line.includes('\0'))
      return unsound('not-text', `the header has NUL characters: ${show(line)}; accepted: text`);
    // A name of a column may have as many commas as the header has semicolons: the columns that are sought tell them apart.
    let first: Unsound | undefined;
    for (const delimiter of this.#delimitersOf(line)) {
      this.#delimiter = delimiter;
      const columns = this.#split(line);
      const header = columns
        ? this.#headerOf(columns, show(line))
        : unsound(
            'wrong-columns',
            `the header has a quote that nothing closes: ${show(line)}; accepted: closed quotes`,
          );
      if (!('kind' in header)) {
        this.#header = header;
        return header.unread;
      }
      first ??= header;
    }
    return first as Unsound; // there is at least one delimiter
  }

  /** The outcome of a line under the header. */
  parse(line: string, terminated: boolean): Line | TwiceShown {
    if (this.#header === undefined) throw new Error('the header comes first');
    return this.#parseCells(this.#header, line, terminated);
  }

  /**
   * Whether a line that is no row is a header of other columns, as where files were put one behind another: what follows it can't be read
   * by the first one. The same header again does no harm.
   */
  isOtherHeader(line: string): boolean {
    const header = this.#header;
    if (header === undefined) return false;
    const { columns } = header;
    const cells = this.#split(line) ?? this.#split(line.replaceAll('"', '')) ?? [];
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
    const cells = lines.map((line) => this.#split(line.text) ?? []);
    // The first may be a row of units.
    const count = header.columns.length;
    return habitOf(cells, count, this.#numbers) ?? habitOf(cells.slice(1), count, this.#numbers);
  }

  /** The delimiters that a header may have, the likeliest first. */
  #delimitersOf(line: string): readonly Delimiter[] {
    if (this.#delimiter !== undefined) return [this.#delimiter];
    if (this.#format.widths !== undefined) return [','];
    const counted = commonDelimiters.map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
    return counted.toSorted((a, b) => b.count - a.count).map(({ delimiter }) => delimiter);
  }

  #split(line: string): string[] | undefined {
    const { widths, quote } = this.#format;
    if (widths !== undefined) return cutCells(line, widths);
    return splitCells(line, this.#delimiter ?? ',', quote);
  }

  #parseCells(header: Header, line: string, terminated: boolean): Line | TwiceShown {
    if (line.includes('\0'))
      return rejected(
        'not-text',
        `the line has NUL characters, as a damaged file does: ${show(line)}; accepted: text`,
      );
    const cells = this.#split(line);
    if (cells?.length !== header.columns.length) {
      const found = cells ? `${cells.length} cells` : 'a quote that nothing closes';
      const detail = `the line has ${found}: ${show(line)}; accepted: ${header.columns.length} cells as in the header`;
      return rejected(terminated ? 'wrong-columns' : 'truncated', detail);
    }
    const cell = (index: number) => (cells[index] ?? '').trim();
    const record: Record<string, unknown> = {};
    const nothing: string[] = [];
    for (const field of header.fields) {
      const [index = 0, ...more] = field.indexes;
      this.#read(field, more.length === 0 ? cell(index) : joined(field.indexes.map(cell)), {
        record,
        nothing,
      });
    }
    const given = nothing.length === 0 ? this.#origin : { ...this.#origin, nothing: new Set(nothing) };
    if (header.timeIndexes.length === 0) return readRecord(this.#dataset, record, given);
    const shown = header.timeIndexes.map(cell).join(' ');
    record.timestamp = shown;
    this.#notation.time(shown);
    const { columns, format, zone } = this.#time;
    const [timestampMs, laterMs] = readTime(shown, format, zone).map((ms) => ms + this.#shiftMs);
    if (timestampMs === undefined) {
      const accepted = format === 'iso' ? 'ISO 8601 with Z or an offset' : `${format} in ${zone}`;
      const detail = `${columns.join(' and ')} is ${show(shown)}; accepted: ${accepted}, a time that exists, from 1970 to 2099`;
      return rejected('invalid-timestamp', detail);
    }
    const isUncertain = laterMs !== undefined;
    const outcome = readRecord(this.#dataset, record, { ...given, timestampMs, isUncertain });
    if (laterMs === undefined || outcome.kind === 'rejected') return outcome;
    return { ...outcome, kind: 'twice-shown', laterMs, shown, zone };
  }

  /** Takes what a cell has into the record. */
  #read(
    { name, kind, nothing = [], convert }: Field,
    found: string,
    into: { record: Record<string, unknown>; nothing: string[] },
  ): void {
    const { record } = into;
    if (kind === 'number') this.#notation.number(found);
    if (found === '') {
      // Of an optional measure it is told as what it is; elsewhere it is as if the field were not there.
      if (this.#dataset.measures[name]?.optional) record[name] = found;
      else if (!ownFields.has(name)) record[name] = null;
      return;
    }
    const value =
      kind === 'number' ? numberOf(found, this.#numbers) : kind === 'flag' ? flagOf(found) : found;
    record[name] = value;
    if (nothing.length > 0 && (nothing.includes(found) || nothing.includes(value as number)))
      into.nothing.push(name);
    else if (convert && typeof value === 'number' && !this.#dataset.missing.includes(value))
      record[name] = convert(value);
  }

  /** @param shown the header as it is told */
  #headerOf(names: readonly string[], shown: string): Header | Unsound {
    const dataset = this.#dataset;
    const columns = names.map((name) => name.trim());
    const declared = this.#format.columns ?? {};
    const isDeclared = (name: string) => Object.hasOwn(declared, name);
    const wanted = [
      {
        name: 'sensorId',
        kind: 'text',
        required: isDeclared('sensorId') && this.#origin.sensorId === undefined,
      },
      ...dataset.measureNames.map((name) => {
        const required = !dataset.measures[name]?.optional || isDeclared(name);
        return { name, kind: 'number', required } as const;
      }),
      ...dataset.attributeNames.map((name) => {
        const required = !dataset.attributes[name]?.optional || isDeclared(name);
        return { name, kind: 'text', required } as const;
      }),
      { name: 'revision', kind: 'number', required: isDeclared('revision') },
      { name: 'withdrawn', kind: 'flag', required: isDeclared('withdrawn') },
    ] as const;
    const missing = (column: string) =>
      unsound('missing-column', `the header is ${shown}; accepted: one with the column ${show(column)}`);
    const fields: Field[] = [];
    const timeIndexes = this.#time.columns.map((column) => columns.indexOf(column));
    if (timeIndexes.includes(-1) && dataset.time !== 'arrival')
      return missing(this.#time.columns[timeIndexes.indexOf(-1)] as string); // as long as the other
    const taken = new Set(timeIndexes);
    for (const { name, kind, required } of wanted) {
      const sources = isDeclared(name) ? declared[name] : undefined;
      const ownName = name === 'sensorId' && !columns.includes(name) ? (dataset.sensorIdField ?? name) : name;
      const wantedColumns = columnsOf(sources) ?? [ownName];
      const indexes = wantedColumns.map((column) => columns.indexOf(column));
      const absent = wantedColumns[indexes.indexOf(-1)];
      if (absent !== undefined && required) return missing(absent);
      if (absent !== undefined) continue;
      for (const index of indexes) taken.add(index);
      fields.push({ name, indexes, kind, ...this.#measured(name, sources) });
    }
    const twice = columns.find(
      (column, at) => taken.has(columns.indexOf(column)) && columns.indexOf(column) !== at,
    );
    if (twice !== undefined)
      return unsound('wrong-columns', `column ${show(twice)} is there twice; accepted: once`);
    if (!fields.some(({ name }) => dataset.measureNames.includes(name)))
      return unsound(
        'missing-column',
        `the header is ${shown}, without a column of any measure; accepted: at least one of ${dataset.measureNames.join(', ')}`,
      );
    return {
      columns,
      fields,
      timeIndexes: timeIndexes.includes(-1) ? [] : timeIndexes,
      unread: {
        unmapped: columns.filter((column, index) => column !== '' && !taken.has(index)),
        absent: dataset.measureNames.filter((measure) => !fields.some(({ name }) => name === measure)),
      },
    };
  }

  /** What the cells of a measure's column stand for, beyond themselves. */
  #measured(name: string, sources: unknown): Pick<Field, 'nothing' | 'convert'> {
    const measure = this.#dataset.measures[name];
    if (measure === undefined) return {};
    const {
      nothing = [],
      unit,
      scale,
      offset,
    } = (typeof sources === 'object' ? sources : {}) as Partial<ColumnDeclaration>;
    const all = [...(this.#format.nothing ?? []), ...nothing];
    const convert =
      unit !== undefined
        ? conversionOf(unit, measure.unit)
        : scale !== undefined || offset !== undefined
          ? (value: number) => value * (scale ?? 1) + (offset ?? 0)
          : undefined;
    return { nothing: all, ...(convert === undefined ? {} : { convert }) };
  }
}

/** The id that several cells make up; empty where one of them is. */
const joined = (parts: readonly string[]): string => (parts.includes('') ? '' : parts.join('-'));

/** The columns that a declaration names; `undefined` where there is none. */
function columnsOf(
  declared: string | ColumnDeclaration | readonly string[] | undefined,
): readonly string[] | undefined {
  if (declared === undefined) return undefined;
  if (typeof declared === 'string') return [declared];
  return 'column' in declared ? [declared.column] : declared;
}

/** What all of these rows have that can't be read. */
function habitOf(
  rows: readonly (readonly string[])[],
  columns: number,
  { decimal }: NumberNotation,
): string | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const all = (cell: RegExp) => rows.every((row) => row.some((text) => cell.test(text)));
  if (decimal === ',' && all(/^\s*-?\d+\.\d+\s*$/))
    return "its numbers have a decimal point; accepted: a decimal comma, as the dataset's format says";
  if (decimal === '.' && all(/^\s*-?\d[\d.]*,\d+\s*$/))
    return "its numbers have a decimal comma, or commas between thousands; accepted: a decimal point and no commas, unless the dataset's format says otherwise";
  if (first.length !== columns && rows.every((row) => row.length === first.length))
    return `its rows have ${first.length} cells where the header has ${columns}`;
  if (decimal === '.' && all(/^\s*-?\d{1,3}(?:,\d{3})+(?:\.\d*)?\s*$/))
    return "its numbers have commas between thousands; accepted: a decimal point and no commas, unless the dataset's format says otherwise";
  return undefined;
}

/** Fields of every dataset: an empty cell of theirs says as little as no column. */
const ownFields: ReadonlySet<string> = new Set(['sensorId', 'revision', 'withdrawn']);

const flagOf = (text: string): boolean | string =>
  /^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : text;

const unsound = (reason: RefusalReason, detail: string): Unsound => ({ kind: 'unsound', reason, detail });
