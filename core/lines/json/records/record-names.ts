import type { Rejected } from '../../../dataset/reading.ts';
import { type JsonPath, pathText, type Segment, valueAt } from '../../../formats/json-path.ts';
import { rejected, show } from '../../rejection.ts';
import { behindStars, commonStars, partsOf } from './stars.ts';

/** The names of the elements of records that are lists, as a list beside them has them. */
export class RecordNames {
  /** How many stars of the records' path stand in front of the list of names. */
  readonly level: number;
  /** From there to the list, and from each element of it to its name. */
  readonly #parts: readonly [list: readonly Segment[], name: readonly Segment[]];
  readonly #text: string;
  /** Of the node that was looked at last. */
  #node: unknown;
  #found: readonly string[] | Rejected | undefined;
  #list: unknown;

  constructor(path: JsonPath, records: JsonPath) {
    this.level = commonStars(path.segments, records.segments);
    const [toList = [], toName = []] = partsOf(behindStars(path.segments, this.level));
    this.#parts = [toList, toName];
    this.#text = pathText(path);
  }

  /** What is wrong with the names of the records around which these nodes stand; `undefined` also where they are further within. */
  faultAt(nodes: readonly unknown[]): Rejected | undefined {
    if (nodes.length <= this.level) return undefined;
    const names = this.#of(nodes);
    return 'kind' in names ? names : undefined;
  }

  /** A record by the names of its elements; `undefined` for the list of the names itself. */
  recordOf(element: unknown, nodes: readonly unknown[]): { readonly record: object } | Rejected | undefined {
    const names = this.#of(nodes);
    if ('kind' in names) return names;
    if (element === this.#list) return undefined;
    if (Array.isArray(element) && element.length === names.length)
      return { record: Object.fromEntries(names.map((name, at) => [name, element[at]])) };
    const found = Array.isArray(element) ? `has ${element.length} elements` : 'is no list';
    return rejected('wrong-columns', `the record ${show(element)} ${found}; accepted: ${names.length}, as many as names at ${this.#text}`);
  } // biome-ignore format: short

  #of(nodes: readonly unknown[]): readonly string[] | Rejected {
    const node = nodes[this.level];
    if (this.#found !== undefined && this.#node === node) return this.#found;
    const [toList, toName] = this.#parts;
    const list = valueAt(toList, node);
    const names = Array.isArray(list) ? list.map((each) => valueAt(toName, each)) : [];
    this.#node = node;
    this.#list = list;
    this.#found = this.#sound(names) ?? this.#fault(list);
    return this.#found;
  }

  #sound(names: readonly unknown[]): readonly string[] | undefined {
    const isSound = names.length > 0 && new Set(names).size === names.length;
    return isSound && names.every((name) => typeof name === 'string') ? names : undefined;
  }

  #fault(list: unknown): Rejected {
    return rejected(
      'wrong-columns',
      `the names at ${this.#text} are ${show(list)}; accepted: a list of texts, each another`,
    );
  }
}
