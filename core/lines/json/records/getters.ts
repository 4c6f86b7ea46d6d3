import { Unmatched } from './pattern-getter.ts';
import type { Getter } from './record-places.ts';

/** The member of an object; nothing of what is no object. */
export function memberOf(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return undefined;
  return Object.hasOwn(object, name) ? (object as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** Several texts as one, with hyphens; nothing where one of them is not there. */
export function joinedGetter(getters: readonly Getter[]): Getter {
  const [only] = getters;
  if (only !== undefined && getters.length === 1) return (place) => only(place) ?? undefined;
  return (place) => {
    const parts = getters.map((get) => get(place));
    const wrong = parts.find((part) => part instanceof Unmatched);
    if (wrong !== undefined) return wrong;
    if (parts.some((part) => part === undefined || part === null || part === '')) return undefined;
    const other = parts.find((part) => typeof part !== 'string' && !Number.isSafeInteger(part));
    return other === undefined ? parts.join('-') : other;
  };
}
