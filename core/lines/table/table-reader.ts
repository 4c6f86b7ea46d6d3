import type { Dataset } from '../../dataset/dataset.ts';
import type { Rejected } from '../../dataset/reading.ts';
import { commonDelimiters, cutCells, type Delimiter, splitCells } from '../../formats/cells.ts';
import { shiftMs } from '../../formats/check-parts.ts';
import type { NumberNotation } from '../../formats/number-text.ts';
import type { TextFormat } from '../../formats/text-format.ts';
import { readTime } from '../../time/time-format.ts';
import type { RefusedLine } from '../gate.ts';
import { Notation } from '../notation.ts';
import type { PassedOver } from '../parse-totals.ts';
import type { Given } from '../read-record.ts';
import { rejected, show } from '../rejection.ts';
import type { PlainTable } from '../scan/row-scanner.ts';
import { TimeCell } from '../scan/time-cell.ts';
import type { Origin } from '../segment-origin.ts';
import type { Settled } from '../settled.ts';
import { CellReader, passes } from './fields.ts';
import { FilledCells } from './filled-cells.ts';
import { beginsAsJson, habitOf, insteadOfJson } from './habits.ts';
import {
  type ColumnNotes,
  type Header,
  readHeader,
  type Unsound,
  unbrokenColumns,
  unsound,
} from './header.ts';
import { LongRows } from './long-rows.ts';
import { QuotedLines } from './quoted-lines.ts';
import { ReadingRows, RecordReader, type Row, type Rows } from './rows.ts';
import { SensorLines } from './sensor-lines.ts';
import { WideRows } from './wide-rows.ts';

/**
 * Reads an uploaded table line by line, as its format says. Cells may be quoted (RFC 4180) but not hold a line break, so that a stray quote
 * costs one line and not the rest of the file: the reason why no streaming CSV parser is used.
 */
export class TableReader {
  readonly #dataset: Dataset;
  readonly #origin: Origin;
  /** What is known of each row: also the sensor of the lines above it. */
  readonly #given: { -readonly [Name in keyof Given]: Given[Name] };
  readonly #sensorLines: SensorLines | undefined;
  readonly #format: TextFormat;
  readonly #notation: Notation;
  readonly #numbers: NumberNotation;
  readonly #time: { readonly columns: readonly string[]; readonly format: string; readonly zone: string };
  readonly #shiftMs: number;
  #header: Header | undefined;
  #rows: Rows | undefined;
  #filled = new FilledCells([]);
  /** Columns whose cells are on one line. */
  #unbroken: ReadonlySet<number> = new Set();
  /** Lines of a header that has several, so far. */
  readonly #headerLines: string[] = [];
  /** The first line of the file. */
  #firstLine: string | undefined;
  /** Rows that `filter` takes out. */
  #filtered = 0;
  #delimiter: Delimiter | undefined;
  #rowsToSkip: number;
  /** Why nothing of any file can be read, where the format names the columns. */
  readonly fault: Unsound | undefined;

  constructor(dataset: Dataset, origin: Origin, format: TextFormat) {
    this.#dataset = dataset;
    this.#origin = origin;
    this.#given = { ...origin };
    this.#sensorLines =
      format.sensorLine === undefined ? undefined : new SensorLines([format.sensorLine].flat());
    this.#format = format;
    this.#numbers = { decimal: format.decimal ?? '.', thousands: format.thousands };
    this.#rowsToSkip = format.skipRows ?? 0;
    this.#delimiter = format.delimiter;
    const { column = 'timestamp', format: timeFormat = 'iso', zone = dataset.timeZone } = format.time ?? {};
    this.#time = { columns: [column].flat(), format: timeFormat, zone };
    this.#shiftMs = shiftMs(format.time?.shift) ?? 0; // checked
    this.#notation = new Notation(timeFormat, { numbers: this.#numbers });
    if (format.header === undefined) return;
    this.fault = this.#takeHeader(format.header, show(format.header.join(', ')));
  }

  /** What the next line is: nothing to be read, the header, or a row. */
  kindOf(lineNumber: number, text: string): 'passed-over' | 'header' | 'row' {
    const { skipLines = 0 } = this.#format;
    this.#firstLine ??= text;
    if (lineNumber <= skipLines || this.#isComment(text)) {
      this.#sensorLines?.note(text);
      return 'passed-over';
    }
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

  /** A tab between cells is no space in front of a remark: the first cell is empty. */
  #isComment(text: string): boolean {
    const { comment } = this.#format;
    if (comment === undefined) return false;
    return (this.#delimiter === '\t' ? text.replace(/^ +/, '') : text.trimStart()).startsWith(comment);
  }

  /** Reads the header. @returns why nothing of the file can be read */
  readHeader(line: string): Unsound | undefined {
    const fault = this.#readHeader(line);
    const first = this.#firstLine ?? line;
    if (fault === undefined || !beginsAsJson(first)) return fault;
    return unsound(fault.reason, `the file begins as JSON, not as a table: ${show(first)}; accepted: ${insteadOfJson}`);
  } // biome-ignore format: short

  #readHeader(line: string): Unsound | undefined {
    // As a damaged file has: a column whose name is spoilt may be any, also the second one of a name.
    if (line.includes('\0'))
      return unsound('not-text', `the header has NUL characters: ${show(line)}; accepted: text`);
    this.#headerLines.push(line);
    if (this.#headerLines.length < (this.#format.headerLines ?? 1)) return undefined;
    if (this.#headerLines.length > 1) return this.#takeHeaderLines();
    // A name of a column may have as many commas as the header has semicolons: the columns that are sought tell them apart.
    let first: Unsound | undefined;
    for (const delimiter of this.#delimitersOf(line)) {
      this.#delimiter = delimiter;
      const columns = this.#split(line);
      const fault = columns
        ? this.#takeHeader(columns, show(line))
        : unsound(
            'wrong-columns',
            `the header has a quote that nothing closes: ${show(line)}; accepted: closed quotes`,
          );
      if (fault === undefined) return undefined;
      first ??= fault;
    }
    return first;
  }

  /**
   * What a line under the header settles: outcomes of its own, or of earlier ones.
   * @param of.fault what is wrong with its characters: it is no row
   */
  read(text: string, of: { lineNumber: number; terminated: boolean; fault?: Rejected | undefined }): readonly Settled[] {
    const { lineNumber } = of;
    if (this.#sensorLines) this.#given.sensorId = this.#sensorLines.sensorId;
    const read = this.#rowOf(text, of); // also of a spoilt line its time tells how the others are written
    const row = of.fault ?? read;
    if (of.fault) this.#filled.forget();
    if ('cells' in row) {
      if (this.#header?.filters.every((test) => passes(test, row.cells))) return this.#rows?.read(row) ?? [];
      this.#filtered++;
      return [];
    }
    return [{ lineNumber, text, outcome: row, records: this.#rows?.recordsPerRow ?? 1 }];
  } // biome-ignore format: short

  /** Whether the next line is a row, or none at all. */
  get isInRows(): boolean {
    return this.#header !== undefined && this.#rowsToSkip === 0;
  }

  /** What is known of rows that may be read where they lie; `undefined` where each has to be cut into cells. */
  get plain(): PlainTable | undefined {
    const { widths, quote = '"', encoding = 'utf-8', comment } = this.#format;
    const [header, rows, delimiter] = [this.#header, this.#rows, this.#delimiter];
    if (header === undefined || !(rows instanceof ReadingRows)) return undefined;
    if (widths !== undefined || encoding !== 'utf-8' || this.isOfContext) return undefined;
    if (delimiter === undefined || delimiter === 'spaces' || header.filters.length > 0) return undefined;
    // Unquoted, such a mark ends the cell: 1,5 is two.
    if (delimiter === this.#numbers.decimal) return undefined;
    const { fields, timeIndexes } = header;
    const indexes = [...timeIndexes, ...fields.flatMap((field) => field.indexes)];
    const [timeIndex] = timeIndexes;
    if (timeIndex === undefined || new Set(indexes).size !== fields.length + 1) return undefined;
    if (fields.some(({ name, kind, flag }) => flag !== undefined || kind === 'flag' || name === 'revision')) return undefined;
    if (fields.some(({ name }) => /^(?:boolean|time)$/.test(this.#dataset.measures[name]?.type ?? ''))) return undefined;
    const time = TimeCell.of({ ...this.#time, shiftMs: this.#shiftMs, delimiter });
    return time && {
      ...{ columns: header.columns.length, delimiter, fields, timeIndex, time, comment },
      ...{ quote: quote === 'none' ? undefined : quote, hours: rows.hours },
      ...{ numbers: this.#numbers, notation: this.#notation },
    };
  } // biome-ignore format: short

  /** A line was there that is not handed over. */
  miss(): void {
    this.#filled.forget();
  }

  /** Whether what a line comes to depends on those above it. */
  get isOfContext(): boolean {
    return (
      this.#format.multiline === true || this.#format.fill !== undefined || this.#sensorLines !== undefined
    );
  }

  /** What puts rows together that take several lines; `undefined` where none does. */
  quotedLines(): QuotedLines | undefined {
    const { multiline, quote = '"', skipLines = 0 } = this.#format;
    if (!multiline) return undefined;
    return new QuotedLines({
      quote,
      mayBegin: ({ lineNumber, bytes }) =>
        lineNumber > skipLines && !this.#isComment(bytes.toString()),
      isRow: (text) => this.#isRow(text),
    });
  } // biome-ignore format: short

  /** Whether a text of several lines is a row, or the header: a cell of a number or a time has no line break. */
  #isRow(text: string): boolean {
    const header = this.#header;
    if (header === undefined)
      return this.#delimitersOf(text).some((delimiter) => splitCells(text, delimiter, this.#format.quote));
    const cells = this.#split(text);
    return (
      cells?.length === header.columns.length &&
      !cells.some((cell, index) => this.#unbroken.has(index) && cell.includes('\n'))
    );
  }

  /** What the end of the file settles. */
  end(): readonly Settled[] {
    return this.#rows?.end() ?? [];
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
    if (beginsAsJson(this.#firstLine ?? '')) return `it is JSON, and no table; accepted: ${insteadOfJson}`;
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

  #rowOf(text: string, { lineNumber, terminated }: { lineNumber: number; terminated: boolean }): Row | Rejected {
    const header = this.#header;
    if (header === undefined) throw new Error('the header comes first');
    if (text.includes('\0')) {
      this.#filled.forget();
      return rejected('not-text', `the line has NUL characters, as a damaged file does: ${show(text)}; accepted: text`);
    }
    const cells = this.#split(text);
    if (cells?.length !== header.columns.length) {
      this.#filled.forget();
      const found = cells ? `${cells.length} cells` : 'a quote that nothing closes';
      const detail = `the line has ${found}: ${show(text)}; accepted: ${header.columns.length} cells as in the header`;
      return rejected(terminated ? 'wrong-columns' : 'truncated', detail);
    }
    for (let at = 0; at < cells.length; at++) cells[at] = (cells[at] as string).trim(); // within
    const untold = this.#filled.fill(cells);
    if (untold !== undefined)
      return rejected('missing-field', `${header.columns[untold]} is empty, and the row above can't be read: ${show(text)}; accepted: a cell that is not empty, or a row above that can be read`);
    if (header.timeIndexes.length === 0) return { lineNumber, text, cells, time: undefined };
    const shown = header.timeIndexes.map((index) => cells[index]).join(' ');
    this.#notation.time(shown);
    const { columns, format, zone } = this.#time;
    const [timestampMs, laterMs] = readTime(shown, format, zone).map((ms) => ms + this.#shiftMs);
    if (timestampMs !== undefined) return { lineNumber, text, cells, time: { timestampMs, laterMs, shown } };
    // As a footer: what it says is of no row below it.
    this.#filled.forget();
    const accepted = format === 'iso' ? 'ISO 8601 with Z or an offset' : `${format} in ${zone}`;
    const detail = `${columns.join(' and ')} is ${show(shown)}; accepted: ${accepted}, a time that exists, from 1970 to 2099`;
    return rejected('invalid-timestamp', detail);
  } // biome-ignore format: short

  #takeHeaderLines(): Unsound | undefined {
    const lines = this.#headerLines.map((line) => this.#split(line) ?? []);
    const count = Math.max(...lines.map((cells) => cells.length));
    const names = Array.from({ length: count }, (_, at) => lines.map((cells) => (cells[at] ?? '').trim()).filter((part) => part !== '').join(' '));
    return this.#takeHeader(names, show(names.join(', ')));
  } // biome-ignore format: short

  /** @param shown the header as it is told */
  #takeHeader(names: readonly string[], shown: string): Unsound | undefined {
    const [dataset, origin, format] = [this.#dataset, this.#origin, this.#format];
    const given = this.#given;
    const isSensorKnown = origin.sensorId !== undefined || this.#sensorLines !== undefined;
    const timeColumns = this.#time.columns;
    const header = readHeader(names, shown, { dataset, format, timeColumns, isSensorKnown });
    if ('kind' in header) return header;
    this.#header = header;
    this.#filled = new FilledCells(header.filled);
    this.#unbroken = unbrokenColumns(header);
    const { fields, shape } = header;
    const cells = new CellReader(dataset, this.#numbers, this.#notation);
    const isLocal = this.#time.format !== 'iso' && !this.#time.format.startsWith('epoch-');
    const records = new RecordReader(dataset, given, isLocal ? this.#time.zone : undefined);
    if (shape.kind === 'wide') this.#rows = new WideRows(fields, shape, { cells, records });
    else if (shape.kind === 'long') this.#rows = new LongRows(fields, shape, { dataset, given, cells });
    else this.#rows = new ReadingRows(fields, cells, records);
    return undefined;
  } // biome-ignore format: short

  /** What the columns have beyond what is read, and have not; so far as it is known. */
  get notes(): ColumnNotes | undefined {
    const unread = this.#header?.unread;
    const parameters = this.#rows?.unknownParameters ?? [];
    return unread && parameters.length > 0 ? { ...unread, parameters } : unread;
  }

  get passedOver(): PassedOver {
    const passedOver = this.#rows?.passedOver ?? {};
    if (this.#filtered === 0) return passedOver;
    return { ...passedOver, filtered: (passedOver.filtered ?? 0) + this.#filtered };
  }

  /** Rows, or sensors in a row, that are no record of their own. */
  get uncounted(): number {
    return Object.values(this.passedOver).reduce((sum, count) => sum + count, 0);
  }
}
