import { dayMs } from './duration.ts';
import { readOffset } from './offset.ts';

/** What a clock showed, and when it was put forward or back. */
export interface Zone {
  readonly name: string;
  /** Local time minus UTC, in ms, at an instant in ms. */
  offsetMs(instantMs: number): number;
  /** An instant after the given one, up to which, exclusive, the offset is known to stay: a change, or the end of the UTC day. */
  offsetUntilMs(instantMs: number): number;
}

/**
 * The offsets of one IANA time zone, from Intl, cached by UTC day: an offset costs one Map look-up after the first
 * of its day. A UTC day has at most one change of offset here, which holds for every zone since 1970.
 */
export class TimeZone implements Zone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #days = new Map<number, { before: number; changeMs: number; after: number }>();

  constructor(name: string) {
    this.name = name;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  offsetMs(instantMs: number): number {
    const entry = this.#dayOf(instantMs);
    return instantMs < entry.changeMs ? entry.before : entry.after;
  }

  offsetUntilMs(instantMs: number): number {
    const { changeMs } = this.#dayOf(instantMs);
    return instantMs < changeMs ? changeMs : (Math.floor(instantMs / dayMs) + 1) * dayMs;
  }

  #dayOf(instantMs: number) {
    const day = Math.floor(instantMs / dayMs);
    let entry = this.#days.get(day);
    if (entry === undefined) {
      entry = this.#offsetsOf(day);
      this.#days.set(day, entry);
    }
    return entry;
  }

  #offsetsOf(day: number) {
    let low = day * dayMs;
    let high = low + dayMs;
    const before = this.#ask(low);
    const after = this.#ask(high);
    if (before === after) return { before, changeMs: low, after };
    while (high - low > 1000) {
      const middle = low + Math.floor((high - low) / 2000) * 1000;
      if (this.#ask(middle) === before) low = middle;
      else high = middle;
    }
    return { before, changeMs: high, after };
  }

  /** `instantMs` is a whole second: Intl's parts have no ms here. */
  #ask(instantMs: number): number {
    const part: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(instantMs)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - instantMs;
  }
}

/** A clock that is never put forward or back, as loggers keep it: `+01:00`, `-07:00`. */
class FixedOffset implements Zone {
  readonly name: string;
  readonly #ms: number;

  constructor(name: string, ms: number) {
    this.name = name;
    this.#ms = ms;
  }

  offsetMs(): number {
    return this.#ms;
  }

  offsetUntilMs(instantMs: number): number {
    return (Math.floor(instantMs / dayMs) + 1) * dayMs;
  }
}

const zones = new Map<string, Zone>();

/**
 * The shared, cached zone of an IANA name, or of a fixed offset such as `+01:00`.
 * @throws {RangeError} for a name that Intl doesn't know
 */
export function timeZoneNamed(name: string): Zone {
  let zone = zones.get(name);
  if (zone === undefined) {
    const offsetMs = fixedOffsetMs(name);
    zone = offsetMs === undefined ? new TimeZone(name) : new FixedOffset(name, offsetMs);
    zones.set(name, zone);
  }
  return zone;
}

/** Whether Intl knows the name as an IANA zone. Bare offsets such as `+01:00` are not zones here. */
export function isTimeZone(name: unknown): name is string {
  if (typeof name !== 'string' || !/[A-Za-z]/.test(name)) return false;
  try {
    timeZoneNamed(name);
    return true;
  } catch {
    return false;
  }
}

/** Local minus UTC, ms, of `+01:00`: at most 14 hours, as far as any clock goes; `undefined` for any other text. */
export function fixedOffsetMs(text: string): number | undefined {
  const offsetMs = /^[+-]\d\d:\d\d$/.test(text) ? readOffset(text) : undefined;
  return offsetMs === undefined || Math.abs(offsetMs) > 14 * 3_600_000 ? undefined : offsetMs;
}
