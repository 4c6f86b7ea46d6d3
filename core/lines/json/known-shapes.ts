import { isUtf8 } from 'node:buffer';
import type { Segment } from '../../formats/json-path.ts';
import { readNumber } from '../scan/number-bytes.ts';
import { JsonStructure } from './structure.ts';

const quote = 34;
const closeBracket = 93;
const openBracket = 91;
const openBrace = 123;
const closeBrace = 125;

/** Shapes that are known at a time. Each of them may be tried before a document is given to JSON.parse. */
const maxShapes = 4;
/** To learn a shape takes as long as to parse some ten documents. */
const maxLearned = 64;
/** Documents of no known shape, beyond one for each that had one, after which no shape is tried any more. */
const maxMisses = 1_000;
/** Values of one document that are looked at; of a larger one no shape is learned. */
const maxValues = 2_000;

/** By byte: 1 where a text doesn't simply go on. What is escaped, or beyond ASCII, is left to JSON.parse. */
const stops = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 32 || byte > 126 || byte === 34 || byte === 92 ? 1 : 0,
);

const words: Readonly<Record<number, readonly [bytes: Uint8Array, value: boolean | null]>> = {
  116: [Buffer.from('true'), true],
  102: [Buffer.from('false'), false],
  110: [Buffer.from('null'), null],
};

/** A document whose like may come again, and what is read of it, by paths from its start. */
interface LearnedDocument<Of> {
  readonly of: Of;
  /** Of each the value is read, which is a number, a text or a word where it is there. */
  readonly values: readonly (readonly Segment[])[];
  /** Of each it is asked whether it is there, or which value it has. */
  readonly conditions: readonly (readonly Segment[])[];
  isSame(part: unknown): boolean;
}

/** How documents are written that differ in their numbers, texts and words alone. */
interface Shape<Of> {
  readonly of: Of;
  /** All bytes but these values, one behind another. */
  readonly between: Uint8Array;
  /** Of each value: how many of `between` stand before it. */
  readonly ends: Int32Array;
  /** Of each value: its position in `targets`, or -1 where nothing reads it. */
  readonly targets: Int32Array;
  /** Where the values are put that are read. */
  readonly places: readonly (readonly [container: Record<Segment, unknown>, segment: Segment])[];
  readonly document: unknown;
}

/**
 * Documents whose shape is known are read without being parsed: machines write the same names in the same order with the same spaces each time,
 * and between the values all bytes are those of a document that was parsed and had no name twice. So it is JSON, and says what JSON.parse
 * would have it say. Anything else, such as an escape or a letter beyond ASCII, is left to JSON.parse.
 */
export class KnownShapes<Of> {
  /** The one that matched last comes first. */
  readonly #shapes: Shape<Of>[] = [];
  #learned = 0;
  #misses = 0;
  /** Of the document that is looked at: the values that are read, or undefined. */
  readonly #values: unknown[] = [];
  readonly #number = new Float64Array(1);

  /**
   * What is read of the document in `bytes` from `from` (inclusive) to `to` (exclusive), and nothing else; `undefined` where its shape is not known. The
   * document is overwritten by the next call.
   */
  find(bytes: Buffer, from: number, to: number): { readonly document: unknown; readonly of: Of } | undefined {
    const last = bytes[to - 1];
    if (this.#shapes.length === 0 || (last !== closeBrace && last !== closeBracket)) return undefined;
    for (const [index, shape] of this.#shapes.entries()) {
      if (!this.#matches(shape, bytes, from, to)) continue;
      if (index > 0) {
        this.#shapes.splice(index, 1);
        this.#shapes.unshift(shape);
      }
      if (this.#misses > 0) this.#misses--;
      for (let at = 0; at < shape.places.length; at++) {
        const [container, segment] = shape.places[at] as Shape<Of>['places'][number]; // below its length
        container[segment] = this.#values[at];
      }
      return shape;
    }
    if (++this.#misses === maxMisses) {
      this.#shapes.length = 0;
      this.#learned = maxLearned;
    }
    return undefined;
  }

  /**
   * Learns the shape of a document that was parsed and has no name twice in an object, where it can be known by it: not where a
   * value that is read is a list or an object.
   * @param like.isSame whether what is read of the document by its shape says the same as the document
   */
  learn(bytes: Buffer, like: LearnedDocument<Of>): void {
    if (this.#learned === maxLearned || this.find(bytes, 0, bytes.length) !== undefined) return;
    this.#learned++;
    const shape = shapeOf(bytes, like);
    if (shape === undefined) return;
    this.#shapes.unshift(shape);
    if (this.#shapes.length > maxShapes) this.#shapes.pop();
    const known = this.find(bytes, 0, bytes.length);
    if (known?.of !== like.of || !like.isSame(known.document))
      this.#shapes.splice(this.#shapes.indexOf(shape), 1);
  }

  #matches({ between, ends, targets }: Shape<Of>, bytes: Buffer, from: number, to: number): boolean {
    if (to - from < between.length) return false;
    let at = from;
    let read = 0;
    for (let index = 0; index < ends.length; index++) {
      const end = ends[index] as number; // below the length
      while (read < end) if (bytes[at++] !== between[read++]) return false;
      at = this.#value(bytes, at, to, targets[index] as number); // of the same length
      if (at === -1) return false;
    }
    if (to - at !== between.length - read) return false;
    while (at < to) if (bytes[at++] !== between[read++]) return false;
    return true;
  }

  /** Reads a value. A bracket ends the bytes, so that no number goes on beyond them. @returns where it ends; -1 where there is none that is read here */
  #value(bytes: Buffer, at: number, to: number, target: number): number {
    if (at >= to) return -1;
    const first = bytes[at] as number; // before the end
    if (first === quote) {
      let end = at + 1;
      while (stops[bytes[end] as number] === 0) end++; // undefined behind the end, which is not 0
      if (end >= to || bytes[end] !== quote) return -1;
      if (target !== -1) this.#values[target] = bytes.toString('latin1', at + 1, end);
      return end + 1;
    }
    const word = first > 57 ? words[first] : undefined;
    if (word !== undefined) {
      const [letters, value] = word;
      for (let index = 1; index < letters.length; index++)
        if (bytes[at + index] !== letters[index]) return -1;
      if (target !== -1) this.#values[target] = value;
      return at + letters.length;
    }
    const end = readNumber(bytes, at, this.#number, 0);
    if (end !== -1 && target !== -1) this.#values[target] = this.#number[0];
    return end;
  }
}

function shapeOf<Of>(bytes: Buffer, { values, conditions, of }: LearnedDocument<Of>): Shape<Of> | undefined {
  if (!isUtf8(bytes)) return undefined;
  const { scalars = [], containers = new Map<string, boolean>() } = scalarsOf(bytes) ?? {};
  if (scalars.length === 0 || values.some((path) => containers.has(pathKey(path)))) return undefined;
  const read = new Set([...values, ...conditions].map(pathKey));
  const sparse = new SparseDocument(containers);
  for (const key of read) if (containers.has(key)) sparse.containerAt(key);
  const places: Shape<Of>['places'][number][] = [];
  const targets = scalars.map(({ path, key }) => {
    const segment = path.at(-1);
    if (segment === undefined || !read.has(key)) return -1;
    return places.push([sparse.containerAt(pathKey(path.slice(0, -1))), segment]) - 1;
  });
  const pieces = [0, ...scalars.map(({ to }) => to)].map((from, index) =>
    bytes.subarray(from, scalars[index]?.from ?? bytes.length),
  );
  let length = 0;
  const ends = Int32Array.from(scalars, (_, index) => {
    length += pieces[index]?.length ?? 0;
    return length;
  });
  const between = new Uint8Array(Buffer.concat(pieces));
  return { of, between, ends, targets: Int32Array.from(targets), places, document: sparse.document };
}

interface Scalar {
  readonly path: readonly Segment[];
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** The same for equal paths, and only for these. */
const pathKey = (path: readonly Segment[]): string => JSON.stringify(path);

/** The numbers, texts and words of a document, and which paths lead to lists (true) and objects. */
function scalarsOf(
  bytes: Buffer,
): { scalars: readonly Scalar[]; containers: ReadonlyMap<string, boolean> } | undefined {
  const scalars: Scalar[] = [];
  const containers = new Map<string, boolean>();
  const path: Segment[] = [];
  const begun: number[] = [];
  let isOdd = false;
  const structure = new JsonStructure({
    key: (from, to, depth) => {
      const name = JSON.parse(bytes.toString('utf8', from, to)) as string; // a text with its quotes
      if (name === '__proto__') isOdd = true;
      path[depth - 1] = name;
    },
    begin: (offset, depth, index) => {
      if (index !== -1) path[depth - 1] = index;
      begun[depth] = offset;
      const first = bytes[offset];
      if (first === openBrace || first === openBracket)
        containers.set(pathKey(path.slice(0, depth)), first === openBracket);
    },
    end: (offset, depth) => {
      const from = begun[depth] as number; // what ends has begun
      const first = bytes[from];
      if (first === openBrace || first === openBracket) return;
      const own = path.slice(0, depth);
      scalars.push({ path: own, key: pathKey(own), from, to: offset });
    },
  });
  structure.take(bytes, 0, bytes.length);
  const isKnown = structure.state === 'closed' && !isOdd && scalars.length <= maxValues;
  return isKnown ? { scalars, containers } : undefined;
}

/** A document with those of its lists and objects that lead to what is read. */
class SparseDocument {
  readonly #kinds: ReadonlyMap<string, boolean>;
  readonly #made = new Map<string, Record<Segment, unknown>>();

  constructor(kinds: ReadonlyMap<string, boolean>) {
    this.#kinds = kinds;
  }

  get document(): unknown {
    return this.containerAt(pathKey([]));
  }

  containerAt(key: string): Record<Segment, unknown> {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = (this.#kinds.get(key) ? [] : {}) as Record<Segment, unknown>; // an element is a member by its position
    this.#made.set(key, made);
    const path = JSON.parse(key) as Segment[]; // as it was made
    const segment = path.at(-1);
    if (segment !== undefined) this.containerAt(pathKey(path.slice(0, -1)))[segment] = made;
    return made;
  }
}
