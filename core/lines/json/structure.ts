const lineFeed = 10;
const quote = 34;
const comma = 44;
const colon = 58;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

/** What is told of a value, by offsets from the start of the document. Depth 0 is the document itself. */
export interface StructureEvents {
  /** A value begins. `index` is its position in an array; of a member it is -1. */
  begin(offset: number, depth: number, index: number): void;
  /** The value that began at this depth ends before `offset`. */
  end(offset: number, depth: number): void;
  /** The name of the next value at `depth`, as it is written, with its quotes. */
  key(from: number, to: number, depth: number): void;
}

type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end';

interface Level {
  readonly isObject: boolean;
  /** Elements so far. */
  count: number;
}

/** By byte: 1 where a number or a word ends. */
const endsScalar = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[\s,:[\]{}"]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

/**
 * Follows the structure of one JSON document through chunks of bytes: brackets, names, commas, colons and the ends of texts. What
 * stands in a number, a word or a text is left to JSON.parse.
 */
export class JsonStructure {
  readonly #events: StructureEvents | undefined;
  readonly #levels: Level[] = [];
  #expected: Expected = 'value';
  /** Within a text, a name, or a number or word. */
  #within: 'text' | 'key' | 'scalar' | undefined;
  #isEscaped = false;
  #keyFrom = 0;
  /** Bytes that were taken. */
  offset = 0;
  /** Line feeds among them. */
  lines = 0;
  /** Offset behind the last of these. */
  lineStart = 0;
  state: 'open' | 'closed' | 'broken' = 'open';

  constructor(events?: StructureEvents) {
    this.#events = events;
  }

  /** Takes bytes until the document is closed, or can't be JSON. @returns the index of the first that was not taken */
  take(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to && this.state === 'open') {
      const byte = bytes[at] as number; // below `to`
      if (this.#within === 'scalar') {
        if (endsScalar[byte] === 1) {
          this.#within = undefined;
          this.#ended();
          continue;
        }
      } else if (this.#within !== undefined) {
        if (byte < 32) return this.#broken(at);
        this.#inText(byte);
      } else if (byte === lineFeed) {
        this.lines++;
        this.lineStart = this.offset + 1;
      } else if (byte !== 32 && byte !== 9 && byte !== 13 && !this.#token(byte)) {
        return this.#broken(at);
      }
      at++;
      this.offset++;
      if (this.#isClosing) {
        this.#isClosing = false;
        this.#ended();
      }
    }
    return at;
  }

  /** A value's last byte was taken just now. */
  #isClosing = false;

  #broken(at: number): number {
    this.state = 'broken';
    return at;
  }

  #inText(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === backslash) this.#isEscaped = true;
    else if (byte === quote) {
      if (this.#within === 'key') {
        this.#events?.key(this.#keyFrom, this.offset + 1, this.#levels.length);
        this.#expected = 'colon';
      } else this.#isClosing = true;
      this.#within = undefined;
    }
  }

  /** @returns whether JSON can go on so */
  #token(byte: number): boolean {
    const expected = this.#expected;
    if (byte === comma) {
      if (expected !== 'comma or end') return false;
      this.#expected = this.#levels.at(-1)?.isObject ? 'key' : 'value';
    } else if (byte === colon) {
      if (expected !== 'colon') return false;
      this.#expected = 'value';
    } else if (byte === closeBrace || byte === closeBracket) {
      const isObject = byte === closeBrace;
      const mayEnd = expected === 'comma or end' || expected === (isObject ? 'key or end' : 'value or end');
      if (!mayEnd || this.#levels.at(-1)?.isObject !== isObject) return false;
      this.#levels.pop();
      this.#isClosing = true;
    } else if (expected === 'key' || expected === 'key or end') {
      if (byte !== quote) return false;
      this.#within = 'key';
      this.#keyFrom = this.offset;
    } else {
      if (expected !== 'value' && expected !== 'value or end') return false;
      this.#value(byte);
    }
    return true;
  }

  #value(byte: number): void {
    const level = this.#levels.at(-1);
    const index = level === undefined || level.isObject ? -1 : level.count++;
    this.#events?.begin(this.offset, this.#levels.length, index);
    if (byte === openBrace || byte === openBracket) {
      const isObject = byte === openBrace;
      this.#levels.push({ isObject, count: 0 });
      this.#expected = isObject ? 'key or end' : 'value or end';
    } else this.#within = byte === quote ? 'text' : 'scalar';
  }

  #ended(): void {
    this.#events?.end(this.offset, this.#levels.length);
    if (this.#levels.length === 0) this.state = 'closed';
    else this.#expected = 'comma or end';
  }
}
