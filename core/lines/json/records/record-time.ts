import type { Rejected } from '../../../dataset/reading.ts';
import { rejected, show } from '../../rejection.ts';
import type { Getter, Place } from './record-places.ts';

/** How a record says when it was. */
export interface TimeField {
  readonly gets: readonly Getter[];
  readonly paths: string;
  readonly format: string;
  readonly zone: string;
  readonly shiftMs: number;
  readonly interval: 'start' | 'end' | undefined;
  /** The offset of the clock, in seconds: instead of the zone. */
  readonly offset: Getter | undefined;
}

/** The instants of a record's time, UTC ms: two where the clock showed it twice. */
export interface Instants {
  readonly shown: string;
  readonly timestampMs: number;
  readonly laterMs: number | undefined;
}

/** The text, or the texts, of a record's time. */
export function shownTime({ gets, paths }: TimeField, place: Place): string | Rejected {
  let shown = '';
  for (const [index, get] of gets.entries()) {
    const part = get(place);
    if (part === undefined || part === null)
      return rejected(
        'missing-field',
        `timestamp is ${show(part)} at ${paths}; accepted: a text or a number`,
      );
    if (typeof part !== 'string' && typeof part !== 'number')
      return rejected('wrong-type', `timestamp is ${show(part)} at ${paths}; accepted: a text or a number`);
    const text = typeof part === 'string' ? part.trim() : String(part);
    shown = index === 0 ? text : `${shown} ${text}`;
  }
  return shown;
}

/** One end of an interval; a text that is none as it is. */
export function endOf(text: string, end: 'start' | 'end' | undefined): string {
  if (end === undefined) return text;
  const ends = text.split('/');
  return ends.length === 2 ? ((end === 'start' ? ends[0] : ends[1]) ?? text) : text;
}

/** The zone of a record's time, where the record says its offset; `undefined` where that is none. */
export function zoneOf({ offset, zone }: TimeField, place: Place): string | undefined {
  if (offset === undefined) return zone;
  const found = offset(place);
  const seconds = typeof found === 'string' && /^[+-]?\d+$/.test(found) ? Number(found) : found;
  if (typeof seconds !== 'number' || !Number.isInteger(seconds / 60) || Math.abs(seconds) > 14 * 3_600)
    return undefined;
  const minutes = Math.abs(seconds) / 60;
  const two = (part: number) => String(Math.floor(part)).padStart(2, '0');
  return `${seconds < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** As JSON.parse, but that whole numbers which a double doesn't hold, as of nanoseconds, are the texts that they are written as. */
export function parseExactly(text: string): unknown {
  type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
  const reviver: Reviver = (_, value, { source }) =>
    Number.isInteger(value) && !Number.isSafeInteger(value) ? source : value;
  return JSON.parse(text, reviver as Parameters<typeof JSON.parse>[1]); // its declaration lacks the third parameter
}

/** Where a time is, for people. */
export const shownSource = (source: string | { readonly key: number }): string =>
  typeof source === 'string' ? source : `the name of * ${source.key}`;
