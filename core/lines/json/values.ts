const tab = 9;
const recordSeparator = 30;
const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const quote = 34;
const comma = 44;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

/** Bytes `start` (inclusive) to `end` (exclusive) of one value, or of what stands between values and is none. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  /** Its brackets are closed. JSON.parse says whether it is JSON. */
  readonly isClosed: boolean;
}

/**
 * Cuts the JSON values of one line that follow one another without a newline, as producers write them that put whole records into
 * Firehose or Kinesis. The elements of an array on a line are values of the line. White space, byte order marks (of files put one behind another),
 * the record separators of RFC 7464 and an array's commas separate; whatever else
 * stands between values is a piece that is no JSON. It knows brackets and texts only, so what it takes for a value may be none.
 */
export class JsonValues {
  /** An array has begun that has not been closed so far: it holds over the windows of a long line. */
  #isInArray: boolean;
  /** There was something that is no value: what belongs to an array behind it is not sure. */
  #hasOther = false;
  /** Up to here everything has been cut. */
  #at = 0;

  /** @param isInArray an array of the lines before goes on */
  constructor(isInArray = false) {
    this.#isInArray = isInArray;
  }

  /** Whether an array has begun, of which all so far are values, and none has closed it. */
  get isInArray(): boolean {
    return this.#isInArray && !this.#hasOther;
  }

  /**
   * The pieces that end within `bytes`, one after the other; `whole`: nothing of the line follows, so that what is not closed is the last
   * piece. The next call goes on behind {@link taken}.
   */
  *cut(bytes: Uint8Array, { whole }: { whole: boolean }): Generator<Piece> {
    this.#at = 0;
    for (;;) {
      this.#skipSeparators(bytes);
      if (this.#at === bytes.length) return;
      const start = this.#at;
      const isValue = opens(bytes[start]);
      const end = isValue ? endOfValue(bytes, start) : endOfOther(bytes, start);
      const isCutOff = end === undefined || (!isValue && end === bytes.length);
      if (isCutOff && !whole) return;
      this.#at = end ?? bytes.length;
      const isClosed = isValue && end !== undefined;
      this.#hasOther ||= !isClosed;
      yield { start, end: this.#at, isClosed };
    }
  }

  /** How many bytes the pieces so far and the separators before, between and after them take. */
  get taken(): number {
    return this.#at;
  }

  #skipSeparators(bytes: Uint8Array): void {
    for (; this.#at < bytes.length; this.#at++) {
      const byte = bytes[this.#at];
      if (byte === space || byte === tab || byte === carriageReturn || byte === lineFeed) continue;
      if (byte === recordSeparator) continue;
      if (byte === 0xef && bytes[this.#at + 1] === 0xbb && bytes[this.#at + 2] === 0xbf) {
        this.#at += 2; // a byte order mark
        continue;
      }
      if (!this.#isInArray && byte === openBracket) this.#isInArray = true;
      else if (this.#isInArray && byte === closeBracket) this.#isInArray = false;
      else if (!(this.#isInArray && byte === comma)) return;
    }
  }
}

const opens = (byte: number | undefined): boolean => byte === openBrace || byte === openBracket;

/** Where the value that opens at `start` is closed; `undefined` when it isn't. */
function endOfValue(bytes: Uint8Array, start: number): number | undefined {
  let depth = 0;
  let isInText = false;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (isInText) {
      if (byte === backslash) at++;
      else if (byte === quote) isInText = false;
    } else if (byte === quote) isInText = true;
    else if (byte === openBrace || byte === openBracket) depth++;
    else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) return at + 1;
  }
  return undefined;
}

/** Where what is no object and no array ends: before the next one. */
function endOfOther(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && !opens(bytes[at])) at++;
  return at;
}
