import { parseTime, swappedFormat } from '../time/time-format.ts';
import { show } from './rejection.ts';

/** A number that has a decimal comma, or points between groups of three digits. */
const otherNumber = /^[-+]?(?:[\d.]*\d,\d+|\d{1,3}(?:\.\d{3}){2,})$/;
/** A number whose point may stand between groups: 13.750 is less than 14, or more than 13,000. */
const maybeGrouped = /^[-+]?[1-9]\d{0,2}\.\d{3}$/;

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
  /** Numbers that can only be read with a decimal comma, those that can be read in both ways, and one that can't be read with a comma. */
  #commas = 0;
  #firstComma = '';
  #maybeGrouped = '';
  #isPointShown = false;

  /** @param isOrderShown it is taken to be shown: of a file of which only the times are told that can't be read */
  constructor(format: string, { isOrderShown = false } = {}) {
    this.#isOrderShown = isOrderShown;
    const swapped = swappedFormat(format);
    // Of UTC, which skips nothing: a time that the clock skipped has its day and month where they belong.
    const isRead = (text: string, as: string) => parseTime(text, as, 'UTC').length > 0;
    this.#names = format === 'iso' ? ['yyyy-MM-dd', 'yyyy-dd-MM'] : [format, swapped ?? format];
    this.#read = (text) => isRead(text, format);
    this.#readSwapped = (text) => {
      if (format === 'iso') return isRead(text.replace(/^(\d{4})-(\d\d)-(\d\d)/, '$1-$3-$2'), format);
      return swapped !== undefined && isRead(text, swapped);
    };
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
  number(text: string): void {
    if (otherNumber.test(text)) {
      this.#commas++;
      this.#firstComma ||= text;
    } else if (maybeGrouped.test(text)) this.#maybeGrouped ||= text;
    else if (text.includes('.')) this.#isPointShown = true;
  }

  /** What speaks for other days than those that were read. One time may be a slip, unless none shows the order that is declared. */
  get otherDays(): string | undefined {
    if (!contradicts(this.#swapped, this.#isOrderShown)) return undefined;
    const [declared, swapped] = this.#names;
    return `day and month are in the other order: times such as ${show(this.#firstSwapped)} can be read as ${swapped}, not as ${declared}. Others of the file may be read as a wrong day`;
  }

  /** What speaks for other numbers than those that were read. */
  get otherNumbers(): string | undefined {
    if (this.#maybeGrouped === '' || !contradicts(this.#commas, this.#isPointShown)) return undefined;
    return `its numbers have a decimal comma, as ${show(this.#firstComma)}: ${show(this.#maybeGrouped)} may be meant as a whole number`;
  }
}

/** One odd cell makes no file another one, unless nothing speaks against it. */
const contradicts = (odd: number, isDeclaredShown: boolean): boolean => odd > (isDeclaredShown ? 1 : 0);
