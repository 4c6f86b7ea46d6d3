import { everyElement, pathText, type Segment } from '../../formats/json-path.ts';
import { timeKindOf, unmeasuredBy } from '../name-words.ts';
import { epochFormatOf, timeName } from '../table/time-columns.ts';
import { timePatternsOf } from '../time-patterns.ts';

export const maxDepth = 16;

type Scalar = string | number;

/**
 * The numbers, texts and truth values of an object, or of a list of such, but not those within lists further down.
 * @param isOther what is not looked into
 */
export function walk(
  value: unknown,
  leaf: (segments: readonly Segment[], value: Scalar) => void,
  isOther: (value: object) => boolean = () => false,
  segments: readonly Segment[] = [],
): void {
  if (typeof value === 'number' || typeof value === 'string') leaf(segments, value);
  else if (typeof value === 'boolean') leaf(segments, String(value));
  else if (!isContainer(value) || isOther(value) || segments.length >= maxDepth) return;
  else if (!Array.isArray(value))
    for (const [name, inner] of Object.entries(value)) walk(inner, leaf, isOther, [...segments, name]);
  else if (segments.length === 0)
    for (const [at, inner] of value.entries()) if (!Array.isArray(inner)) walk(inner, leaf, isOther, [at]);
} // biome-ignore format: a kind a line

/** Where an object, or what is in it, has lists with numbers, which {@link walk} passes over. */
export function listsIn(value: unknown, segments: readonly Segment[] = []): (readonly Segment[])[] {
  if (!isContainer(value) || segments.length >= maxDepth) return [];
  if (Array.isArray(value)) {
    if (segments.length === 0) return [];
    if (value.some((each) => typeof each === 'number')) return [segments];
    return value.some((each) => Array.isArray(each) && each.some((inner) => typeof inner === 'number')) ? [[...segments, 0]] : [];
  }
  return Object.entries(value).flatMap(([name, inner]) => listsIn(inner, [...segments, name]));
} // biome-ignore format: a kind a line

/** The paths of all that a document has, of lists those of their first element. */
export function pathsIn(value: unknown, segments: readonly Segment[] = []): string[] {
  if (!isContainer(value) || segments.length >= maxDepth) return [pathText({ root: '$', segments })];
  if (Array.isArray(value)) return pathsIn(value.find(isContainer) ?? value[0], [...segments, everyElement]);
  return Object.entries(value).flatMap(([name, inner]) => pathsIn(inner, [...segments, name]));
}

export const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isContainer(value) && !Array.isArray(value);

export const isScalar = (value: unknown): boolean => !isContainer(value);

/** Whether an object, or a list, has a time, not within lists. */
export function hasTime(value: unknown): boolean {
  return timesIn(value).length > 0;
}

/** Whether an object has a time that is not that at which a server answered. @param isOther what is not looked into */
export const hasOwnTime = (value: unknown, isOther?: (value: object) => boolean): boolean =>
  timesIn(value, isOther).some((name) => timeKindOf(name) !== 'answering');

/** Whether an object has a time that may be that of measuring: neither of answering nor of storing. */
export const hasMeasuredTime = (value: unknown): boolean =>
  timesIn(value).some((name) => !['answering', 'handling'].includes(timeKindOf(name) ?? ''));

/** What the times in an object, or in a list, are called. */
function timesIn(value: unknown, isOther?: (value: object) => boolean): string[] {
  const names: string[] = [];
  const look = (segments: readonly Segment[], leaf: Scalar) => {
    const name = String(segments.at(-1));
    if (isTime(leaf, name)) names.push(name);
  };
  if (isContainer(value)) walk(value, look, isOther);
  return names;
}

/** Whether a value is a time, by what it is called where it is a count. */
export function isTime(leaf: Scalar, name: string): boolean {
  if (typeof leaf === 'number')
    return leaf > 9e8 && (/time|date|^d?ts?$|_at$/i.test(name) || (/^\d+$/.test(name) && epochFormatOf([String(leaf)]) !== undefined));
  return /\D/.test(leaf) && timePatternsOf([leaf]).length > 0;
} // biome-ignore format: short

const looked = 50;

/** Whether values are times, for the most part. @param name what they are called */
export function areTimes(values: readonly unknown[], name: string): boolean {
  const filled = values.filter((value) => value !== null && value !== '').slice(0, looked);
  if (filled.length === 0 || !filled.every(isScalar)) return false;
  const cells = filled.map(String);
  if (cells.some((cell) => /[^\d.]/.test(cell))) return timePatternsOf(cells).length > 0;
  if (epochFormatOf(cells) === undefined) return false;
  const rises = cells.every((cell, at) => at === 0 || Number(cell) > Number(cells[at - 1]));
  return timeName.test(name) || /index|^t$|_at$/i.test(name) || rises;
}

/** What numbers are called that tell of a document, or of where a sensor stands, and are not measured. */
const ofDocument =
  /^(?:counts?|total|status|code|limit|offset|page.*|per_?page|size|(?:.*_)?version|(?:.*_)?id|lat.*|lo?ng?.*|alt.*|elev.*|utc_?offset.*|time_?zone.*|generationtime_ms|interval|duration|cnt|message|msg|success|ok|took|elapsed.*)$/i;

export const isOfDocument = (name: string): boolean => ofDocument.test(name);

/** Whether a value is a number, or a text of one, under a name that is of no number about a document. */
export const isNumber = (value: unknown, name: string): boolean =>
  !isOfDocument(name) &&
  unmeasuredBy(name) === undefined &&
  (typeof value === 'number' || (typeof value === 'string' && /^[-+]?\d+(?:[.,]\d+)?$/.test(value.trim())));

/** How many numbers an object, or a list, has that may be measured. */
export function numbersIn(value: unknown): number {
  let count = 0;
  walk(value, (segments, leaf) => {
    const name = String(segments.at(-1));
    if (isNumber(leaf, name) && !isTime(leaf, name)) count++;
  });
  return count;
}
