import type { Rejected } from '../../dataset/reading.ts';
import { LineSplitter, maxLineBytes } from '../line-splitter.ts';
import { rejected, show } from '../rejection.ts';
import type { DocumentSink } from './documents/document-reader.ts';
import { type Point, readPoint } from './line-protocol.ts';
import type { Place } from './records/record-places.ts';

/** Digits that timestamps have from 2001-09-09 to 2286. With fewer, one without a newline may be cut off. */
const wholeDigits: Readonly<Record<string, number>> = {
  ...{ 'epoch-s': 10, 'epoch-ms': 13, 'epoch-us': 16, 'epoch-ns': 19 },
};

/** Reads a file of InfluxDB's line protocol: each line is a document, but for blank ones and comments. */
export class PointReader {
  readonly #sink: DocumentSink;
  readonly #placesOf: (point: Point) => Iterable<Place | Rejected>;
  readonly #leastDigits: number;
  readonly #lines: LineSplitter;

  /** @param options.timeFormat how the timestamps are written, where they are read */
  constructor(
    sink: DocumentSink,
    options: { placesOf: (document: unknown) => Iterable<Place | Rejected>; timeFormat: string | undefined },
  ) {
    this.#sink = sink;
    this.#placesOf = options.placesOf;
    this.#leastDigits = wholeDigits[options.timeFormat ?? ''] ?? 1;
    this.#lines = new LineSplitter({
      line: (lineNumber, bytes, terminated) => this.#line(lineNumber, bytes, terminated),
      tooLong: (lineNumber, start) => {
        const detail = `the line has over ${maxLineBytes} bytes; accepted: at most ${maxLineBytes}`;
        const text = start.toString();
        sink.begins(lineNumber, text);
        sink.rejected(lineNumber, rejected('line-too-long', detail), text);
      },
    });
  }

  /** The line that is being read. */
  get lineNumber(): number {
    return this.#lines.lineNumber;
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
  }

  /** What is held of a line that nothing ended. */
  takeHeld(): string {
    return this.#lines.takeHeld().toString();
  }

  #line(lineNumber: number, bytes: Buffer, terminated: boolean): void {
    const text = bytes.toString();
    if (/^\s*(?:#|$)/.test(text)) return;
    this.#sink.begins(lineNumber, text);
    const point = this.#sink.faultOf(text, bytes) ?? readPoint(text);
    if ('kind' in point) {
      this.#sink.rejected(lineNumber, terminated ? point : truncated(text), text);
      return;
    }
    // Cut within its last number a line says another value, or another time.
    if (!terminated && (point.timestamp ?? '').length < this.#leastDigits) {
      this.#sink.rejected(lineNumber, truncated(text), text);
      return;
    }
    for (const place of this.#placesOf(point)) {
      if ('kind' in place) this.#sink.rejected(lineNumber, place, text);
      else this.#sink.record(lineNumber, place, text);
    }
  }
}

const truncated = (text: string): Rejected =>
  rejected(
    'truncated',
    `no newline ends the last line, and it may be cut off: ${show(text.slice(-40))}; accepted: a newline behind it, or a whole timestamp of 2001-09-09 or later`,
  );
