import { decoded } from '../app/decoded.ts';

/** Ids of sensors in addresses, in requests and among words. An id may have any sign that means something there. */

/** Some ids as one parameter of an address: each is encoded, since an id may have the comma that stands between them. */
export const listed = (ids: readonly string[]): string => ids.map(encodeURIComponent).join(',');

/** The ids of such a parameter. */
export const idsOf = (list: string | null): string[] => (list ?? '').split(',').filter(Boolean).map(decoded);

/** Bytes that an id has at most, and so a pattern of ids too. */
const maxBytes = 128;

/** An id as the API has it among patterns: as it is, and no other. */
export const exactly = (id: string): string => id.replaceAll(/[\\,*]/g, '\\$&');

/**
 * What somebody typed, as the API's pattern: ids of which it is a part; patterns, with commas between them, where it has an asterisk. What is
 * as long as an id can be is the whole of it.
 */
export function patternOf(typed: string): string {
  if (typed.includes('*')) return typed;
  const isWhole = new TextEncoder().encode(typed).length + 2 > maxBytes;
  return isWhole ? exactly(typed) : `*${exactly(typed)}*`;
}

/** Letters that are written from right to left. */
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** An id among other words, which keeps its own direction and leaves theirs to them: a day behind it would be read backwards otherwise. */
export const apart = (id: string): string => (rightToLeft.test(id) ? `\u2068${id}\u2069` : id);
