import type { Rejected } from '../../dataset/reading.ts';
import { rejected, show } from '../rejection.ts';

const quote = 34;
const comma = 44;
const colon = 58;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

/** A member of a JSON object, or an element of an array, by where it stands in the text. */
interface Member {
  /** The key as it is written, with its quotes; empty of an element. */
  readonly key: string;
  /** Where its value begins, or the white space before it. */
  readonly from: number;
  /** Past its value, and the white space after it. */
  readonly to: number;
}

/** The members of the JSON object or array that a text begins with, in order; not those of values within it. */
function membersOf(text: string): Member[] {
  const members: Member[] = [];
  let depth = 0;
  let key = '';
  let from = 0;
  let textAt = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      textAt = at;
      for (at++; text.charCodeAt(at) !== quote; at++) if (text.charCodeAt(at) === backslash) at++;
    } else if (code === openBrace || code === openBracket) {
      if (depth++ === 0) from = at + 1;
    } else if (code === colon && depth === 1) {
      key = text.slice(textAt, text.lastIndexOf('"', at) + 1);
      from = at + 1;
    } else if (code === closeBrace || code === closeBracket) {
      if (--depth > 0) continue;
      const isEmpty = members.length === 0 && text.slice(from, at).trim() === '';
      if (!isEmpty) members.push({ key, from, to: at });
      break;
    } else if (code === comma && depth === 1) {
      members.push({ key, from, to: at });
      from = at + 1;
    }
  }
  return members;
}

/** The elements of a JSON array, each as its text. @param text begins with the array; it has been parsed, so that it is sound */
export function elementTexts(text: string): string[] {
  return membersOf(text).map(({ from, to }) => text.slice(from, to).trim());
}

/**
 * Why a parsed object can't be believed: a key that it has more than once, of whose values JSON.parse keeps the last one in silence.
 * `undefined` where there is none, and for what is no object.
 * @param text what was parsed
 * @param within names of members, from the outermost, that are looked into too
 */
export function repeatedKeyFault(
  text: string,
  value: unknown,
  within: readonly string[] = [],
): Rejected | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const members = membersOf(text);
  const nameOf = ({ key }: Member) => JSON.parse(key) as string; // a text with its quotes
  if (members.length !== Object.keys(value).length) {
    const names = new Set<string>();
    const repeated = members.map(nameOf).find((name) => names.size === names.add(name).size);
    return rejected('unknown-field', `${show(repeated)} is given twice: ${show(text)}; accepted: once`);
  }
  const [inner, ...deeper] = within;
  const member = members.find((each) => inner !== undefined && nameOf(each) === inner);
  if (member === undefined || inner === undefined) return undefined;
  const { [inner]: innerValue } = value as Readonly<Record<string, unknown>>; // it has the member
  return repeatedKeyFault(text.slice(member.from, member.to).trim(), innerValue, deeper);
}
