import type { Dataset } from '../dataset/dataset.ts';
import type { Line, Rejected, RejectReason } from '../dataset/reading.ts';
import type { RowBuffer } from '../set/row-buffer.ts';
import { countDropped } from './dropped-values.ts';
import { Gate, isUnreadable, type RefusedLine } from './gate.ts';
import { JsonFile } from './json/json-file.ts';
import { JsonLines } from './json/json-lines.ts';
import { isNotOneValue, LineValues } from './json/line-values.ts';
import { causeOfNoJson } from './json/ndjson.ts';
import { LineSplitter, type LineTaker, maxLineBytes } from './line-splitter.ts';
import { insteadOf, sniffedBytes, whatItIs } from './not-text.ts';
import { Notation } from './notation.ts';
import { noteFields, type ParseTotals, type SegmentSink } from './parse-totals.ts';
import { asWestern, rejected, show } from './rejection.ts';
import { CountingTaker } from './scan/counting-taker.ts';
import { ShortLines } from './scan/short-lines.ts';
import { TableTaker } from './scan/table-taker.ts';
import type { Origin } from './segment-origin.ts';
import { alwaysSo, type Settled, type ShortLine } from './settled.ts';
import type { QuotedLines } from './table/quoted-lines.ts';
import { TableReader } from './table/table-reader.ts';
import { malformed, markedEncoding, Transcoder } from './transcoder.ts';

const shownCharacters = 4_096;

/** Reads the uncompressed bytes of a segment, chunk by chunk, and tells the outcome of each line. */
export class SegmentReader {
  readonly totals: ParseTotals = { lines: 0, valid: 0, rejected: {}, dropped: {} };
  readonly #origin: Origin;
  readonly #sink: SegmentSink;
  readonly #splitter: LineSplitter;
  readonly #table: TableReader | undefined;
  /** Of a table whose cells may go on over several lines. */
  readonly #quoted: QuotedLines | undefined;
  /** Of an upload of JSON that a format describes: it is read by documents, and not by lines. */
  readonly #json: JsonFile | undefined;
  readonly #lines: JsonLines;
  /** Of an upload. */
  readonly #gate: Gate | undefined;
  #hasHeader: boolean;
  /** Of an upload that is not in UTF-8. */
  #transcoder: Transcoder | undefined;
  #hasLines = false;
  #isEmpty = true;
  /** The first bytes, until there are enough to see what they are. */
  #start: Buffer | undefined = Buffer.alloc(0);
  /** Of the stream: these bytes are no text. Its lines are passed over up to the next that is JSON: another record. */
  #isNoText = false;
  /** Of JSON: lines of several values. */
  readonly #values = new LineValues({
    outcomesOf: (text, bytes) => this.#outcomesOf(text, bytes, true),
    tell: (lineNumber, outcome, text) => this.#tell(lineNumber, outcome, text),
  });
  /** What short lines came to that are no reading. */
  readonly #shortLines = new ShortLines<ShortLine>();
  /** Records that rejected lines would have had, beside one each. */
  #uncounted = 0;
  /** Of JSON: most of its times are read elsewhere. */
  readonly #jsonTimes = new Notation('iso', { isOrderShown: true });

  /**
   * @param options.taker lines of NDJSON that it takes are counted as valid and not told to the sink, …
   * @param options.rowsOf … nor are rows of tables that go straight into these
   * @param options.tellsDropped the sink is told of each reading that lacks values, also of those
   */
  constructor(
    origin: Origin,
    datasets: readonly Dataset[],
    sink: SegmentSink,
    options: {
      taker?: LineTaker | undefined;
      rowsOf?: (dataset: Dataset) => RowBuffer;
      tellsDropped?: boolean;
    } = {},
  ) {
    this.#origin = origin;
    this.#sink = sink;
    this.#table =
      origin.table && origin.dataset ? new TableReader(origin.dataset, origin, origin.table) : undefined;
    this.#json =
      origin.json && origin.dataset && origin.fault === undefined
        ? new JsonFile(origin.dataset, origin.json, origin, {
            tell: (lineNumber, outcome, text) => this.#tell(lineNumber, outcome, text),
            begins: (lineNumber, text) => this.#gate?.line(lineNumber, text),
            refuse: (detail) => this.#gate?.refuse('too-large', detail),
            faultOf: (text, bytes) => this.#spoiltOf(text, bytes),
            mayTake: () => this.#mayTake,
          })
        : undefined;
    this.#hasHeader = origin.table?.header !== undefined;
    this.#lines = new JsonLines(origin, datasets);
    this.#gate = origin.maxUnreadable === undefined ? undefined : new Gate(origin.maxUnreadable);
    this.#quoted = this.#table?.quotedLines();
    const fault = this.#table?.fault;
    if (fault !== undefined) this.#gate?.refuse(fault.reason, fault.detail);
    const encoding = (origin.table ?? origin.json)?.encoding ?? 'utf-8';
    if (encoding !== 'utf-8') this.#transcoder = new Transcoder(encoding);
    const dropped = options.tellsDropped ? undefined : this.totals.dropped;
    const taker =
      this.#table && origin.dataset && options.rowsOf && origin.fault === undefined
        ? new TableTaker(this.#table, options.rowsOf(origin.dataset), origin, dropped)
        : options.taker;
    this.#splitter = new LineSplitter(
      {
        line: (lineNumber, bytes, terminated) => this.#line(lineNumber, bytes, terminated),
        tooLong: (lineNumber, start) => {
          const detail = `the line has over ${maxLineBytes} bytes; accepted: at most ${maxLineBytes}`;
          if (this.#table && !this.#hasHeader)
            this.#gate?.refuse('wrong-columns', `the header can't be read: ${detail}`);
          this.#endRow();
          this.#table?.miss();
          this.reject(lineNumber, 'line-too-long', detail, start.toString());
        },
        overlong: (lineNumber, start) => (this.#isOfValues ? this.#values.overlong(lineNumber, start) : 0),
      },
      { taker: taker && this.#counting(taker), returnEnds: origin.format === 'csv' },
    );
  }

  /** Whether lines may be taken unseen: of what is not in UTF-8 each is looked at, for bytes that are no characters; and of the first ones the gate may tell. */
  get #mayTake(): boolean {
    const gate = this.#gate;
    return this.#transcoder === undefined && (gate === undefined || (gate.hasFirst && !gate.isShut));
  }

  #counting(taker: LineTaker): LineTaker {
    return new CountingTaker(taker, {
      mayTake: () => this.#mayTake,
      took: (lines) => {
        this.totals.lines += lines;
        this.totals.valid += lines;
        this.#hasLines = true;
        this.#isNoText = false;
      },
    });
  }

  push(chunk: Uint8Array): void {
    if (chunk.length > 0) this.#isEmpty = false;
    if (this.#gate?.isDecided) return;
    if (this.#start === undefined) {
      this.#split(chunk);
      return;
    }
    this.#start = Buffer.concat([this.#start, chunk]);
    if (this.#start.length >= sniffedBytes) this.#sniff();
  }

  /** Looks at the first bytes, and hands them on. */
  #sniff(): void {
    const start = this.#start;
    if (start === undefined) return;
    this.#start = undefined;
    const marked = this.#gate && markedEncoding(start);
    if (marked !== undefined) this.#transcoder = new Transcoder(marked);
    const isWide =
      this.#transcoder !== undefined &&
      (marked ?? (this.#origin.table ?? this.#origin.json)?.encoding)?.startsWith('utf-16');
    const what = isWide ? undefined : whatItIs(start.subarray(0, sniffedBytes));
    if (what !== undefined && this.#origin.fault === undefined) {
      const detail = `the object is ${what}; accepted: lines of CSV or JSON in UTF-8. Instead, ${insteadOf(what)}`;
      if (this.#gate) {
        this.#gate.refuse('not-text', detail);
        return;
      }
      this.reject(1, 'not-text', detail, '');
      this.#isNoText = true;
    }
    this.#split(start);
  }

  #split(chunk: Uint8Array): void {
    (this.#json ?? this.#splitter).push(this.#transcoder?.take(chunk) ?? chunk);
  }

  /** The bytes are complete. */
  end(): void {
    this.#sniff();
    const input = this.#json ?? this.#splitter;
    if (this.#transcoder) input.push(this.#transcoder.take(undefined));
    input.end();
    this.#endRow();
    this.#settle(this.#table?.end());
    this.#values.end(Math.max(1, this.#splitter.lineNumber - 1));
    if (this.#isEmpty) this.reject(1, 'empty-object', 'the object is empty; accepted: at least one line', '');
    this.#judge();
  }

  /** The compressed stream broke: the line that it broke in is the only one that is told of what is lost. */
  breakOff(fault: string): void {
    this.#sniff();
    this.#endRow();
    this.#settle(this.#table?.end());
    const detail = `the gzip stream breaks off here (${fault}); accepted: a whole stream. Any later lines are lost`;
    const { lineNumber, text } = this.#json?.breakOff() ?? {
      lineNumber: this.#splitter.lineNumber,
      text: this.#splitter.takeHeld().toString(),
    };
    this.reject(lineNumber, 'corrupt-gzip', detail, text);
    this.#judge();
  }

  /** The file is complete: when it is refused, what was counted is void. */
  #judge(): void {
    const causeOf = (wrong: readonly RefusedLine[]) => this.#causeOf(wrong);
    const contradiction =
      this.#transcoder?.contradiction ??
      (this.#table ?? this.#json)?.contradiction ??
      this.#jsonTimes.otherDays;
    const records = this.totals.lines + this.#uncounted + (this.#table?.uncounted ?? 0);
    const refusal = this.#gate?.verdict(records, causeOf, contradiction);
    this.#note();
    if (refusal === undefined) return;
    // Of a file that was shut before its end the rest is not known.
    const nothingValid = this.totals.valid === 0 && this.#gate?.isShut === false;
    const told = nothingValid ? { ...refusal, nothingValid } : refusal;
    Object.assign(this.totals, { lines: 0, valid: 0, rejected: {}, dropped: {}, refusal: told });
    delete this.totals.passedOver;
    delete this.totals.unterminated;
    delete this.totals.unknownFields;
  }

  #causeOf(wrong: readonly RefusedLine[]): string | undefined {
    if (this.#table) return this.#table.causeOf(wrong);
    if (this.#json) return this.#json.contradiction;
    if (this.#jsonTimes.otherDays !== undefined) return this.#jsonTimes.otherDays;
    return causeOfNoJson(wrong);
  }

  /** @param records that the line would have had */
  reject(lineNumber: number, reason: RejectReason, detail: string, text: string, records = 1): void {
    this.totals.lines++;
    this.#uncounted += records - 1;
    this.totals.rejected[reason] = (this.totals.rejected[reason] ?? 0) + 1;
    // Also of a line that is rejected for something else: how its time is written tells of the others.
    const time =
      this.#table || this.#json || text.length < 12
        ? undefined
        : /"timestamp"\s*:\s*"([^"\\]*)"/.exec(text)?.[1];
    if (time !== undefined) this.#jsonTimes.time(time);
    if (isUnreadable(reason)) this.#gate?.unread(lineNumber, text, { reason, detail }, records);
    this.#sink.rejected(lineNumber, reason, detail, text.slice(0, shownCharacters));
  }

  /** A line of the file, which may be a part of a row. */
  #line(lineNumber: number, bytes: Buffer, terminated: boolean): void {
    const rows = this.#quoted?.take({ lineNumber, bytes, terminated });
    if (rows === undefined) this.#wholeLine(lineNumber, bytes, terminated);
    for (const row of rows ?? []) this.#wholeLine(row.lineNumber, row.bytes, row.terminated);
  }

  /** No line belongs to a row that has begun. */
  #endRow(): void {
    for (const row of this.#quoted?.end() ?? []) this.#wholeLine(row.lineNumber, row.bytes, row.terminated);
  }

  #wholeLine(lineNumber: number, bytes: Buffer, terminated: boolean): void {
    const hasBegun = this.#values.hasBegun(lineNumber);
    if (bytes.length === 0 && !hasBegun) return;
    const isAlone = terminated && !hasBegun && !this.#isNoText;
    const known =
      isAlone && !this.#values.mayGoOn(bytes) ? this.#shortLines.get(bytes, 0, bytes.length) : undefined;
    if (known !== undefined) {
      if (!this.#isHeaderOrRefused(lineNumber, known.text, bytes))
        this.#tell(lineNumber, known.outcome, known.text, known.records);
      return;
    }
    const taken = isAlone && this.#isOfValues && this.#mayTake ? this.#lines.readKnown(bytes) : undefined;
    for (const each of taken ?? []) this.#tell(lineNumber, each, '');
    if (taken !== undefined) return;
    if (this.#values.hasTold(lineNumber)) {
      this.#values.read(lineNumber, bytes, terminated);
      return;
    }
    const text = bytes.toString();
    if (text.trim() === '') return;
    if (this.#isHeaderOrRefused(lineNumber, text, bytes)) return;
    if (this.#table && this.#origin.fault === undefined) {
      this.#row(this.#table, { lineNumber, text, bytes, terminated });
      return;
    }
    const outcomes = this.#outcomesOf(text, bytes, terminated);
    // Of more than one each is of JSON.
    const outcome = outcomes.length === 1 ? outcomes[0] : undefined;
    if (this.#isNoText && isNotOneValue(outcome)) return;
    this.#isNoText = false;
    if (this.#mayHoldValues(outcome, text) && this.#values.read(lineNumber, bytes, terminated)) return;
    if (outcome?.kind === 'rejected' && isAlone)
      this.#shortLines.set(bytes, 0, bytes.length, { outcome, text });
    for (const each of outcomes) this.#tell(lineNumber, each, text);
  }

  /** The row of a table. */
  #row(
    table: TableReader,
    { lineNumber, text, bytes, terminated }: { lineNumber: number; text: string; bytes: Buffer; terminated: boolean },
  ): void {
    this.#isNoText = false;
    const settled = table.read(text, { lineNumber, terminated, fault: this.#spoiltOf(text, bytes) });
    const isRejected = settled.some((each) => each.lineNumber === lineNumber && each.outcome.kind === 'rejected');
    if (isRejected && this.#isOtherHeader(lineNumber, text, bytes)) return;
    if (!terminated && !isRejected) this.totals.unterminated = true;
    const [first] = settled;
    if (terminated && !table.isOfContext && first && alwaysSo(first)) this.#shortLines.set(bytes, 0, bytes.length, first);
    this.#settle(settled);
  } // biome-ignore format: short

  /** Whether a line is none to be told of: the header, or of a file that can't be read. */
  #isHeaderOrRefused(lineNumber: number, text: string, bytes: Buffer): boolean {
    if (this.#gate === undefined || this.#origin.fault !== undefined) return false;
    this.#gate.line(lineNumber, text);
    if (this.#gate.isShut) return true;
    const isFirst = !this.#hasLines;
    this.#hasLines = true;
    if (isFirst && this.#origin.isOfUnknownFormat && !/^\s*[{[]/.test(text)) {
      const detail = `the name has an ending that says no format, and the first line is no JSON: ${show(text)}; accepted: .csv, .ndjson, .jsonl or .json, or a name that a format of the dataset takes, each with or without .gz`;
      this.#gate.refuse('unknown-format', detail);
      return true;
    }
    if (this.#table === undefined) return false;
    const kind = this.#table.kindOf(lineNumber, text);
    if (kind !== 'header') return kind === 'passed-over';
    this.#hasHeader = true;
    const spoilt = malformed(text, bytes, this.#transcoder);
    if (spoilt !== undefined) {
      const detail = `the header has ${spoilt}; accepted: UTF-8, or the encoding that the dataset's format names`;
      const habit = 'it was saved in Windows-1252, as spreadsheets do without being asked for UTF-8';
      this.#gate.refuse('not-utf8', detail, this.#transcoder ? undefined : habit);
      return true;
    }
    const fault = this.#table.readHeader(text);
    if (fault !== undefined) this.#gate.refuse(fault.reason, fault.detail);
    return true;
  }

  /** What else there is to know of a table that was read to its end. */
  #note(): void {
    const { notes } = this.#table ?? {};
    const { passedOver } = this.#table ?? this.#json ?? this.#lines;
    if (Object.keys(passedOver).length > 0) this.totals.passedOver = passedOver;
    if (notes && Object.values(notes).some((names) => names.length > 0)) this.totals.columns = notes;
  }

  /** Whether a line that can't be read changes what the columns are: then nothing of the file is taken. */
  #isOtherHeader(lineNumber: number, text: string, bytes: Buffer): boolean {
    const decoded = text.includes('\ufffd') ? asWestern(bytes) : text;
    if (this.#gate === undefined || !this.#table?.isOtherHeader(decoded)) return false;
    const detail = `line ${lineNumber} is another header, ${show(decoded)}; accepted: one in a file. Upload what follows it as a file of its own`;
    this.#gate.refuse('wrong-columns', detail, 'several files were put one behind another');
    return true;
  }

  #outcomesOf(text: string, bytes: Buffer, terminated: boolean): readonly Line[] {
    if (this.#origin.fault !== undefined) return [this.#origin.fault];
    const outcomes = this.#lines.read(text, terminated, bytes);
    const spoilt = this.#spoiltOf(text, bytes);
    return spoilt === undefined ? outcomes : [spoilt];
  }

  #spoiltOf(text: string, bytes: Uint8Array): Rejected | undefined {
    const spoilt = malformed(text, bytes, this.#transcoder);
    return spoilt === undefined ? undefined : rejected('not-utf8', `the line has ${spoilt}; accepted: UTF-8`);
  }

  /** Whether lines may be several values. */
  get #isOfValues(): boolean {
    return this.#origin.format === 'ndjson' && this.#origin.fault === undefined;
  }

  /** Whether a line that is no reading may be several values, or an array of them. */
  #mayHoldValues(outcome: Line | undefined, text: string): boolean {
    if (!this.#isOfValues || outcome?.kind !== 'rejected') return false;
    return isNotOneValue(outcome) || (outcome.reason === 'not-an-object' && /^\s*\[/.test(text));
  }

  #settle(settled: readonly Settled[] | undefined): void {
    for (const { lineNumber, outcome, text, records } of settled ?? [])
      this.#tell(lineNumber, outcome, text, records);
  }

  #tell(lineNumber: number, outcome: Line, text: string, records = 1): void {
    if (outcome.kind === 'rejected') {
      if (outcome.unknownFields) noteFields(this.totals, outcome.unknownFields);
      this.reject(lineNumber, outcome.reason, outcome.detail, text, records);
    } else {
      this.totals.lines++;
      this.totals.valid++;
      const wrong = outcome.dropped.find(({ reason }) => reason === 'wrong-type');
      if (wrong && this.#gate) {
        const detail = `${wrong.measure} is ${show(wrong.value)}; accepted: a number`;
        this.#gate.unread(lineNumber, text, { reason: 'wrong-type', detail });
      }
      countDropped(this.totals.dropped, outcome.dataset, outcome.dropped);
      this.#sink.reading(lineNumber, outcome.dataset, outcome.reading, outcome.dropped);
    }
  }
}
