import { isUtf8 } from 'node:buffer';
import type { Dataset } from '../dataset/dataset.ts';
import type { Line, Reading, RejectReason } from '../dataset/reading.ts';
import { CsvReader } from './csv.ts';
import { LineSplitter, type LineTaker, maxLineBytes } from './line-splitter.ts';
import { parseNdjsonLine } from './ndjson.ts';
import { rejected } from './rejection.ts';
import type { Origin } from './segment-origin.ts';

/** Takes what a segment's lines became, in the order of the lines. */
export interface SegmentSink {
  reading(lineNumber: number, dataset: Dataset, reading: Reading): void;
  /** `text` is the line, or its first 4,096 characters (1,024 bytes of a line that is too long). */
  rejected(lineNumber: number, reason: RejectReason, detail: string, text: string): void;
}

/** What a segment's ledger counts: `lines` is `valid` plus all of `rejected`. Blank lines and sound headers don't count. */
export interface ParseTotals {
  lines: number;
  valid: number;
  rejected: Partial<Record<RejectReason, number>>;
}

const shownCharacters = 4_096;

/** Reads the uncompressed bytes of a segment, chunk by chunk, and tells the outcome of each line. */
export class SegmentReader {
  readonly totals: ParseTotals = { lines: 0, valid: 0, rejected: {} };
  readonly #origin: Origin;
  readonly #sink: SegmentSink;
  readonly #splitter: LineSplitter;
  readonly #parse: (text: string, terminated: boolean) => Line | undefined;
  #isEmpty = true;

  /** Lines that `taker` takes are counted as valid and not told to the sink. */
  constructor(origin: Origin, datasets: readonly Dataset[], sink: SegmentSink, taker?: LineTaker) {
    this.#origin = origin;
    this.#sink = sink;
    this.#parse = lineParser(origin, datasets);
    this.#splitter = new LineSplitter(
      {
        line: (lineNumber, bytes, terminated) => this.#line(lineNumber, bytes, terminated),
        tooLong: (lineNumber, start) => {
          const detail = `the line has over ${maxLineBytes} bytes; accepted: at most ${maxLineBytes}`;
          this.reject(lineNumber, 'line-too-long', detail, start.toString());
        },
      },
      taker && this.#counting(taker),
    );
  }

  #counting(taker: LineTaker): LineTaker {
    const { totals } = this;
    return {
      get taken() {
        return taker.taken;
      },
      take(bytes, start, limit) {
        const next = taker.take(bytes, start, limit);
        totals.lines += taker.taken;
        totals.valid += taker.taken;
        return next;
      },
    };
  }

  push(chunk: Uint8Array): void {
    if (chunk.length > 0) this.#isEmpty = false;
    this.#splitter.push(chunk);
  }

  /** The bytes are complete. */
  end(): void {
    this.#splitter.end();
    if (this.#isEmpty) this.reject(1, 'empty-object', 'the object is empty; accepted: at least one line', '');
  }

  /** The compressed stream broke: the line that it broke in is the only one that is told of what is lost. */
  breakOff(fault: string): void {
    const detail = `the gzip stream breaks off here (${fault}); accepted: a whole stream. Any later lines are lost`;
    this.reject(this.#splitter.lineNumber, 'corrupt-gzip', detail, this.#splitter.takeHeld().toString());
  }

  reject(lineNumber: number, reason: RejectReason, detail: string, text: string): void {
    this.totals.lines++;
    this.totals.rejected[reason] = (this.totals.rejected[reason] ?? 0) + 1;
    this.#sink.rejected(lineNumber, reason, detail, text.slice(0, shownCharacters));
  }

  #line(lineNumber: number, bytes: Buffer, terminated: boolean): void {
    const text = bytes.toString();
    if (text.trim() === '') return;
    // A replacement character tells of malformed bytes, or is there as itself: only then the bytes are looked at.
    const outcome =
      text.includes('\ufffd') && !isUtf8(bytes)
        ? rejected('not-utf8', 'the line has bytes that are not UTF-8; accepted: UTF-8')
        : (this.#origin.fault ?? this.#parse(text, terminated));
    if (outcome === undefined) return;
    if (outcome.kind === 'rejected') this.reject(lineNumber, outcome.reason, outcome.detail, text);
    else {
      this.totals.lines++;
      this.totals.valid++;
      this.#sink.reading(lineNumber, outcome.dataset, outcome.reading);
    }
  }
}

/** Parses a line's text; `undefined` for a line that is none of its own, a header. */
function lineParser(origin: Origin, datasets: readonly Dataset[]) {
  if (origin.format === 'csv' && origin.dataset) {
    const csv = new CsvReader(origin.dataset, origin.sensorId);
    return (text: string, terminated: boolean) => csv.parse(text, terminated);
  }
  return (text: string, terminated: boolean) => parseNdjsonLine(text, terminated, origin, datasets);
}
