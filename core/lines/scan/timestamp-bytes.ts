import { endTimestampMs, utcMs } from '../../time/calendar.ts';

const quote = 34;
const dash = 45;
const colon = 58;
/** The shortest that is read here, with its quotes: "2024-02-29T12:30:00Z". */
const minBytes = 22;

/** Two digits as a number, or a value of at least 256 when one of them is none. */
export function twoDigits(bytes: Buffer, at: number): number {
  const tens = (bytes[at] as number) - 48; // the caller has checked that the bytes are there
  const ones = (bytes[at + 1] as number) - 48; // as above
  return tens >>> 0 > 9 || ones >>> 0 > 9 ? 256 : tens * 10 + ones;
}

/**
 * Reads quoted timestamps from bytes: a part of what `parseTimestamp` takes (seconds can't be left out, the hour is not 24, and the date is not before
 * 1970), with the same outcome. The date is read once as long as it stays the same.
 */
export class TimestampReader {
  #yearBytes = 0;
  #monthBytes = 0;
  #dayBytes = 0;
  #dateMs = -1;

  /**
   * Reads the JSON text at `at` into `column[row]`; returns where it ends, or -1 when it is none that is read here.
   * Reads nothing from `limit` on, and up to it there is a line feed.
   */
  read(bytes: Buffer, view: DataView, at: number, limit: number, column: Float64Array, row: number): number {
    if (at + minBytes > limit || bytes[at] !== quote || bytes[at + 11] !== 84) return -1;
    const yearBytes = view.getInt32(at + 1, true);
    const monthBytes = view.getInt32(at + 5, true);
    const dayBytes = view.getInt16(at + 9, true);
    if (dayBytes !== this.#dayBytes || monthBytes !== this.#monthBytes || yearBytes !== this.#yearBytes) {
      this.#dateMs = readDate(bytes, at + 1);
      this.#yearBytes = yearBytes;
      this.#monthBytes = monthBytes;
      this.#dayBytes = dayBytes;
    }
    const hour = twoDigits(bytes, at + 12);
    const minute = twoDigits(bytes, at + 15);
    const second = twoDigits(bytes, at + 18);
    if (this.#dateMs < 0 || hour > 23 || minute > 59 || second > 59) return -1;
    if (bytes[at + 14] !== colon || bytes[at + 17] !== colon) return -1;
    let instantMs = this.#dateMs + (hour * 3_600_000 + minute * 60_000 + second * 1_000);
    let end = at + 20;
    if (bytes[end] === 46) {
      let weight = 100;
      let digit = (bytes[++end] as number) - 48; // a line feed ends the bytes, at the latest
      if (digit >>> 0 > 9) return -1;
      while (digit >>> 0 <= 9) {
        // Past the ms the weight is 0: what follows is cut off.
        instantMs += digit * weight;
        weight = (weight * 0.1) | 0;
        digit = (bytes[++end] as number) - 48; // as above
      }
    }
    if (bytes[end] === 90) end++;
    else {
      const sign = bytes[end];
      if ((sign !== 43 && sign !== dash) || bytes[end + 3] !== colon) return -1;
      const hours = twoDigits(bytes, end + 1);
      const minutes = twoDigits(bytes, end + 4);
      if (hours > 23 || minutes > 59) return -1;
      instantMs -= (hours * 60 + minutes) * (sign === dash ? -60_000 : 60_000);
      end += 6;
    }
    if (bytes[end] !== quote || instantMs < 0 || instantMs >= endTimestampMs) return -1;
    column[row] = instantMs;
    return end + 1;
  }
}

/** UTC ms of `YYYY-MM-DD`, which is negative before 1970; -1 when it is no date. */
function readDate(bytes: Buffer, at: number): number {
  const century = twoDigits(bytes, at);
  const year = twoDigits(bytes, at + 2);
  const month = twoDigits(bytes, at + 5);
  const day = twoDigits(bytes, at + 8);
  if (year > 99 || bytes[at + 4] !== dash || bytes[at + 7] !== dash) return -1;
  return utcMs(century * 100 + year, month, day) ?? -1; // a century that is none makes a year that is not accepted
}
