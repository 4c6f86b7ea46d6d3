import type { Rejected } from '../../dataset/reading.ts';
import { rejected, show } from '../rejection.ts';
import { JsonStructure } from './structure.ts';

/**
 * Why a parsed document can't be believed: an object anywhere in it has a key more than once, of whose values JSON.parse has kept the last
 * one in silence.
 */
export function anyRepeatedKey(text: string, value: unknown): Rejected | undefined {
  // A key's quote and colon stand nowhere else in a text without escapes: with as many as the value has keys, none was lost.
  if (!text.includes('\\') && keyEndsIn(text) === keysOf(value)) return undefined;
  const name = repeatedName(text);
  if (name === undefined) return undefined;
  return rejected('unknown-field', `${show(name)} is given twice: ${show(text)}; accepted: once`);
}

function keyEndsIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1))
    if (text.charCodeAt(at - 1) === quote) count++;
  return count;
}

const quote = 34;
/** A value that is nested deeper is looked at in the other way. */
const maxDepth = 500;

/** Keys of all objects of a value; NaN where it is nested too deeply. */
function keysOf(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === maxDepth) return Number.NaN;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) if (typeof element === 'object') count += keysOf(element, depth + 1);
    return count;
  }
  for (const key in value) {
    count++;
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof member === 'object') count += keysOf(member, depth + 1);
  }
  return count;
}

/** The first name that is there twice in one object of a document, which is sound. */
function repeatedName(text: string): string | undefined {
  const bytes = Buffer.from(text);
  const names: Set<string>[] = [];
  let repeated: string | undefined;
  const structure = new JsonStructure({
    begin: (_, depth) => names[depth + 1]?.clear(),
    end: () => {},
    key: (from, to, depth) => {
      const name = JSON.parse(bytes.toString('utf8', from, to)) as string; // a text with its quotes
      names[depth] ??= new Set();
      const known = names[depth];
      if (known.has(name)) repeated ??= name;
      known.add(name);
    },
  });
  structure.take(bytes, 0, bytes.length);
  return repeated;
}
