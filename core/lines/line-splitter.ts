/** A longer line is rejected without being held whole: 1 MiB, more than a Firehose record can carry. */
export const maxLineBytes = 1_048_576;
/** How much of a line that is too long is handed over to show it. */
const shownBytes = 1_024;
/** A line may have a byte order mark (3 bytes) and a carriage return around its content. */
const heldLimitBytes = maxLineBytes + 4;
const newline = 10;
const carriageReturn = 13;

/** Takes the lines of a stream in order. */
export interface LineSink {
  /** A line without its newline or carriage return. `bytes` is reused: copy what outlives the call. */
  line(lineNumber: number, bytes: Buffer, terminated: boolean): void;
  /** A line over {@link maxLineBytes}, by its first 1,024 bytes. */
  tooLong(lineNumber: number, start: Buffer): void;
  /**
   * As much of a line as may be held, before it is given up as too long: who can read it in pieces takes some of it.
   * @returns how many bytes were taken; with 0 the line is too long
   */
  overlong?(lineNumber: number, start: Buffer): number;
}

/** Reads lines where they lie, as far as they are what it expects. */
export interface LineTaker {
  /** How many lines the last {@link take} took. */
  readonly taken: number;
  /**
   * Takes lines from `start` on, and returns where the first begins that it didn't take; `limit` when it took all. The byte
   * before `limit` is a newline.
   */
  take(bytes: Buffer, start: number, limit: number): number;
}

/**
 * Splits chunks of bytes into lines at `\n`, dropping one `\r` before it and a UTF-8 byte order mark at the start; on request also
 * at a `\r` alone, as files of old spreadsheets and of some loggers end their lines. Numbers every line from 1, blank ones too.
 * Between chunks it holds one line at most, up to {@link maxLineBytes}.
 */
export class LineSplitter {
  readonly #sink: LineSink;
  readonly #taker: LineTaker | undefined;
  #held = Buffer.allocUnsafe(4_096);
  #heldBytes = 0;
  #pastLimit = false;
  #lineNumber = 1;
  readonly #returnEnds: boolean;
  /** The last chunk ended in a `\r` that ended a line: a `\n` at the start of the next one belongs to it. */
  #endedInReturn = false;

  /**
   * Whole lines are offered to `taker` first; the sink gets those that it doesn't take.
   * @param options.returnEnds a `\r` ends a line also where no `\n` follows it; a taker then takes no line that has one inside
   */
  constructor(sink: LineSink, options: { taker?: LineTaker | undefined; returnEnds?: boolean } = {}) {
    this.#sink = sink;
    this.#taker = options.taker;
    this.#returnEnds = options.returnEnds ?? false;
  }

  /** The number of the line that is being read. */
  get lineNumber(): number {
    return this.#lineNumber;
  }

  /** Whether bytes of a line are held that no newline has ended. */
  get isMidLine(): boolean {
    return this.#heldBytes > 0;
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#returnEnds) this.#pushAtReturns(bytes);
    else this.#pushAtNewlines(bytes);
  }

  #pushAtReturns(bytes: Buffer): void {
    let start = this.#endedInReturn && bytes[0] === newline ? 1 : 0;
    if (bytes.length > 0) this.#endedInReturn = false;
    let nextNewline = -1;
    let nextReturn = -1;
    const limit = this.#taker ? bytes.lastIndexOf(newline) + 1 : 0;
    while (start < bytes.length) {
      if (start < limit && this.#heldBytes === 0) {
        start = this.#take(bytes, start, limit);
        if (start === bytes.length) return;
      }
      if (nextNewline < start) nextNewline = indexOrEnd(bytes, newline, start);
      if (nextReturn < start) nextReturn = indexOrEnd(bytes, carriageReturn, start);
      const end = Math.min(nextNewline, nextReturn);
      this.#hold(bytes.subarray(start, end));
      if (end === bytes.length) return;
      this.#emit(this.takeHeld(), true);
      const isPair = end === nextReturn && bytes[end + 1] === newline;
      this.#endedInReturn = end === nextReturn && end + 1 === bytes.length;
      start = end + (isPair ? 2 : 1);
    }
  }

  #pushAtNewlines(bytes: Buffer): void {
    let start = 0;
    if (this.#heldBytes > 0) {
      const end = bytes.indexOf(newline);
      this.#hold(end === -1 ? bytes : bytes.subarray(0, end));
      if (end === -1) return;
      this.#emitHeld();
      start = end + 1;
    }
    const limit = bytes.lastIndexOf(newline) + 1;
    while (start < limit) {
      start = this.#take(bytes, start, limit);
      if (start === limit) break;
      const end = bytes.indexOf(newline, start);
      if (end - start <= heldLimitBytes) this.#emit(bytes.subarray(start, end), true);
      else {
        this.#hold(bytes.subarray(start, end));
        this.#emitHeld();
      }
      start = end + 1;
    }
    if (start < bytes.length) this.#hold(bytes.subarray(start));
  }

  #take(bytes: Buffer, start: number, limit: number): number {
    if (!this.#taker) return start;
    const next = this.#taker.take(bytes, start, limit);
    this.#lineNumber += this.#taker.taken;
    return next;
  }

  /** The held line is whole. */
  #emitHeld(): void {
    const length = this.#heldBytes;
    if (this.#taker && !this.#pastLimit) {
      this.#held[length] = newline; // there is room for it
      if (this.#take(this.#held, 0, length + 1) > 0) {
        this.#heldBytes = 0;
        return;
      }
    }
    this.#emit(this.takeHeld(), true);
  }

  /** Hands over the last line when no newline ended it. */
  end(): void {
    if (this.isMidLine) this.#emit(this.takeHeld(), false);
  }

  /** Takes out what is held of a line that nothing ended, where a stream broke. Reused by the next `push`. */
  takeHeld(): Buffer {
    const held = this.#held.subarray(0, this.#heldBytes);
    this.#heldBytes = 0;
    return held;
  }

  #hold(piece: Buffer): void {
    let rest = piece;
    for (;;) {
      const filled = this.#fill(rest);
      if (filled === rest.length) return;
      rest = rest.subarray(filled);
      if (this.#pastLimit || !this.#makeRoom()) {
        this.#pastLimit = true;
        return;
      }
    }
  }

  /** Has the sink take from the start of the held line. */
  #makeRoom(): boolean {
    const taken = this.#sink.overlong?.(this.#lineNumber, this.#held.subarray(0, this.#heldBytes)) ?? 0;
    this.#held.copyWithin(0, taken, this.#heldBytes);
    this.#heldBytes -= taken;
    return taken > 0;
  }

  /** Holds as much of a piece as may be held. @returns how much */
  #fill(piece: Buffer): number {
    const fits = Math.min(piece.length, heldLimitBytes - this.#heldBytes);
    if (this.#heldBytes + fits >= this.#held.length) {
      const grown = Buffer.allocUnsafe(Math.min(heldLimitBytes, 2 * (this.#heldBytes + fits)) + 1); // 1: a newline
      this.#held.copy(grown, 0, 0, this.#heldBytes);
      this.#held = grown;
    }
    piece.copy(this.#held, this.#heldBytes, 0, fits);
    this.#heldBytes += fits;
    return fits;
  }

  #emit(raw: Buffer, terminated: boolean): void {
    const hasMark = this.#lineNumber === 1 && raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf;
    const hasReturn = raw[raw.length - 1] === carriageReturn;
    const content = raw.subarray(hasMark ? 3 : 0, hasReturn ? raw.length - 1 : raw.length);
    const lineNumber = this.#lineNumber++;
    if (this.#pastLimit || content.length > maxLineBytes) {
      this.#pastLimit = false;
      this.#sink.tooLong(lineNumber, content.subarray(0, shownBytes));
    } else {
      this.#sink.line(lineNumber, content, terminated);
    }
  }
}

function indexOrEnd(bytes: Buffer, byte: number, from: number): number {
  const index = bytes.indexOf(byte, from);
  return index === -1 ? bytes.length : index;
}
