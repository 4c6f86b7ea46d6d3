import type { Rejected } from '../../../dataset/reading.ts';
import { rejected, show } from '../../rejection.ts';
import type { ListOfRecords, Place } from '../records/record-places.ts';
import { anyRepeatedKey } from '../repeated-keys.ts';
import { JsonStructure } from '../structure.ts';
import { LargeDocument } from './large-document.ts';

const lineFeed = 10;
const newline = Buffer.from('\n');
/** A document is held whole: 16 MiB, of which JSON.parse makes some 100. */
const maxDocumentBytes = 16 * 1_048_576;
/** The start of a line is held so long before it is gone through byte by byte. */
const waitedForBytes = 65_536;
/** How much of what can't be read is handed over to show it. */
const shownBytes = 16_384;

/** What is told of a file's documents. */
export interface DocumentSink {
  /** A record, and its text where that is at hand. */
  record(lineNumber: number, place: Place, text: string | undefined): void;
  rejected(lineNumber: number, outcome: Rejected, text: string): void;
  /** What is wrong with the characters of a text. */
  faultOf(text: string, bytes: Uint8Array): Rejected | undefined;
  /** Nothing of the file can be read as what it says. */
  refuse(detail: string): void;
  /** A document, or a part of one, begins. */
  begins(lineNumber: number, text: string): void;
}

/** Documents on lines whose like was read before. */
export interface KnownDocuments {
  /** Takes the document in the first bytes, up to `to`, if it is one. @returns whether it was taken */
  take(lineNumber: number, bytes: Buffer, to: number): boolean;
  /** A document that was read and is sound. */
  learn(bytes: Buffer, value: unknown): void;
}

/**
 * Reads JSON documents that follow one another in a stream of bytes, each on a line, over many lines, or with nothing between them.
 * Memory: one document, at most {@link maxDocumentBytes}; of a larger one with its records in one list a record.
 *
 * What can't be JSON ends at the line before the one in which that shows, or with that line if it began there: a line that is cut off costs
 * itself, and not those that follow.
 */
export class DocumentReader {
  readonly #placesOf: (document: unknown) => Iterable<Place | Rejected>;
  /** A document is one record. */
  readonly #isWhole: boolean;
  readonly #sink: DocumentSink;
  readonly #parse: (text: string) => unknown;
  readonly #known: KnownDocuments | undefined;
  #memory: Buffer = Buffer.alloc(0);
  #held: Buffer = this.#memory;
  /** Of the first byte held. */
  #lineNumber = 1;
  /** A line begins at the first byte held. */
  #isLineStart = true;
  #isStart = true;
  /** The document that is held, as far as it was gone through. */
  #open: JsonStructure | undefined;
  /** Up to the next line feed nothing is read: it was told of as broken. */
  #isPassing = false;
  #isRefused = false;
  readonly #list: ListOfRecords | undefined;
  /** The document that is read by its records, since it is too large to be held. */
  #large: LargeDocument | undefined;
  /** Where it begins. */
  #largeLine = 0;

  constructor(
    sink: DocumentSink,
    options: {
      placesOf: (document: unknown) => Iterable<Place | Rejected>;
      isWhole: boolean;
      parse: (text: string) => unknown;
      /** Where a document has its records that is too large to be held; `undefined` where such a one can't be read. */
      list: ListOfRecords | undefined;
      known: KnownDocuments | undefined;
    },
  ) {
    this.#sink = sink;
    this.#placesOf = options.placesOf;
    this.#isWhole = options.isWhole;
    this.#parse = options.parse;
    this.#list = options.list;
    this.#known = options.known;
  }

  /** The line that is being read. */
  get lineNumber(): number {
    return this.#lineNumber;
  }

  push(chunk: Uint8Array): void {
    if (this.#isRefused) return;
    if (this.#large !== undefined) {
      this.#held = Buffer.from(chunk);
      this.#read();
      return;
    }
    this.#hold(chunk);
    if (this.#isStart && this.#held.length < 3) return;
    this.#read();
  }

  end(): void {
    if (this.#large !== undefined) this.#refuseLarge('breaks off');
    if (this.#held.length > 0) {
      this.#hold(newline);
      this.#read();
    }
    const text = this.takeHeld();
    if (text.trim() === '') return;
    const detail = `the last document breaks off: ${show(text.slice(-40))}; accepted: whole JSON`;
    this.#sink.rejected(this.#lineNumber, rejected('truncated', detail), text);
  }

  /** Puts bytes behind those that are held, at the start of the memory for both. */
  #hold(bytes: Uint8Array): void {
    const held = this.#held.length;
    const memory =
      held + bytes.length <= this.#memory.length
        ? this.#memory
        : Buffer.allocUnsafe(2 * (held + bytes.length));
    memory.set(this.#held, 0);
    memory.set(bytes, held);
    this.#memory = memory;
    this.#held = memory.subarray(0, held + bytes.length);
  }

  /** What is held of a document that nothing closed. */
  takeHeld(): string {
    if (this.#large !== undefined) this.#refuseLarge('breaks off');
    const text = this.#held.toString('utf8', 0, shownBytes);
    this.#open = undefined;
    this.#held = Buffer.alloc(0);
    return text;
  }

  #read(): void {
    if (this.#isStart) {
      this.#isStart = false;
      if (this.#held.toString('latin1', 0, 3) === '\xef\xbb\xbf') this.#held = this.#held.subarray(3);
    }
    while (this.#held.length > 0 && this.#step());
  }

  /** Takes the next line or document off the held bytes. @returns false where more of it has to come first */
  #step(): boolean {
    if (this.#isPassing) return this.#passLine();
    if (this.#large !== undefined) return this.#takeLarge(this.#large);
    if (this.#open !== undefined) return this.#close(this.#open);
    const held = this.#held;
    const next = held.indexOf(lineFeed);
    if (this.#isLineStart && next !== -1) {
      if (this.#known?.take(this.#lineNumber, held, next)) {
        this.#dropLine(next + 1);
        return true;
      }
      const text = held.toString('utf8', 0, next);
      const value = this.#lineValue(text);
      if (value !== undefined) {
        const bytes = held.subarray(0, next);
        if (this.#document(value, text, bytes)) this.#known?.learn(bytes, value);
        this.#dropLine(next + 1);
        return true;
      }
    }
    let at = 0;
    while (at < held.length && isSpace(held[at] as number)) at++; // below the length
    // Files that were put one behind another may each have begun with a mark.
    const mark = markAt(held, at);
    if (mark === 'cut') return false;
    if (mark === 'whole') at += byteOrderMark.length;
    if (at > 0) {
      this.#drop(at);
      return true;
    }
    // Most lines are whole documents: the rest of one is waited for.
    if (this.#isLineStart && next === -1 && held.length < waitedForBytes) return false;
    this.#open = new JsonStructure();
    return true;
  }

  /** The value of a line that is a document by itself. */
  #lineValue(text: string): unknown {
    const trimmed = text.trimEnd();
    const isClosed = '{['.includes(trimmed[0] ?? ' ') && '}]'.includes(trimmed.at(-1) ?? ' ');
    return isClosed ? this.#parsed(trimmed) : undefined;
  }

  #parsed(text: string): unknown {
    try {
      return this.#parse(text);
    } catch {
      return undefined;
    }
  }

  #close(open: JsonStructure): boolean {
    const held = this.#held;
    open.take(held, open.offset, held.length);
    if (open.state === 'broken') return this.#break(open);
    if (open.state === 'open' && held.length > maxDocumentBytes) return this.#tooLong();
    if (open.state === 'open') return false;
    const bytes = held.subarray(0, open.offset);
    const text = bytes.toString();
    const value = this.#parsed(text);
    this.#open = undefined;
    if (value === undefined) this.#tellBroken(text);
    else this.#document(value, text, bytes);
    this.#drop(bytes.length);
    return true;
  }

  #tooLong(): boolean {
    const line = this.#lineNumber;
    this.#largeLine = line;
    this.#sink.begins(line, this.#held.toString('utf8', 0, shownBytes));
    this.#open = undefined;
    if (this.#list === undefined) {
      this.#refuse(
        `has over ${maxDocumentBytes} bytes; accepted: at most ${maxDocumentBytes} in one document, unless its records are in one list and all paths begin at @. Split it, or write one record a line`,
      );
      return false;
    }
    this.#large = new LargeDocument({
      ...{ list: this.#list, parse: this.#parse, maxBytes: maxDocumentBytes },
      element: (place, text, bytes) => {
        const outcome = this.#sink.faultOf(text, bytes) ?? place;
        if ('kind' in outcome) this.#sink.rejected(line, outcome, text);
        else this.#sink.record(line, outcome, text);
      },
    });
    this.#memory = Buffer.alloc(0);
    return true;
  }

  #takeLarge(large: LargeDocument): boolean {
    const taken = large.take(this.#held);
    if (taken === undefined) {
      this.#refuseLarge(large.fault ?? 'is no JSON');
      return false;
    }
    const isClosed = large.isClosed;
    if (isClosed) this.#large = undefined;
    this.#drop(taken);
    return isClosed;
  }

  /** Records of the document were told, but what it says is not sure before its end. */
  #refuseLarge(why: string): void {
    this.#large = undefined;
    this.#refuse(
      `${why}, and is larger than ${maxDocumentBytes} bytes; accepted: whole JSON, each key once in an object, and at most ${maxDocumentBytes} bytes a record`,
    );
  }

  #refuse(what: string): void {
    this.#sink.refuse(`the document in line ${this.#largeLine} ${what}`);
    this.#isRefused = true;
    this.#held = Buffer.alloc(0);
    this.#memory = this.#held;
  }

  #break(open: JsonStructure): boolean {
    this.#open = undefined;
    if (open.lineStart > 0) {
      this.#tellBroken(this.#held.toString('utf8', 0, open.lineStart));
      this.#drop(open.lineStart);
      return true;
    }
    const end = this.#held.indexOf(lineFeed);
    this.#tellBroken(this.#held.toString('utf8', 0, end === -1 ? this.#held.length : end));
    this.#isPassing = true;
    return true;
  }

  #passLine(): boolean {
    const end = this.#held.indexOf(lineFeed);
    this.#isPassing = end === -1;
    this.#drop(end === -1 ? this.#held.length : end + 1);
    return true;
  }

  #tellBroken(text: string): void {
    this.#sink.begins(this.#lineNumber, text);
    const detail = `the text is ${show(text)}; accepted: a JSON document`;
    this.#sink.rejected(this.#lineNumber, rejected('not-json', detail), text);
  }

  /** @returns whether it is sound */
  #document(value: unknown, text: string, bytes: Uint8Array): boolean {
    const line = this.#lineNumber;
    this.#sink.begins(line, text);
    const fault = this.#sink.faultOf(text, bytes) ?? anyRepeatedKey(text, value);
    if (fault !== undefined) {
      this.#sink.rejected(line, fault, text);
      return false;
    }
    for (const place of this.#placesOf(value)) {
      if ('kind' in place) this.#sink.rejected(line, place, text);
      else this.#sink.record(line, place, this.#isWhole ? text : undefined);
    }
    return true;
  }

  /** Drops a line that was read. */
  #dropLine(count: number): void {
    this.#lineNumber++;
    this.#held = this.#held.subarray(count);
  }

  /** Drops bytes that were read. */
  #drop(count: number): void {
    const dropped = this.#held.subarray(0, count);
    for (let at = dropped.indexOf(lineFeed); at !== -1; at = dropped.indexOf(lineFeed, at + 1))
      this.#lineNumber++;
    this.#isLineStart = dropped.at(-1) === lineFeed;
    this.#held = this.#held.subarray(count);
  }
}

const byteOrderMark = Buffer.from('\ufeff');

/** Whether a byte order mark stands somewhere, or the start of one that is cut. */
function markAt(bytes: Buffer, at: number): 'whole' | 'cut' | undefined {
  const found = bytes.subarray(at, at + byteOrderMark.length);
  if (found.length === 0 || !byteOrderMark.subarray(0, found.length).equals(found)) return undefined;
  return found.length === byteOrderMark.length ? 'whole' : 'cut';
}

const isSpace = (byte: number): boolean => byte === 32 || byte === 9 || byte === 13 || byte === lineFeed;
