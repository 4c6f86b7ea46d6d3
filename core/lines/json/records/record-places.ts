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

/** The path of a format's records, cut at each `*`. */
export class RecordPlaces {
  readonly path: JsonPath;
  readonly #parts: readonly (readonly Segment[])[];
  /** What stands between the parts. */
  readonly #stars: readonly Segment[];
  /** A getter reads what stands around all records. */
  #usesDocument = false;

  constructor(path: JsonPath) {
    this.path = path;
    this.#parts = partsOf(path.segments);
    this.#stars = path.segments.filter(isEvery);
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
      yield found === undefined ? this.#missing(found) : { record: found, nodes, keys };
    } else if (Array.isArray(found) === (this.#stars[level] !== everyMember) && isContainer(found)) {
      for (const [key, node] of entriesOf(found))
        yield* this.#below({ nodes: [...nodes, node], keys: [...keys, key] });
    } else yield this.#missing(found);
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
    const parts = partsOf(segments);
    const level = parts.length - 1;
    if (level === 0) this.#usesDocument = true;
    const rest = parts[level] as readonly Segment[]; // there is one more than stars
    return ({ nodes }) => valueAt(rest, nodes[level]);
  }
}

/** What stands before, between and after the stars. */
function partsOf(segments: readonly Segment[]): Segment[][] {
  const parts: Segment[][] = [[]];
  for (const segment of segments) {
    if (isEvery(segment)) parts.push([]);
    else parts.at(-1)?.push(segment);
  }
  return parts;
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

const entriesOf = (container: object): Iterable<[string | number, unknown]> =>
  Array.isArray(container) ? container.entries() : Object.entries(container);
