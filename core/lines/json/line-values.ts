import type { Line, RejectReason } from '../../dataset/reading.ts';
import { rejected, show } from '../rejection.ts';
import { ShortLines } from '../scan/short-lines.ts';
import { JsonValues, type Piece } from './values.ts';

/** Pieces of a line that are tried before it is taken for one text that is no JSON. */
const maxTries = 16;
/** Bytes of a line that is looked at for having marks of order and records alone. */
const maxMarks = 64;
const comma = 44;
const openBracket = 91;
const closeBracket = 93;
/** White space takes in the mark of byte order, U+FEFF. */
const hasMarksAlone = (text: string): boolean => text.replaceAll('\u001e', '').trim() === '';
/** The reasons of a text that isn't one JSON value. */
const notOneValue: ReadonlySet<RejectReason> = new Set(['not-json', 'truncated', 'not-utf8']);

/** Whether a text was rejected because it isn't one JSON value. */
export const isNotOneValue = (
  outcome: { readonly kind: string; readonly reason?: RejectReason } | undefined,
): boolean => outcome?.reason !== undefined && notOneValue.has(outcome.reason);

/** What is asked of, and told to, the reader of the lines. */
interface LineOfValues {
  /** What one value comes to, which may have several records. */
  outcomesOf(text: string, bytes: Buffer): readonly Line[];
  tell(lineNumber: number, outcome: Line, text: string): void;
}

/** What a value of a line came to. */
interface FoundValue {
  readonly text: string;
  readonly outcomes: readonly Line[];
  readonly isJson: boolean;
}

/** A line of several values; one that is too long to be held is read as it comes. */
interface BegunLine {
  readonly lineNumber: number;
  readonly values: JsonValues;
  /** It goes on with an array that began in a line before. */
  readonly goesOn: boolean;
  /** One of its pieces so far is JSON. */
  hasValue: boolean;
}

/**
 * Reads lines that are no reading by themselves but may be several values, or an array of them. An array may go on over lines: one that is
 * closed nowhere was cut, and what is missing nobody can tell, so that it is a rejection beside its elements.
 */
export class LineValues {
  readonly #reader: LineOfValues;
  /** Where an array begins that has not been closed. */
  #arrayFrom: number | undefined;
  #begun: BegunLine | undefined;
  /** What short values came to that are no reading. */
  readonly #short = new ShortLines<FoundValue>();

  constructor(reader: LineOfValues) {
    this.#reader = reader;
  }

  /** Whether a part of the line was taken already. */
  hasBegun(lineNumber: number): boolean {
    return this.#begun?.lineNumber === lineNumber;
  }

  /** Whether a value of the line was told already: then it is one of values, to its end. */
  hasTold(lineNumber: number): boolean {
    return this.hasBegun(lineNumber) && this.#begun?.hasValue === true;
  }

  /** Whether a line may end or separate the elements of an array that began before it. */
  mayGoOn(bytes: Uint8Array): boolean {
    if (this.#arrayFrom === undefined) return false;
    const first = firstOf(bytes);
    return first === comma || first === closeBracket;
  }

  /** The lines are complete. @param lineNumber of the last one */
  end(lineNumber: number): void {
    this.#tellUnclosed(lineNumber);
  }

  #tellUnclosed(lineNumber: number): void {
    if (this.#arrayFrom === undefined) return;
    const detail = `the array that begins in line ${this.#arrayFrom} is never closed, so that elements may be missing; accepted: whole JSON`;
    this.#arrayFrom = undefined;
    this.#reader.tell(lineNumber, rejected('truncated', detail), '');
  }

  /** Takes the values that end in the start of a line that is too long to be held. @returns how many bytes it took */
  overlong(lineNumber: number, bytes: Buffer): number {
    const line = this.#lineOf(lineNumber, bytes);
    this.#begun = line;
    return this.#read(line, bytes, { whole: false, terminated: true }) ? line.values.taken : 0;
  }

  /** Reads the rest of a line, or all of it. @returns whether it was told of, or nothing is in it: false where none of its pieces is JSON */
  read(lineNumber: number, bytes: Buffer, terminated: boolean): boolean {
    const line = this.#lineOf(lineNumber, bytes);
    const hasNoOther = this.#read(line, bytes, { whole: true, terminated });
    const hasBrackets = hasNoOther && (line.goesOn || line.values.isInArray);
    if (line.hasValue || hasBrackets) {
      if (!line.goesOn) this.#tellUnclosed(lineNumber);
      this.#arrayFrom = line.values.isInArray ? (this.#arrayFrom ?? lineNumber) : undefined;
      return true;
    }
    // What is told of the line says that it breaks off.
    if (!terminated) this.#arrayFrom = undefined;
    return bytes.length <= maxMarks && hasMarksAlone(bytes.toString());
  }

  /** A reading is no array: one that begins a line is none of the elements of another. */
  #lineOf(lineNumber: number, bytes: Uint8Array): BegunLine {
    if (this.#begun?.lineNumber === lineNumber) return this.#begun;
    const goesOn = this.#arrayFrom !== undefined && firstOf(bytes) !== openBracket;
    return { lineNumber, goesOn, values: new JsonValues(goesOn), hasValue: false };
  }

  /**
   * Reads the values of a line, once one of the first pieces has turned out to be JSON: before that, a line of brackets would be taken
   * apart, and rejected, piece by piece.
   * @returns false when there were pieces and none was JSON: then nothing was told of them
   */
  #read(
    line: BegunLine,
    bytes: Buffer,
    { whole, terminated }: { whole: boolean; terminated: boolean },
  ): boolean {
    const waiting: FoundValue[] = [];
    for (const piece of line.values.cut(bytes, { whole })) {
      const value = this.#valueOf(piece, bytes, terminated);
      waiting.push(value);
      line.hasValue ||= value.isJson;
      if (line.hasValue) {
        for (const { outcomes, text } of waiting)
          for (const outcome of outcomes) this.#reader.tell(line.lineNumber, outcome, text);
        waiting.length = 0;
      } else if (waiting.length === maxTries) return false;
    }
    return waiting.length === 0;
  }

  #valueOf(piece: Piece, bytes: Buffer, terminated: boolean): FoundValue {
    const { start, end } = piece;
    if (!piece.isClosed) return otherOf(piece, bytes, terminated);
    const known = this.#short.get(bytes, start, end);
    if (known !== undefined) return known;
    const value = bytes.subarray(start, end);
    const text = value.toString();
    const outcomes = this.#reader.outcomesOf(text, value);
    const [first] = outcomes;
    const found = { text, outcomes, isJson: !isNotOneValue(first) };
    if (outcomes.length === 1 && first?.kind === 'rejected') this.#short.set(bytes, start, end, found);
    return found;
  }
}

/** The first byte that is no white space. */
const firstOf = (bytes: Uint8Array): number | undefined => bytes.find((byte) => byte > 32);

/** What stands between values and is none. */
function otherOf({ start, end }: Piece, bytes: Buffer, terminated: boolean): FoundValue {
  const text = bytes.toString('utf8', start, end);
  const outcome =
    end === bytes.length && !terminated
      ? rejected('truncated', `the last value breaks off: ${show(text.slice(-40))}; accepted: whole JSON`)
      : rejected('not-json', `between the values of the line is ${show(text)}; accepted: JSON objects`);
  return { text, outcomes: [outcome], isJson: false };
}
