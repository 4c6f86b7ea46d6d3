import type { KeySource } from '../../formats/json-format.ts';
import {
  everyMember,
  isEvery,
  type JsonPath,
  parsePath,
  pathText,
  type Segment,
  valueAt,
} from '../../formats/json-path.ts';
import { RecordPlaces } from '../../lines/json/records/record-places.ts';
import { behindStars, commonStars, partsOf } from '../../lines/json/records/stars.ts';
import { listed } from '../finding.ts';
import { farLists } from './far-lists.ts';
import { listOfNames, type RecordShape, shapesOf } from './shapes.ts';
import { areTimes, hasOwnTime, isContainer, isObject, isScalar, listsIn, numbersIn, walk } from './walk.ts';

/** Where a column of leaves is, as a format says it. */
export type LeafSource = string | KeySource;

/** Records of documents as a table: a row a record, a column a value's path. */
export interface Leaves {
  /** Where the records are; `undefined` where each document is one. */
  readonly records: string | undefined;
  /** Where the names are of the elements of records that are lists. */
  readonly elementNames: string | undefined;
  /** Why they are there. */
  readonly reason: string;
  /** The records are rows of a table: what stands around them is of none. */
  readonly isTable: boolean;
  /** Numbers that the records of a document tell, about. */
  readonly numbers: number;
  /** Where other records are, which are not read. */
  readonly others: string;
  /** Where records have lists with numbers of which the names are elsewhere. */
  readonly namedLists: readonly string[];
  /** Where records have lists with numbers, which are not read. */
  readonly lists: readonly string[];
  /** By column: from `@`, the record, or `$`, the document around it; or the name of a member. */
  readonly sources: readonly LeafSource[];
  /** By column, for people: the last name of a path, or all of it where several have that. */
  readonly names: readonly string[];
  /** By column: whether it stands around the records, and is of all of them. */
  readonly isAround: readonly boolean[];
  /** By column: whether it stands around the records beside a time of its own. */
  readonly isTimed: readonly boolean[];
  /** By column: the unit that a document has for it, as text. */
  readonly units: readonly (string | undefined)[];
  /** Empty where there is nothing. */
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A path as it is, and in words where the name of a member is meant. */
export const shownSource = (source: LeafSource): string =>
  typeof source === 'string' ? source : `the name at * ${source.key}`;

const maxLeaves = 500;

/** @param declared the path of the records, where it is known */
export function leavesOf(documents: readonly unknown[], declared: string | undefined): Leaves {
  const [first] = documents;
  const near = shapesOf(first);
  const far = near.length === 0 && declared === undefined ? farLists(first) : undefined;
  const shapes = far ? [far] : near;
  const shape = shapes.find((each) => (declared === undefined ? isBetter(each, first) : pathText(each.records) === declared));
  const records = declared === undefined ? shape?.records : parsePath(declared);
  const others = shapes.filter((each) => !isSame(each, shape)).map((each) => pathText(each.records));
  const table = records === undefined ? wholeDocuments(documents) : below(documents, records, shape);
  return {
    ...{ sources: table.sources, rows: table.rows, lists: table.lists, namedLists: [...table.namedLists, ...placed(shape)] },
    records: records && pathText(records),
    elementNames: shape?.names && pathText(shape.names),
    reason: shape?.reason ?? (records === undefined ? 'each has its own time and values' : 'such files have them there'),
    numbers: shape?.numbers ?? numbersIn(first),
    others: listed([...new Set(others)]),
    units: unitsOf(first, table.labels).map((unit, at) => shape?.beside.find(({ name }) => name === table.labels[at])?.unit ?? unit),
    ...{ isTable: shape?.isTable ?? false, isAround: table.isAround, isTimed: table.isTimed },
    names: table.labels.map((label, at) => {
      const alike = table.labels.flatMap((each, index) => (each === label && index !== at ? [index] : []));
      // The value of a record is its own, and not that within an object of it.
      const isOwn = !table.isAround[at] && alike.every((index) => table.isAround[index] || depthOf(table.sources[index]) > depthOf(table.sources[at]));
      return alike.length === 0 || isOwn ? label : shownSource(table.sources[at] ?? label);
    }),
  };
} // biome-ignore format: short

const depthOf = (source: LeafSource | undefined): number =>
  typeof source === 'string' ? (parsePath(source)?.segments.length ?? 0) : 0;

/** Paths of values that are of one thing by its place in a list. */
const placed = (shape: RecordShape | undefined): string[] =>
  (shape?.beside ?? []).flatMap(({ path }) =>
    path.segments.some((segment) => typeof segment === 'number') ? [pathText(path)] : [],
  );

/** Whether a document is told by its records rather than as one record: that it is where it has a time and a number of its own. */
function isBetter({ numbers, isTable, isSeries = false }: RecordShape, document: unknown): boolean {
  if (!hasOwnTime(document) || Array.isArray(document)) return true;
  const own = numbersIn(document);
  return own === 0 || ((isTable || isSeries) && numbers >= own);
}

/** Whether a shape has values that another one has too. */
function isSame(one: RecordShape, other: RecordShape | undefined): boolean {
  const pathsOf = ({ records, beside }: RecordShape) => [records, ...beside.map(({ path }) => path)];
  return other === undefined || pathsOf(one).some((path) => pathsOf(other).some((own) => areOne(path, own)));
}

/** Whether a path leads to what another one leads to, or to what is in that. */
function areOne({ segments: one }: JsonPath, { segments: other }: JsonPath): boolean {
  const length = Math.min(one.length, other.length);
  return one.slice(0, length).every((segment, at) => segment === other[at] || isEvery(segment) || isEvery(other[at] as Segment));
} // biome-ignore format: short

interface Table {
  readonly namedLists: readonly string[];
  readonly lists: readonly string[];
  readonly sources: readonly LeafSource[];
  readonly isAround: readonly boolean[];
  readonly isTimed: readonly boolean[];
  readonly labels: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Columns in the order in which they are found, and rows of them. */
class Columns {
  readonly sources: LeafSource[] = [];
  readonly isAround: boolean[] = [];
  readonly isTimed: boolean[] = [];
  readonly labels: string[] = [];
  readonly rows: Map<number, string | number>[] = [];
  readonly lists = new Set<string>();
  readonly namedLists = new Set<string>();
  readonly #known = new Map<string, number>();

  add(row: Map<number, string | number>, source: LeafSource, label: string, value: string | number, { isAround = false, isTimed = false } = {}): void {
    const key = JSON.stringify(source);
    let at = this.#known.get(key);
    if (at === undefined) {
      if (this.sources.length === maxLeaves) return;
      at = this.sources.push(source) - 1;
      this.labels.push(label);
      this.isAround.push(isAround);
      this.isTimed.push(isTimed);
      this.#known.set(key, at);
    }
    row.set(at, value);
  }

  get table(): Table {
    const { sources, labels, isAround, isTimed } = this;
    const lists = [...this.lists].slice(0, maxLeaves);
    const namedLists = [...this.namedLists].slice(0, maxLeaves);
    return { sources, labels, isAround, isTimed, lists, namedLists, rows: this.rows.map((row) => sources.map((_, at) => row.get(at) ?? '')) };
  }
} // biome-ignore format: short

function wholeDocuments(documents: readonly unknown[]): Table {
  const columns = new Columns();
  for (const document of documents) {
    const row = new Map<number, string | number>();
    walk(document, (segments, value) => columns.add(row, pathText({ root: '$', segments }), String(segments.at(-1)), value));
    for (const segments of listsIn(document)) columns.lists.add(pathText({ root: '$', segments }));
    columns.rows.push(row);
  }
  return columns.table;
} // biome-ignore format: short

function below(documents: readonly unknown[], records: JsonPath, shape: RecordShape | undefined): Table {
  const places = new RecordPlaces(records, shape?.names);
  const beside = (shape?.beside ?? []).map(({ path, name }) => {
    const text = pathText(path);
    return { text, name, get: places.getter(text) };
  });
  const stars = records.segments.flatMap((segment, at) => (isEvery(segment) ? [at] : []));
  const around = new Surroundings(records, shape);
  const columns = new Columns();
  const namesOf = new NamedElements(documents[0]);
  const found = documents.flatMap((document) =>
    [...places.of(document)].flatMap((place) => ('kind' in place ? [] : [place])),
  );
  const alone = loneElements(found.map(({ record }) => record));
  for (const place of found) {
    const { record, nodes, keys } = place;
    const row = new Map<number, string | number>();
    for (const [level, at] of stars.entries())
      if (records.segments[at] === everyMember) {
        const key = String(keys[level]);
        columns.add(
          row,
          { key: level + 1 },
          shape?.keyNames?.at(level - stars.length) ?? nameOfKeys(key),
          key,
        );
      }
    walk(record, (segments, value) =>
      columns.add(row, pathText({ root: '@', segments }), labelOf(segments, shape), value),
    );
    for (const segments of listsIn(record)) {
      const path = pathText({ root: '@', segments });
      const [only] = alone.has(path) ? (valueAt(segments, record) as unknown[]) : [];
      if (typeof only === 'number') {
        columns.add(row, pathText({ root: '@', segments: [...segments, 0] }), labelOf(segments, shape), only);
        continue;
      }
      const named = namesOf.of(segments, record);
      (named === undefined ? columns.lists : columns.namedLists).add(pathText({ root: '@', segments }));
      for (const { path, name, value } of named ?? []) columns.add(row, path, name, value);
    }
    for (const { text, name, get } of beside) {
      const value = get(place);
      if (typeof value === 'string' || typeof value === 'number') columns.add(row, text, name, value);
    }
    for (const [level, node] of nodes.slice(0, -1).entries())
      for (const { path, label, value, isTimed } of around.of(node, level))
        columns.add(row, path, label, value, { isAround: true, isTimed });
    columns.rows.push(row);
  }
  return columns.table;
}

/** Lists of values within records, of which the document has the names: `{"head":{"fields":[{"name":"t"}, …]},"data":[{"time":"…","vals":[21, …]}]}`. */
class NamedElements {
  readonly #document: unknown;
  readonly #known = new Map<number, readonly string[] | undefined>();

  constructor(document: unknown) {
    this.#document = document;
  }

  of(segments: readonly Segment[], record: unknown): readonly { path: string; name: string; value: string | number }[] | undefined {
    const list = valueAt(segments, record);
    if (!Array.isArray(list) || list.length < 2 || !list.every(isScalar)) return undefined;
    if (!this.#known.has(list.length)) this.#known.set(list.length, listOfNames(this.#document, list.length)?.texts);
    const names = this.#known.get(list.length);
    return names && list.flatMap((value, at) =>
      typeof value === 'string' || typeof value === 'number' ? [{ path: pathText({ root: '@', segments: [...segments, at] }), name: names[at] ?? '', value }] : [],
    );
  }
} // biome-ignore format: short

/** Where each record that has a list with a number has one of a single element: it is a value. */
function loneElements(records: readonly unknown[]): ReadonlySet<string> {
  const most = new Map<string, number>();
  for (const record of records)
    for (const segments of listsIn(record)) {
      const path = pathText({ root: '@', segments });
      const list = valueAt(segments, record);
      most.set(path, Math.max(most.get(path) ?? 0, Array.isArray(list) ? list.length : 0));
    }
  return new Set([...most].flatMap(([path, length]) => (length === 1 ? [path] : [])));
}

interface Leaf {
  readonly path: string;
  readonly label: string;
  readonly value: string | number;
  readonly isTimed: boolean;
}

/** What stands around records: not what leads to them, nor what stands beside them there. */
class Surroundings {
  /** By level: up to it, and from there to the containers that are left out. */
  readonly #roots: readonly (readonly Segment[])[];
  readonly #left: readonly (readonly (readonly Segment[])[])[];
  readonly #known = new Map<unknown, readonly Leaf[]>();

  constructor(records: JsonPath, shape: RecordShape | undefined) {
    const { segments } = records;
    const count = segments.filter(isEvery).length;
    this.#roots = Array.from({ length: count }, (_, level) => segments.slice(0, segments.length - behindStars(segments, level).length));
    const paths = [records, ...(shape?.beside ?? []).map(({ path }) => path)];
    const leaving = paths.map((path) => ({ path, level: path === records ? undefined : commonStars(path.segments, segments) }));
    this.#left = this.#roots.map((_, level) =>
      leaving.flatMap((each) => (each.level === undefined || each.level === level ? [partsOf(behindStars(each.path.segments, level))[0] ?? []] : [])),
    );
  }

  of(node: unknown, level: number): readonly Leaf[] {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const root = this.#roots[level] ?? [];
    const left = new Set(this.#left[level]?.map((segments) => valueAt(segments, node)));
    const units = new Set(isObject(node) ? Object.entries(node).flatMap(([name, inner]) => (/units?$/i.test(name) ? [inner] : [])) : []);
    const leaves: Leaf[] = [];
    const isOther = (value: object) => left.has(value) || units.has(value);
    const isTimed = hasOwnTime(node, isOther);
    walk(
      node,
      (segments, value) => leaves.push({ path: pathText({ root: '$', segments: [...root, ...segments] }), label: String(segments.at(-1)), value, isTimed }),
      isOther,
    );
    this.#known.set(node, leaves.slice(0, maxLeaves));
    return leaves.slice(0, maxLeaves);
  }
} // biome-ignore format: short

/** Words of quantities: members that are called so are measures, and no sensors. */
const quantity =
  /temp|hum|press|rain|precip|wind|gust|co2|pm\d|volt|batt|rssi|snr|lux|light|moist|level|flow|discharge|\bph\b|turb|conduct|salin|radia|snow|dew|speed|direction|oxygen|depth/i;

const nameOfKeys = (key: string): string =>
  areTimes([key], '') ? 'time' : /^\d{1,9}$/.test(key) ? 'index' : quantity.test(key) ? 'parameter' : 'name';

/** What records are called that are no objects, or else the name of a value within. */
function labelOf(segments: readonly Segment[], shape: RecordShape | undefined): string {
  const last = segments.at(-1);
  // What a list is called in general says nothing of what is in it.
  const name = shape?.name ?? 'value';
  if (last === undefined)
    return /^(?:list|values?|data|series|points|history|items)$/i.test(name) ? 'value' : name;
  return typeof last === 'number'
    ? (shape?.elements?.[last] ?? `element ${last + 1}`)
    : (shape?.members?.[String(last)] ?? String(last));
}

/** By label, what an object or a list that is called units has for it. */
function unitsOf(document: unknown, labels: readonly string[]): (string | undefined)[] {
  const found = new Map<string, string>();
  const look = (value: unknown, depth: number): void => {
    if (!isContainer(value) || depth > 4) return;
    // Names and units of fields: [{"name":"AirTC","units":"Deg C"}, …]
    for (const each of Array.isArray(value) ? value.slice(0, maxLeaves).filter(isObject) : []) {
      const [name, unit] = [each.name ?? each.id ?? each.fieldName, each.units ?? each.unit ?? each.uom];
      if (typeof name === 'string' && typeof unit === 'string' && !found.has(name)) found.set(name, unit);
    }
    const members: [string, unknown][] = Array.isArray(value) ? [['', value.find(isContainer)]] : Object.entries(value);
    for (const [name, inner] of members) {
      if (isContainer(inner) && !Array.isArray(inner) && /units?$/i.test(name))
        for (const [label, unit] of Object.entries(inner)) if (typeof unit === 'string' && !found.has(label)) found.set(label, unit);
      if (Array.isArray(inner) && inner.length === labels.length && /units?$/i.test(name) && inner.every(isScalar))
        for (const [at, unit] of inner.entries()) if (typeof unit === 'string') found.set(labels[at] as string, unit); // as many
      look(inner, depth + 1);
    }
  };
  look(document, 0);
  return labels.map((label) => found.get(label));
} // biome-ignore format: short
