import { asciiNumber, type NumberNotation, numberOf } from '../formats/number-text.ts';
import { parseTime, swappedFormat } from '../time/time-format.ts';
import { show } from './rejection.ts';

/** Of numbers with one kind of decimal mark: those that have the other one, or the mark between several groups of three digits. */
const otherNumber = {
  '.': /^[-+]?(?:[\d.]*\d,\d+|\d{1,3}(?:\.\d{3}){2,})$/,
  ',': /^[-+]?(?:[\d,]*\d\.\d+|\d{1,3}(?:,\d{3}){2,})$/,
} as const;
/** A number whose only mark may stand between groups: 13.750 is less than 14, or more than 13,000. */
const maybeGrouped = /^[-+]?[1-9]\d{0,2}([.,])\d{3}$/;

/**
 * What the rows of a file show of how its numbers and times are written, where that is not as its dataset says. Such a row costs itself
 * alone, but tells of the others too: where 13/05 is a day, 12/05 is not the fifth of December. They can be read, as something else.
 */
export class Notation {
  readonly #read: (text: string) => boolean;
  readonly #readSwapped: (text: string) => boolean;
  readonly #names: readonly [declared: string, swapped: string];
  /** Times that can only be read with day and month in each other's place, and one that can't. */
  #swapped = 0;
  #firstSwapped = '';
  #isOrderShown: boolean;
  readonly #numbers: NumberNotation;
  /** Numbers that can only be read with the other decimal mark, those that can be read in both ways, and one that shows the declared mark. */
  #others = 0;
  #firstOther = '';
  #maybeGrouped = '';
  #isMarkShown = false;

  /** @param isOrderShown it is taken to be shown: of a file of which only the times are told that can't be read */
  constructor(
    format: string,
    {
      isOrderShown = false,
      numbers = { decimal: '.' },
    }: { isOrderShown?: boolean; numbers?: NumberNotation } = {},
  ) {
    this.#numbers = numbers;
    this.#isOrderShown = isOrderShown;
    const swapped = swappedFormat(format);
    // Of UTC, which skips nothing: a time that the clock skipped has its day and month where they belong.
    const isRead = (text: string, as: string) => parseTime(text, as, 'UTC').length > 0;
    const isIso = format === 'iso' || format === 'iso-local';
    this.#names = isIso ? ['yyyy-MM-dd', 'yyyy-dd-MM'] : [format, swapped ?? format];
    this.#read = (text) => isRead(text, format);
    this.#readSwapped = (text) => {
      if (isIso) return isRead(text.replace(/^(\d{4})-(\d\d)-(\d\d)/, '$1-$3-$2'), format);
      return swapped !== undefined && isRead(text, swapped);
    };
  }

  /** Whether times that can be read tell nothing any more. */
  get isOrderShown(): boolean {
    return this.#isOrderShown;
  }

  /** Whether numbers with the declared decimal mark tell nothing any more, unless it may stand between thousands. */
  get isMarkShown(): boolean {
    return this.#isMarkShown;
  }

  /** Whether numbers whose mark may stand between thousands tell nothing any more. */
  get isGroupingSeen(): boolean {
    return this.#maybeGrouped !== '';
  }

  /** The cell of a time, read or not. */
  time(text: string): void {
    if (this.#isOrderShown && this.#read(text)) return;
    const [isRead, isSwapped] = [this.#read(text), this.#readSwapped(text)];
    if (isRead && !isSwapped) this.#isOrderShown = true;
    if (isRead || !isSwapped) return;
    this.#swapped++;
    this.#firstSwapped ||= text;
  }

  /** The cell of a measure, read or not. */
  number(cell: string): void {
    const { decimal, thousands } = this.#numbers;
    const text = asciiNumber(cell);
    const mark = maybeGrouped.exec(text)?.[1];
    if (mark !== undefined && (mark === decimal || mark === thousands)) this.#maybeGrouped ||= text;
    else if (otherNumber[decimal].test(text) && typeof numberOf(text, this.#numbers) === 'string') {
      this.#others++;
      this.#firstOther ||= text;
    } else if (text.includes(decimal)) this.#isMarkShown = true;
  }

  /** What speaks for other days than those that were read. One time may be a slip, unless none shows the order that is declared. */
  get otherDays(): string | undefined {
    if (!contradicts(this.#swapped, this.#isOrderShown)) return undefined;
    const [declared, swapped] = this.#names;
    return `day and month are in the other order: times such as ${show(this.#firstSwapped)} can be read as ${swapped}, not as ${declared}. Others of the file may be read as a wrong day`;
  }

  /** What speaks for other numbers than those that were read. */
  get otherNumbers(): string | undefined {
    if (this.#maybeGrouped === '' || !contradicts(this.#others, this.#isMarkShown)) return undefined;
    const other = this.#numbers.decimal === '.' ? 'comma' : 'point';
    const isWhole = this.#maybeGrouped.includes(this.#numbers.decimal);
    return `its numbers have a decimal ${other}, as ${show(this.#firstOther)}: ${show(this.#maybeGrouped)} may be meant as ${isWhole ? 'a whole number' : 'a fraction'}`;
  }
}

/** One odd cell makes no file another one, unless nothing speaks against it. */
const contradicts = (odd: number, isDeclaredShown: boolean): boolean => odd > (isDeclaredShown ? 1 : 0);
