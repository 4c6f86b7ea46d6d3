import { everyElement, type JsonPath, type Segment } from '../../formats/json-path.ts';
import type { RecordShape } from './shapes.ts';
import { areTimes, isContainer, isNumber, isObject, isScalar } from './walk.ts';

interface FarList {
  readonly segments: readonly Segment[];
  readonly list: readonly unknown[];
  readonly name: string;
  readonly unit: string | undefined;
}

const maxDepth = 8;
const maxElements = 50;
const leastLength = 3;
/** What a list is called in general, which says nothing of what is in it. */
const general = /^(?:values?|data|list|items|ranges|axes|domain|series|t)$/i;

const pathOf = (segments: readonly Segment[]): JsonPath => ({ root: '$', segments });

/**
 * As many values as there are times, in lists elsewhere in a document: `{"dates":[…],"data":[{"name":"temp","values":{"avg":[…]}}]}`, and as CoverageJSON has them.
 * @returns `undefined` where several lists may have the times
 */
export function farLists(document: unknown): RecordShape | undefined {
  const lists = [...listsOf(document, [], { names: [], unit: undefined })];
  const times = lists.filter(({ list, segments }) => list.length >= leastLength && areTimes(list, String(segments.at(-1))));
  const [time, ...more] = times;
  if (time === undefined || more.length > 0 || time.segments.some((segment) => typeof segment === 'number')) return undefined;
  const { length } = time.list;
  const found = lists.filter(({ list, name }) => list !== time.list && list.length === length && list.every((value) => value === null || isNumber(value, name)));
  const isFar = found.some(({ segments }) => segments.slice(0, -1).join('\n') !== time.segments.slice(0, -1).join('\n'));
  if (!isFar) return undefined;
  const isOwn = (name: string) => found.filter((each) => each.name === name).length === 1;
  return {
    records: pathOf([...time.segments, everyElement]),
    ...{ name: time.name, isTable: true },
    beside: found.map(({ segments, name, unit }) => ({
      path: pathOf([...segments, everyElement]),
      name: isOwn(name) ? name : segments.map(String).join(' '),
      unit,
    })),
    numbers: found.reduce((sum, { list }) => sum + list.filter((value) => value !== null).length, 0),
    reason: `lists of ${length} stand in several places, and ${time.name} has the times`,
  };
} // biome-ignore format: short

/** All lists of values, with what they are called: by the names of the objects they are in, and their own. */
function* listsOf(
  value: unknown,
  segments: readonly Segment[],
  within: { readonly names: readonly string[]; readonly unit: string | undefined },
): Generator<FarList> {
  if (!isContainer(value) || segments.length > maxDepth) return;
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every(isScalar)) yield { segments, list: value, ...within, name: nameOf(within.names) };
    else for (const [at, each] of value.slice(0, maxElements).entries()) yield* listsOf(each, [...segments, at], within);
    return;
  }
  if (!isObject(value)) return;
  const own = value.name ?? value.label ?? value.id;
  const names = typeof own === 'string' ? [own] : within.names;
  const said = value.unit ?? value.units;
  const unit = typeof said === 'string' ? said : within.unit;
  for (const [name, inner] of Object.entries(value))
    yield* listsOf(inner, [...segments, name], { names: [...names, name], unit });
} // biome-ignore format: short

const nameOf = (names: readonly string[]): string => {
  const telling = names.filter((name) => !general.test(name));
  return (telling.length === 0 ? names : telling).slice(-2).join(' ');
};
