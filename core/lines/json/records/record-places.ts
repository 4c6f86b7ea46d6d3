import type { Rejected } from '../../../dataset/reading.ts';
import {
  everyMember,
  isEvery,
  type JsonPath,
  parsePath,
  pathText,
  type Segment,
  valueAt,
} from '../../../formats/json-path.ts';
import { rejected, show } from '../../rejection.ts';
import { RecordNames } from './record-names.ts';
import { behindStars, commonStars, partsOf } from './stars.ts';

/** A record, and what of its document leads to it. */
export interface Place {
  readonly record: unknown;
  /** The document, then what each `*` on the way stands for. */
  readonly nodes: readonly unknown[];
  /** The names, or positions, of these in what they are in. */
  readonly keys: readonly (string | number)[];
}

/** Where the records of a document are, of which none has to know what stands around it: the elements of one list. */
export interface ListOfRecords {
  /** The names that lead to it. */
  readonly names: readonly string[];
  placeOf(element: unknown, index: number): Place | Rejected;
}

/** What reads a value from a record's place. */
export type Getter = (place: Place) => unknown;

/** A path that goes through other lists or objects than that of the records, by the same positions or names. */
interface Beside {
  /** How many of its stars stand for what they do in the path of the records: it leaves that path behind these. */
  readonly level: number;
  /** Behind that place: what stands before, between and after its other stars. */
  readonly parts: readonly (readonly Segment[])[];
  readonly text: string;
}

/** The path of a format's records, cut at each `*`. */
export class RecordPlaces {
  readonly path: JsonPath;
  readonly #parts: readonly (readonly Segment[])[];
  /** What stands between the parts. */
  readonly #stars: readonly Segment[];
  readonly #beside: Beside[] = [];
  readonly #names: RecordNames | undefined;
  /** A getter reads what stands around all records. */
  #usesDocument = false;

  /** @param names where the names of the elements are of records that are lists */
  constructor(path: JsonPath, names?: JsonPath) {
    this.path = path;
    this.#parts = partsOf(path.segments);
    this.#stars = path.segments.filter(isEvery);
    if (names === undefined) return;
    this.#names = new RecordNames(names, path);
    if (this.#names.level === 0) this.#usesDocument = true;
  }

  /** Whether a document is one record. */
  get isWhole(): boolean {
    return this.path.segments.length === 0;
  }

  /** The list that has the records, where they are the elements of one below names, and nothing is read from what stands around it. */
  get list(): ListOfRecords | undefined {
    const [names = [], rest = []] = this.#parts;
    if (this.#usesDocument || this.#stars.length !== 1 || this.#stars[0] === everyMember) return undefined;
    if (!names.every((name) => typeof name === 'string')) return undefined;
    return {
      names,
      placeOf: (element, index) => {
        const record = valueAt(rest, element);
        return record === undefined
          ? this.#missing(record)
          : { record, nodes: [undefined, element], keys: [index] };
      },
    };
  }

  /** The records of a document, in order; what is no list where one should be is told in its place. */
  *of(document: unknown): Generator<Place | Rejected> {
    yield* this.#below({ nodes: [document], keys: [] });
  }

  *#below({ nodes, keys }: Omit<Place, 'record'>): Generator<Place | Rejected> {
    const level = keys.length;
    const found = valueAt(this.#parts[level] ?? [], nodes[level]);
    if (level === this.#parts.length - 1) {
      const read = found === undefined ? this.#missing(found) : this.#recordOf(found, nodes);
      if (read !== undefined) yield 'kind' in read ? read : { ...read, nodes, keys };
    } else if (Array.isArray(found) === (this.#stars[level] !== everyMember) && isContainer(found)) {
      const fault = this.#unequal(found, { nodes, keys }) ?? this.#names?.faultAt(nodes);
      if (fault !== undefined) yield fault;
      else
        for (const [key, node] of entriesOf(found))
          yield* this.#below({ nodes: [...nodes, node], keys: [...keys, key] });
    } else yield this.#missing(found);
  }

  #recordOf(found: unknown, nodes: readonly unknown[]): { readonly record: unknown } | Rejected | undefined {
    return this.#names === undefined ? { record: found } : this.#names.recordOf(found, nodes);
  }

  /** What is wrong with lists beside that of the records, of which nobody knows what is of which record. */
  #unequal(container: object, { nodes, keys }: Omit<Place, 'record'>): Rejected | undefined {
    for (const { level, parts, text } of this.#beside) {
      const depth = keys.length - level;
      if (depth < 0 || depth >= parts.length - 1) continue;
      const other = throughKeys(nodes[level], parts.slice(0, depth + 1), keys.slice(level));
      const wrong = other === undefined || other === null ? undefined : unlike(container, other);
      if (wrong !== undefined)
        return rejected('wrong-columns', `at ${text} is ${wrong}, as at ${pathText(this.path)}`);
    }
    return undefined;
  }

  #missing(found: unknown): Rejected {
    const detail = `at ${pathText(this.path)} is ${show(found)}; accepted: records, as the format of the dataset says`;
    return rejected('missing-field', detail);
  }

  /** What reads the value of a path from a record's place. */
  getter(text: string): Getter {
    const { root, segments } = parsePath(text) as JsonPath; // checked
    if (segments.length === 0 && root === '@') return ({ record }) => record;
    if (root === '@') return ({ record }) => valueAt(segments, record);
    const level = commonStars(segments, this.path.segments);
    if (level === 0) this.#usesDocument = true;
    const parts = partsOf(behindStars(segments, level));
    const [only = []] = parts; // there is one more than stars
    if (parts.length === 1) return ({ nodes }) => valueAt(only, nodes[level]);
    this.#beside.push({ level, parts, text });
    return ({ nodes, keys }) => throughKeys(nodes[level], parts, keys.slice(level));
  }
}

/** What parts of a path lead to, with a key between each of them. */
function throughKeys(
  node: unknown,
  parts: readonly (readonly Segment[])[],
  keys: readonly (string | number)[],
): unknown {
  const [first = [], ...others] = parts;
  return others.reduce<unknown>(
    (found, part, at) => valueAt([keys[at] as string | number, ...part], found), // as many keys as stars
    valueAt(first, node),
  );
}

/** What a container has that stands beside another one, as a text; `undefined` where each value is of an element, or a member, of the other. */
function unlike(container: object, other: unknown): string | undefined {
  if (Array.isArray(container)) {
    if (Array.isArray(other) && other.length === container.length) return undefined;
    const found = Array.isArray(other) ? `a list of ${other.length}` : show(other);
    return `${found}; accepted: a list of ${container.length}`;
  }
  if (!isContainer(other) || Array.isArray(other)) return `${show(other)}; accepted: an object`;
  const more = Object.keys(other).find((key) => !Object.hasOwn(container, key));
  return more === undefined ? undefined : `a member ${show(more)}; accepted: members`;
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

const entriesOf = (container: object): Iterable<[string | number, unknown]> =>
  Array.isArray(container) ? container.entries() : Object.entries(container);
