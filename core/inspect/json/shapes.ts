import { everyElement, everyMember, type JsonPath, pathText, type Segment } from '../../formats/json-path.ts';
import { parameterName } from '../table/long-shape.ts';
import {
  areTimes,
  hasMeasuredTime,
  hasTime,
  isContainer,
  isNumber,
  isObject,
  isScalar,
  maxDepth,
  numbersIn,
} from './walk.ts';

/** Where the records of documents are, and what of them stands elsewhere. */
export interface RecordShape {
  readonly records: JsonPath;
  /** Where the names are of the elements of records that are lists. */
  readonly names?: JsonPath;
  /** Values at the places of the records in other lists or objects, and what they are called. */
  readonly beside: readonly {
    readonly path: JsonPath;
    readonly name: string;
    readonly unit?: string | undefined;
  }[];
  /** By the places of `.*` in the path, what the names of members are. */
  readonly keyNames?: readonly string[];
  /** What the records themselves are called, where they are no objects. */
  readonly name?: string;
  /** By the names of its members, what they are called instead. */
  readonly members?: Readonly<Record<string, string>>;
  /** What their elements are called, where they are lists without names. */
  readonly elements?: readonly string[];
  /** Its records are of several times, one after the other, as messages are not that tell several things of one time. */
  readonly isSeries?: boolean;
  /** Its values stand together as those of a table do: a document that is so is no record itself. */
  readonly isTable: boolean;
  /** Numbers that it tells: of two shapes that with more of them is likelier. */
  readonly numbers: number;
  /** Why, in a sentence without its full stop. */
  readonly reason: string;
}

interface Node {
  readonly value: unknown;
  readonly segments: readonly Segment[];
  /** As many are like it. */
  readonly count: number;
}

const maxNodes = 500;
const looked = 50;

const pathOf = (...segments: readonly Segment[]): JsonPath => ({ root: '$', segments });

/** The ways in which a document may have several records, the likeliest first. */
export function shapesOf(document: unknown): readonly RecordShape[] {
  const queue: Node[] = [{ value: document, segments: [], count: 1 }];
  const found: RecordShape[] = [];
  for (let at = 0; at < queue.length && at < maxNodes; at++) {
    const node = queue[at] as Node; // within the queue
    const { value, segments, count } = node;
    if (!isContainer(value) || segments.length > maxDepth) continue;
    for (const shape of [inColumns, underRows, ofMembers, namedLists, namedColumns, ofElements, ofParameters]) {
      const one = shape(node);
      if (one !== undefined) found.push({ ...one, numbers: one.numbers * count });
    }
    if (Array.isArray(value))
      queue.push({ value: value.find(isContainer), segments: [...segments, everyElement], count: count * value.length });
    else {
      const members = Object.entries(value);
      for (const [name, inner] of members) queue.push({ value: inner, segments: [...segments, name], count });
      if (areAlike(members.map(([, inner]) => inner)))
        queue.push({ value: members[0]?.[1], segments: [...segments, everyMember], count: count * members.length });
    }
  }
  const named = new Set(found.flatMap(({ records, names }) => (names ? [pathText(records)] : [])));
  const isSecond = ({ records, names }: RecordShape) => names === undefined && named.has(pathText(records));
  return found
    .filter((shape) => shape.numbers > 0 && !isSecond(shape))
    .toSorted((a, b) => b.numbers - a.numbers);
} // biome-ignore format: short

/** Whether several values are objects of the same members, or lists of such. */
function areAlike(values: readonly unknown[]): boolean {
  const kindOf = (value: unknown, depth = 0): string => {
    if (Array.isArray(value))
      return isContainer(value[0]) && depth < maxDepth ? `[${kindOf(value[0], depth + 1)}` : '';
    return isObject(value) ? Object.keys(value).toSorted().join() : '';
  };
  const [first, ...others] = values.slice(0, looked).map((value) => kindOf(value));
  return first !== undefined && first !== '' && others.length > 0 && others.every((kind) => kind === first);
}

/** Which of several lists has the times: the one that is called so. */
const timesAmong = (lists: readonly (readonly [name: string, values: readonly unknown[]])[]) =>
  lists
    .filter(([name, values]) => areTimes(values, name))
    .toSorted(([a], [b]) => likeTime(b) - likeTime(a))[0];

const likeTime = (name: string): number =>
  /^(?:date_?)?time(?:_?stamp)?s?$|^ts?$|^date$/i.test(name) ? 1 : 0;

const numbersOf = (name: string, values: readonly unknown[]): number =>
  values.filter((value) => isNumber(value, name)).length;

/** Lists of one length, one of which has times: `{"time":[…],"temp":[…]}`. */
function inColumns({ value, segments }: Node): RecordShape | undefined {
  if (!isObject(value)) return undefined;
  const lists = Object.entries(value).flatMap(([name, list]) =>
    Array.isArray(list) && list.length > 0 && list.every(isScalar) ? [[name, list] as const] : [],
  );
  const times = timesAmong(lists);
  if (times === undefined) return undefined;
  const [time, { length }] = times;
  const columns = lists.filter(([name, list]) => name !== time && list.length === length);
  return {
    records: pathOf(...segments, time, everyElement),
    ...{ name: time, isTable: true },
    beside: columns.map(([name]) => ({ path: pathOf(...segments, name, everyElement), name })),
    numbers: columns.reduce((sum, [name, list]) => sum + numbersOf(name, list), 0),
    reason: `lists of ${length} stand beside each other, and ${time} has the times`,
  };
}

/** Objects of one member a row each, as of pandas: `{"time":{"0":…},"temp":{"0":…}}`, or with times for the names of rows. */
function underRows({ value, segments }: Node): RecordShape | undefined {
  if (!isObject(value)) return undefined;
  const columns = Object.entries(value).flatMap(([name, rows]) =>
    isObject(rows) && Object.keys(rows).length > 0 && Object.values(rows).every(isScalar) ? [[name, rows] as const] : [],
  );
  const namesOf = ([, rows]: readonly [string, object]) => Object.keys(rows).join('\n');
  // Beside others of other members, as keys of DynamoDB are, those with the times.
  const timed = columns.find((each) => timesAmong([[each[0], Object.values(each[1])]]) !== undefined && columns.some((other) => other !== each && namesOf(other) === namesOf(each)));
  const first = timed ?? columns[0];
  if (first === undefined) return undefined;
  const rowNames = Object.keys(first[1]);
  const alike = columns.filter(([, rows]) => Object.keys(rows).join('\n') === rowNames.join('\n'));
  const pathsOf = (own: string) =>
    alike.flatMap(([name]) => (name === own ? [] : [{ path: pathOf(...segments, name, everyMember), name }]));
  const numbers = alike.reduce((sum, [name, rows]) => sum + numbersOf(name, Object.values(rows)), 0);
  const times = timesAmong(alike.map(([name, rows]) => [name, Object.values(rows)]));
  if (times !== undefined && alike.length > 1)
    return {
      records: pathOf(...segments, times[0], everyMember),
      ...{ name: times[0], isTable: true, beside: pathsOf(times[0]) },
      numbers: numbers - numbersOf(...times),
      reason: `objects have the same ${rowNames.length} members, and ${times[0]} has the times`,
    };
  if (!areTimes(rowNames, 'index')) return undefined;
  return {
    records: pathOf(...segments, first[0], everyMember),
    ...{ name: first[0], isTable: true, beside: pathsOf(first[0]), numbers },
    reason: `the names of ${rowNames.length} members of each are times`,
  };
} // biome-ignore format: short

/** Objects under names, with a time each: `{"a":{"at":…,"t":1},"b":{…}}`; or numbers, or objects of such, under times. */
function ofMembers({ value, segments }: Node): RecordShape | undefined {
  if (!isObject(value)) return undefined;
  const members = Object.entries(value);
  if (members.length < 2) return undefined;
  const sample = members.slice(0, looked);
  const numbers = (each: (name: string, inner: unknown) => number) =>
    (sample.reduce((sum, [name, inner]) => sum + each(name, inner), 0) * members.length) / sample.length;
  const shape = { records: pathOf(...segments, everyMember), beside: [], isTable: true };
  if (areTimes(members.map(([name]) => name), 'index')) {
    const areSeries = sample.every(([, inner]) => isObject(inner) && Object.values(inner).every((each) => isObject(each) && Object.values(each).every(isScalar)) && areAlike(Object.values(inner)));
    if (areSeries)
      return { ...shape, records: pathOf(...segments, everyMember, everyMember), keyNames: ['time', 'name'], numbers: numbers((_, inner) => numbersIn(inner)), reason: 'the objects there are under a name each, and these under their times' };
    if (sample.every(([, inner]) => isObject(inner)))
      return { ...shape, numbers: numbers((_, inner) => numbersIn(inner)), reason: 'the objects there are under their times' };
    const [[, first] = []] = sample;
    const areLists = sample.every(([, inner]) => Array.isArray(inner) && inner.length === (first as unknown[]).length && inner.every(isScalar));
    if (areLists) {
      const elements = (first as unknown[]).map((_, at, { length }) => (length === 1 ? 'value' : `element ${at + 1}`));
      return { ...shape, elements, numbers: numbers((_, inner) => numbersIn(inner)), reason: 'the lists there are under their times, and nothing names what they have' };
    }
    if (sample.every(([, inner]) => isScalar(inner)))
      return { ...shape, name: 'value', numbers: numbers((_, inner) => numbersOf('value', [inner])), reason: 'the values there are under their times' };
  }
  const isSeries = sample.every(([, inner]) => isObject(inner) && hasTime(inner)) && areAlike(sample.map(([, inner]) => inner));
  return isSeries ? { ...shape, numbers: numbers((_, inner) => numbersIn(inner)), reason: 'the objects there, under a name each, have a time each' } : undefined;
} // biome-ignore format: short

/** A list of objects with a time each, or of lists with a time each whose elements have no names. */
function ofElements({ value, segments }: Node): RecordShape | undefined {
  if (!Array.isArray(value)) return undefined;
  const sample = value.slice(0, looked);
  const numbers = (sample.reduce((sum, each) => sum + numbersIn(each), 0) * value.length) / Math.max(1, sample.length);
  const records = pathOf(...segments, everyElement);
  const shape = { records, beside: [], isTable: false };
  if (sample.every((each) => !Array.isArray(each)))
    return sample.some(hasTime) ? { ...shape, isSeries: areInOrder(sample), numbers: numbers + 0.5, reason: 'the objects there have a time each' } : undefined;
  const [first, ...others] = sample;
  const areRows = sample.every((each) => Array.isArray(each) && each.length === first.length && each.every(isScalar));
  if (!areRows || first.length < 2) return undefined;
  if (others.length > 0 && areNames(first) && !hasTime(first) && others.some(hasTime))
    return { ...shape, names: pathOf(...segments, 0), isTable: true, numbers: numbers + 1, reason: 'the lists there have a time each, and the first of them has names' };
  const times = (first as unknown[]).findIndex((_, at) => areTimes(sample.map((each) => each[at]), 'time'));
  if (times === -1) return undefined;
  const elements = (first as unknown[]).map((_, at) => (at === times ? 'time' : first.length === 2 ? 'value' : `element ${at + 1}`));
  return { ...shape, elements, numbers, reason: 'the lists there have a time each, and nothing names what else they have' };
} // biome-ignore format: short

const nameMembers =
  /^(?:name|type|parameter|param|key|variable|measure|measurement|field|quantity|value_?type|sensor_?type|channel)$/i;
const valueMembers = /^(?:values?|val|v|result|reading)$/i;
/** A value, or the only one of a list. */
const onlyOf = (value: unknown): unknown => (Array.isArray(value) && value.length === 1 ? value[0] : value);

/** A list of objects of one value each, which say of what: `{"at":"…","sensors":[{"name":"temp","value":21}, …]}`. Their time stands around them. */
function ofParameters({ value, segments }: Node): RecordShape | undefined {
  if (!Array.isArray(value) || value.length === 0 || segments.length === 0) return undefined;
  const [first] = value;
  if (!value.every(isObject) || !isObject(first) || value.some(hasMeasuredTime)) return undefined;
  const names = Object.keys(first);
  const isParameter = (name: string) => nameMembers.test(name) || parameterName.test(name);
  const parameter = names.find((name) => isParameter(name) && typeof first[name] === 'string');
  const own = names.find((name) => valueMembers.test(name) && isNumber(onlyOf(first[name]), name));
  if (parameter === undefined || own === undefined) return undefined;
  // What is called an element or a parameter may be there at several depths.
  const areApart = new Set(value.map((each) => each[parameter])).size === value.length;
  if (!areApart && !parameterName.test(parameter)) return undefined;
  return {
    records: pathOf(...segments, everyElement),
    beside: [],
    members: { [parameter]: 'parameter', [own]: 'value' },
    isTable: true,
    // Where they have times, too, these are of storing them.
    numbers: value.filter((each) => isNumber(onlyOf(each[own]), own)).length + 0.6,
    reason: `the objects there have a value each, and ${parameter} says of what`,
  };
} // biome-ignore format: short

/** Whether objects have each another time, all of one name, that goes up or down. */
function areInOrder(objects: readonly unknown[]): boolean {
  const [first] = objects;
  if (objects.length < manyTimes || !isObject(first)) return false;
  return Object.keys(first).some((name) => {
    const values = objects.map((each) => (isObject(each) ? each[name] : undefined));
    if (!areTimes(values, name)) return false;
    const isBehind = (a: unknown, b: unknown) => (typeof a === typeof b ? (a as number) < (b as number) : false);
    const pairs = values.slice(1).map((value, at) => [values[at], value] as const);
    return pairs.every(([a, b]) => isBehind(a, b)) || pairs.every(([a, b]) => isBehind(b, a));
  });
} // biome-ignore format: short

/** So many times in order are no chance. */
const manyTimes = 5;

const areNames = (values: readonly unknown[]): boolean =>
  values.every((value) => typeof value === 'string' && value !== '') &&
  new Set(values).size === values.length;

/** Lists with as many elements as there are names beside them: `{"columns":["time","temp"],"data":[[…], …]}`. */
function namedLists({ value, segments }: Node): RecordShape | undefined {
  if (!isObject(value)) return undefined;
  for (const [name, rows] of Object.entries(value)) {
    if (!Array.isArray(rows) || rows.length === 0 || !rows.every(Array.isArray)) continue;
    const [{ length }] = rows as unknown as readonly [readonly unknown[]]; // it has one
    if (length === 0 || rows.some((row) => row.length !== length)) continue;
    const names = listOfNames(value, length);
    if (names === undefined) continue;
    const texts = names.texts;
    const columns = texts.map((text, at) => [text, rows.slice(0, looked).map((row) => row[at])] as const);
    const sides = Object.entries(value).filter(
      ([, list]) => list !== rows && Array.isArray(list) && list.length === rows.length && list.every(isScalar),
    ) as [string, unknown[]][];
    const times = timesAmong(columns);
    const beside = times === undefined ? timesAmong(sides) : undefined;
    if (times === undefined && beside === undefined) continue;
    const sum = columns.reduce((all, [text, values]) => all + numbersOf(text, values), 0);
    return {
      records: pathOf(...segments, name, everyElement),
      names: pathOf(...segments, ...names.segments),
      isTable: true,
      beside: beside === undefined ? [] : [{ path: pathOf(...segments, beside[0], everyElement), name: beside[0] }],
      numbers: (sum * rows.length) / Math.min(looked, rows.length) + 1,
      reason: `each is a list of ${length}, and the names are beside it`,
    };
  }
  return undefined;
} // biome-ignore format: short

/** As many lists of one length as there are names near them, as of Grafana: `{"schema":{"fields":[{"name":"Time"},…]},"data":{"values":[[…],[…]]}}`. */
function namedColumns({ value, segments }: Node): RecordShape | undefined {
  if (!isObject(value)) return undefined;
  const inner = Object.entries(value).flatMap(([name, own]) => [
    [[name], own] as const,
    ...(isObject(own) ? Object.entries(own).map(([below, each]) => [[name, below], each] as const) : []),
  ]);
  for (const [way, lists] of inner) {
    if (!Array.isArray(lists) || lists.length < 2 || !lists.every((list) => Array.isArray(list) && list.every(isScalar))) continue;
    const [{ length }] = lists as unknown as readonly [readonly unknown[]]; // it has one
    if (length === 0 || lists.some((list) => list.length !== length)) continue;
    const texts = listOfNames(value, lists.length)?.texts;
    const times = texts && timesAmong(texts.map((text, at) => [text, lists[at]]));
    if (texts === undefined || times === undefined) continue;
    const pathTo = (name: string) => pathOf(...segments, ...way, texts.indexOf(name), everyElement);
    const others = texts.filter((text) => text !== times[0]);
    return {
      records: pathTo(times[0]),
      ...{ name: times[0], isTable: true },
      beside: others.map((name) => ({ path: pathTo(name), name })),
      numbers: others.reduce((sum, name) => sum + numbersOf(name, lists[texts.indexOf(name)]), 0),
      reason: `lists of ${length} stand beside each other, in the order of the names near them`,
    };
  }
  return undefined;
} // biome-ignore format: short

/** As many names, each another, in a list of texts, or of objects that are called so. */
export function listOfNames(
  value: unknown,
  count: number,
  segments: readonly Segment[] = [],
): { readonly segments: readonly Segment[]; readonly texts: readonly string[] } | undefined {
  if (!isObject(value) || segments.length > 3) return undefined;
  for (const [name, list] of Object.entries(value)) {
    if (!Array.isArray(list) || list.length !== count) continue;
    const own = [...segments, name];
    if (areNames(list) && !areTimes(list, '')) return { segments: own, texts: list };
    for (const member of ['fieldName', 'id', 'name', 'text', 'label']) {
      const texts = list.map((each) => (isObject(each) ? each[member] : undefined));
      if (areNames(texts)) return { segments: [...own, everyElement, member], texts: texts as string[] };
    }
  }
  for (const [name, inner] of Object.entries(value)) {
    const found = listOfNames(inner, count, [...segments, name]);
    if (found !== undefined) return found;
  }
  return undefined;
} // biome-ignore format: short
