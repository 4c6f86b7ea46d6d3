import { everyElement, pathText, type Segment } from '../../formats/json-path.ts';
import { wordsOf } from '../name-words.ts';
import { isContainer, isObject, isTime } from './walk.ts';

/** Values that have no times, but a place in steps from a start, as of Netatmo's getmeasure. */
interface SteppedValues {
  readonly path: string;
  readonly start: string;
  readonly step: string;
  readonly numbers: number;
}

const maxDepth = 5;
const startName = /^(?:beg|begin|start|first|from|point_?start|t0|since)/i;
const stepWords: ReadonlySet<string> = new Set(['step', 'interval', 'resolution', 'cadence', 'delta']);

/** @returns the first of a document, where there are some */
export function steppedValues(value: unknown, segments: readonly Segment[] = []): SteppedValues | undefined {
  if (!isContainer(value) || segments.length > maxDepth) return undefined;
  if (Array.isArray(value)) return steppedValues(value.find(isContainer), [...segments, everyElement]);
  const members = Object.entries(value);
  // What tells of the values may stand in an object beside them.
  const told = [...members, ...members.flatMap(([, inner]) => (isObject(inner) ? Object.entries(inner) : []))];
  const start = told.find(([name, inner]) => startName.test(name) && isOfTime(inner));
  const step = told.find(([name, inner]) => isStep(inner) && wordsOf(name).some((word) => stepWords.has(word)));
  const lists = members.filter(([, inner]) => numbersOf(inner) > 1);
  const [list] = lists.toSorted(([, a], [, b]) => numbersOf(b) - numbersOf(a));
  if (start && step && list)
    return { path: pathText({ root: '$', segments: [...segments, list[0]] }), start: start[0], step: step[0], numbers: numbersOf(list[1]) };
  for (const [name, inner] of members) {
    const found = steppedValues(inner, [...segments, name]);
    if (found !== undefined) return found;
  }
  return undefined;
} // biome-ignore format: short

/** Why such values are not read, and what to do. */
export function steppedFault({ path, start, step }: SteppedValues): string {
  const ofNetatmo = start === 'beg_time' && step === 'step_time' ? ' (of Netatmo with optimize=false)' : '';
  return `the values at ${path} have no times of their own, but stand in steps by ${step} from ${start}: have them written with a time each${ofNetatmo}, or write a record for each`;
}

/** Under such a name a number since 2001, or a text. */
const isOfTime = (value: unknown): boolean =>
  (typeof value === 'number' || typeof value === 'string') && isTime(value, 'time');

const isStep = (value: unknown): boolean =>
  typeof value === 'number' ? value > 0 : typeof value === 'string' && /^(?:P.*\d|\d+ ?[a-z]+$)/.test(value);

/** Numbers of a list that has nothing else, or lists of such. */
function numbersOf(value: unknown, isWithin = false): number {
  if (!Array.isArray(value)) return 0;
  if (value.every((each) => typeof each === 'number' || each === null)) return value.length;
  return !isWithin && value.every(Array.isArray)
    ? value.reduce((sum, each) => sum + numbersOf(each, true), 0)
    : 0;
}
