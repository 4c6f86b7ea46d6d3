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
