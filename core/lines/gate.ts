import type { RejectReason } from '../dataset/reading.ts';

/** Every reason for which nothing of an uploaded file is taken. */
export const refusalReasons = [
  /** More of its lines than the dataset allows can't be read. It may be accepted as it is. */
  'unreadable-lines',
  /** Its lines show that those that can be read may say something else. It may be accepted as it is. */
  'contradicting-lines',
  'missing-column',
  'wrong-columns',
  'not-utf8',
  'not-text',
  'unknown-format',
  /** One document of it is more than can be held. */
  'too-large',
] as const;

export type RefusalReason = (typeof refusalReasons)[number];

/** Whether a person may have the lines taken that can be read, of a file that is refused so. */
export const mayBeAccepted = ({ reason, nothingValid }: Pick<Refusal, 'reason' | 'nothingValid'>): boolean =>
  nothingValid !== true && (reason === 'unreadable-lines' || reason === 'contradicting-lines');

/** A line of a refused file, by its first 200 characters; with the reason where it is one that can't be read. */
export interface RefusedLine {
  readonly line: number;
  readonly text: string;
  readonly reason?: RejectReason;
  readonly detail?: string;
}

/** Why nothing of an uploaded file is taken: a decision about data, not a fault. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** What was found and what is accepted. */
  readonly detail: string;
  /** What the file probably is, where its lines tell. */
  readonly cause?: string;
  /** Up to five: the first that can't be read, or the first of the file. */
  readonly lines: readonly RefusedLine[];
  /** Not one of its lines could be taken as it is. Absent where that is not known, or not so. */
  readonly nothingValid?: true;
}

/** The share of unreadable lines up to which a file is taken, where its dataset says nothing. */
export const defaultMaxUnreadable = 0.2;
/** One odd line makes no file a wrong one, however short it is. */
const leastUnreadable = 2;
/**
 * So many unreadable lines refuse a file whatever its share: beside them it would need millions of others to be taken, more than are read in the time
 * there is. A file that is made of nothing else is refused within seconds.
 */
export const mostUnreadable = 1_000_000;
const shownLines = 5;
const shownCharacters = 200;

/** The reasons of lines that could not be read, not of those that say something that is not accepted. */
const unreadable: ReadonlySet<RejectReason> = new Set([
  'corrupt-gzip',
  'not-text',
  'not-utf8',
  'line-too-long',
  'truncated',
  'not-json',
  'not-line-protocol',
  'not-an-object',
  'unknown-field',
  'wrong-type',
  'invalid-timestamp',
  'invalid-revision',
  'wrong-columns',
]);

export const isUnreadable = (reason: RejectReason): boolean => unreadable.has(reason);

/** Watches the lines of an uploaded file, and says at its end whether it is what it should be. */
export class Gate {
  readonly #maxUnreadable: number;
  readonly #first: RefusedLine[] = [];
  readonly #wrong: RefusedLine[] = [];
  #unreadableLines = 0;
  /** Records that these lines would have had. */
  #unreadable = 0;
  #refused: Omit<Refusal, 'lines'> | undefined;

  /** @param maxUnreadable 0 to 1; with 1 only {@link refuse} refuses */
  constructor(maxUnreadable: number) {
    this.#maxUnreadable = maxUnreadable;
  }

  get isShut(): boolean {
    return this.#refused !== undefined;
  }

  /** Whether more of the file would change nothing any more. */
  get isDecided(): boolean {
    const shown = this.#refused?.reason === 'unreadable-lines' ? this.#wrong : this.#first;
    return this.isShut && shown.length === shownLines;
  }

  /** Whether the first lines are known that it may tell of. */
  get hasFirst(): boolean {
    return this.#first.length === shownLines;
  }

  /** A line that is not blank, header or not. */
  line(line: number, text: string): void {
    if (this.#first.length < shownLines) this.#first.push({ line, text: shown(text) });
  }

  /**
   * A line, or a value of one that is kept without it, that can't be read.
   * @param records that the line would have had
   */
  unread(line: number, text: string, why: { reason: RejectReason; detail: string }, records = 1): void {
    this.#unreadableLines++;
    this.#unreadable += records;
    if (this.#wrong.length < shownLines) this.#wrong.push({ line, text: shown(text), ...why });
    if (this.#unreadable > mostUnreadable && this.#maxUnreadable < 1)
      this.refuse(
        'unreadable-lines',
        `more than ${mostUnreadable} lines can't be read; accepted: at most so many, and at most ${this.#percent} %`,
      );
  }

  get #percent(): number {
    return Number((this.#maxUnreadable * 100).toPrecision(3));
  }

  /** Nothing of the file can be read as what it says. The first such reason counts. */
  refuse(reason: RefusalReason, detail: string, cause?: string): void {
    this.#refused ??= { reason, detail, ...(cause === undefined ? {} : { cause }) };
  }

  /**
   * The file is complete.
   * @param lines that it has, without blank ones and the header; of a table of several readings a row, its readings
   * @param causeOf what the unreadable lines have in common, if that is known
   * @param contradiction what its lines say against how they were read
   */
  verdict(
    lines: number,
    causeOf: (wrong: readonly RefusedLine[]) => string | undefined,
    contradiction: string | undefined,
  ): Refusal | undefined {
    const cause = causeOf(this.#wrong);
    const told = { ...(cause === undefined ? {} : { cause }), lines: this.#wrong };
    if (this.#refused?.reason === 'unreadable-lines') return { ...this.#refused, ...told };
    if (this.#refused !== undefined) return { ...this.#refused, lines: this.#first };
    const isRefused =
      this.#unreadableLines >= leastUnreadable && this.#unreadable > this.#maxUnreadable * lines;
    if (!isRefused && (contradiction === undefined || this.#maxUnreadable === 1)) return undefined;
    if (!isRefused)
      return {
        reason: 'contradicting-lines',
        detail: `${contradiction}; accepted: one way of writing in the whole file, that of the dataset`,
        lines: this.#wrong,
      };
    return {
      reason: 'unreadable-lines',
      detail: `${this.#unreadable} of ${lines} lines can't be read; accepted: at most ${this.#percent} %`,
      ...told,
    };
  }
}

const shown = (text: string): string => text.slice(0, shownCharacters).toWellFormed();
