import { isWithin, utcMs } from '../../time/calendar.ts';
import { type DigitForm, digitForms, digitParts } from '../../time/digit-forms.ts';
import { dayMs } from '../../time/duration.ts';
import { timeZoneNamed, type Zone } from '../../time/time-zone.ts';
import { twoDigits } from './timestamp-bytes.ts';

const zero = 48;
const [year, month, day, hour, minute, second, fraction] = digitParts.map((_, slot) => slot) as [
  number, number, number, number, number, number, number,
]; // biome-ignore format: a slot a part

/** A form as bytes: of each piece the slot of its part and the bounds of its digits, or -1 and the byte. */
interface Program {
  readonly slots: Int8Array;
  readonly least: Uint8Array;
  readonly most: Uint8Array;
  readonly isUtc: boolean;
  readonly fixed: Fixed | undefined;
}

/** Of a form whose pieces have one length each, two digits or four: where they lie. */
interface Fixed {
  readonly length: number;
  /** By part: its slot, where it begins, and whether it has four digits. */
  readonly slots: Uint8Array;
  readonly starts: Uint8Array;
  readonly isLong: Uint8Array;
  /** By byte that stands between them: where, and which. */
  readonly places: Uint8Array;
  readonly bytes: Uint8Array;
}

/** How the times of a table are written, and what ends their cells. */
interface Clock {
  readonly format: string;
  readonly zone: string;
  readonly shiftMs: number;
  readonly delimiter: string;
}

/**
 * Reads the time of a row from its bytes: `readTime` of the same text, where the format has digits alone and the day has one offset from its first to
 * its last instant. All else is left to `readTime`.
 */
export class TimeCell {
  readonly #programs: Program[];
  readonly #zone: Zone;
  readonly #shiftMs: number;
  readonly #parts = new Int32Array(digitParts.length);
  /** The slots of the form that was read last: all others are 0. `undefined` where they may be anything. */
  #filled: Uint8Array | undefined;
  /** The date that was read last, and the UTC ms of its midnight less the offset; NaN where it is none, or has no one offset. */
  #date = -1;
  #startMs = Number.NaN;
  #isUtcDate = false;

  private constructor(forms: readonly DigitForm[], zone: string, shiftMs: number) {
    this.#programs = forms.map(programOf);
    this.#zone = timeZoneNamed(zone);
    this.#shiftMs = shiftMs;
  }

  /** `undefined` for a format that is not read here, as one that has the delimiter: a cell ends there, unless it is quoted. */
  static of({ format, zone, shiftMs, delimiter }: Clock): TimeCell | undefined {
    const forms = digitForms(format);
    const isCut = forms.some(({ pieces }) => pieces.some((piece) => 'character' in piece && piece.character === delimiter));
    return forms.length === 0 || isCut ? undefined : new TimeCell(forms, zone, shiftMs);
  } // biome-ignore format: short

  /** The day of the month that was read last. */
  get day(): number {
    return this.#parts[day] as number; // it has a slot
  }

  /**
   * Reads the cell at `at` into `column[row]`. The byte behind the cell is none of a time: a delimiter or the end of the line.
   * @returns where it ends; -1 when it is not read here
   */
  read(bytes: Buffer, at: number, column: Float64Array, row: number): number {
    const programs = this.#programs;
    for (let index = 0; index < programs.length; index++) {
      const program = programs[index] as Program; // within
      const { fixed } = program;
      const end =
        fixed !== undefined && at + fixed.length < bytes.length
          ? this.#runFixed(fixed, bytes, at)
          : this.#run(program, bytes, at);
      if (end < 0) continue;
      const ms = this.#instant(program.isUtc);
      if (Number.isNaN(ms)) return -1;
      if (index > 0) {
        // The next row is likely to be written as this one.
        programs.splice(index, 1);
        programs.unshift(program);
      }
      column[row] = ms + this.#shiftMs;
      return end;
    }
    return -1;
  }

  /** Fills the parts. A form is read to an end that no digit and no byte of another form follows. */
  #run({ slots, least, most }: Program, bytes: Buffer, start: number): number {
    const parts = this.#parts;
    parts.fill(0);
    this.#filled = undefined;
    let at = start;
    for (let piece = 0; piece < slots.length; piece++) {
      const slot = slots[piece] as number; // within, as the others
      const bound = most[piece] as number;
      if (slot < 0) {
        if (bytes[at] !== bound) return -1;
        at++;
        continue;
      }
      let value = 0;
      let digits = 0;
      while (digits < bound) {
        const digit = (bytes[at] as number) - zero; // there is a byte behind the cell
        if (digit >>> 0 > 9) break;
        if (slot !== fraction || digits < 3) value = value * 10 + digit;
        digits++;
        at++;
      }
      if (digits < (least[piece] as number)) return -1;
      if (slot === fraction) for (let place = digits; place < 3; place++) value *= 10;
      if (slot === year && digits === 2) value += value < 70 ? 2000 : 1900;
      parts[slot] = value;
    }
    return endAt(bytes, at);
  }

  /** As {@link TimeCell.#run}, byte for byte. */
  #runFixed({ length, slots, starts, isLong, places, bytes: between }: Fixed, bytes: Buffer, start: number): number {
    const parts = this.#parts;
    for (let index = 0; index < places.length; index++) if (bytes[start + (places[index] as number)] !== between[index]) return -1; // within
    if (this.#filled !== slots) parts.fill(0);
    this.#filled = slots;
    for (let index = 0; index < slots.length; index++) {
      const at = start + (starts[index] as number); // within, as the others
      let value = twoDigits(bytes, at);
      if (value > 99) return -1;
      if (isLong[index] === 1) {
        const rest = twoDigits(bytes, at + 2);
        if (rest > 99) return -1;
        value = value * 100 + rest;
      }
      parts[slots[index] as number] = value;
    }
    return endAt(bytes, start + length);
  } // biome-ignore format: a step a line

  #instant(isUtc: boolean): number {
    const parts = this.#parts;
    const [hours, minutes, seconds] = [parts[hour] as number, parts[minute] as number, parts[second] as number];
    if (hours > 23 || minutes > 59 || seconds > 59) return Number.NaN;
    const date = ((parts[year] as number) * 100 + (parts[month] as number)) * 100 + (parts[day] as number);
    if (date !== this.#date || isUtc !== this.#isUtcDate) this.#take(date, isUtc);
    return this.#startMs + ((hours * 60 + minutes) * 60 + seconds) * 1_000 + (parts[fraction] as number);
  } // biome-ignore format: short

  #take(date: number, isUtc: boolean): void {
    this.#date = date;
    this.#isUtcDate = isUtc;
    this.#startMs = Number.NaN;
    const ms = utcMs(Math.floor(date / 10_000), Math.floor(date / 100) % 100, date % 100);
    // Far from the years that are stored, what nobody asks an offset of.
    if (ms === undefined || !isWithin(ms - 2 * dayMs) || !isWithin(ms + 3 * dayMs)) return;
    if (isUtc) this.#startMs = ms;
    else {
      const offset = this.#zone.offsetMs(ms - dayMs);
      const isOne = [0, 1, 2].every((days) => this.#zone.offsetMs(ms + days * dayMs) === offset);
      if (isOne) this.#startMs = ms - offset;
    }
  }
}

/** By byte: 1 for those that a time may go on with. */
const isOfTime = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[0-9A-Za-z:.+-]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

/** Where a time ends; -1 where some other form goes on. */
function endAt(bytes: Buffer, at: number): number {
  const behind = bytes[at] as number; // there is a byte behind the cell
  return behind > 32 && isOfTime[behind] === 1 ? -1 : at;
}

function programOf({ pieces, isUtc }: DigitForm): Program {
  return {
    slots: Int8Array.from(pieces, (piece) => ('part' in piece ? digitParts.indexOf(piece.part) : -1)),
    least: Uint8Array.from(pieces, (piece) => ('part' in piece ? piece.least : 0)),
    most: Uint8Array.from(pieces, (piece) => ('part' in piece ? piece.most : piece.character.charCodeAt(0))),
    isUtc,
    fixed: fixedOf(pieces),
  };
}

function fixedOf(pieces: DigitForm['pieces']): Fixed | undefined {
  const parts: { slot: number; start: number; isLong: boolean }[] = [];
  const between: { place: number; byte: number }[] = [];
  let length = 0;
  for (const piece of pieces) {
    if ('character' in piece) {
      between.push({ place: length++, byte: piece.character.charCodeAt(0) });
      continue;
    }
    const { part, least, most } = piece;
    const isLong = part === 'year';
    // A year of two digits has a century yet; a fraction is worth what its digits are.
    if (part === 'fraction' || least !== most || most !== (isLong ? 4 : 2)) return undefined;
    parts.push({ slot: digitParts.indexOf(part), start: length, isLong });
    length += most;
  }
  if (new Set(parts.map(({ slot }) => slot)).size < parts.length) return undefined;
  return {
    length,
    slots: Uint8Array.from(parts, ({ slot }) => slot),
    starts: Uint8Array.from(parts, ({ start }) => start),
    isLong: Uint8Array.from(parts, ({ isLong }) => (isLong ? 1 : 0)),
    places: Uint8Array.from(between, ({ place }) => place),
    bytes: Uint8Array.from(between, ({ byte }) => byte),
  };
}
