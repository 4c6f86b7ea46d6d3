import type { Rejected } from '../../../dataset/reading.ts';
import type { ListOfRecords, Place } from '../records/record-places.ts';
import { anyRepeatedKey } from '../repeated-keys.ts';
import { JsonStructure } from '../structure.ts';

interface LargeDocumentOptions {
  readonly list: ListOfRecords;
  readonly parse: (text: string) => unknown;
  /** Of a record, and of what else is held. */
  readonly maxBytes: number;
  /** An element, in order, with its text. */
  readonly element: (place: Place | Rejected, text: string, bytes: Uint8Array) => void;
}

const empty = Buffer.alloc(0);

/**
 * Reads the elements of a list in a document that is too large to be held, one by one as they come. What stands around the list is held, and has to be JSON with
 * each key once when the document ends: until then nothing of it is sure. Memory: one element and what stands around the list, each at most `maxBytes`.
 */
export class LargeDocument {
  readonly #options: LargeDocumentOptions;
  readonly #structure: JsonStructure;
  /** By depth: whether the value that is open there is on the way to the list, and the name that was read last. */
  readonly #isOn: boolean[] = [];
  readonly #isNamed: boolean[] = [];
  /** The document up to its list, and of the list one element in place of all. */
  #before: Buffer | undefined;
  #memory = empty;
  #length = 0;
  /** Offset in the document of the first byte in the memory. */
  #from = 0;
  /** Offset of the element that has begun; -1 outside of one. */
  #elementFrom = -1;
  /** Offset behind the last element that has ended. */
  #elementsTo = -1;
  #count = 0;
  #fault: string | undefined;

  constructor(options: LargeDocumentOptions) {
    this.#options = options;
    this.#structure = new JsonStructure({
      begin: (offset, depth, index) => this.#begin(offset, depth, index),
      end: (offset, depth) => this.#end(offset, depth),
      key: (from, to, depth) => this.#key(from, to, depth),
    });
  }

  /**
   * Takes bytes until the document ends.
   * @returns how many of them are the document's; `undefined` where it can't be read, for the reason in `fault`
   */
  take(bytes: Uint8Array): number | undefined {
    this.#hold(bytes);
    const structure = this.#structure;
    const at = structure.take(this.#memory, structure.offset - this.#from, this.#length);
    const taken = bytes.length - (this.#length - at);
    if (structure.state === 'broken') this.#fault ??= 'is no JSON';
    if (this.#fault !== undefined) return undefined;
    this.#length = at;
    this.#release();
    const held = this.#length + (this.#before?.length ?? 0);
    if (held > 2 * this.#options.maxBytes || this.#length > this.#options.maxBytes)
      this.#fault = `has over ${this.#options.maxBytes} bytes in one record, or around its records`;
    else if (structure.state === 'closed') this.#close();
    return this.#fault === undefined ? taken : undefined;
  }

  get isClosed(): boolean {
    return this.#structure.state === 'closed';
  }

  /** Why nothing of the document can be taken. */
  get fault(): string | undefined {
    return this.#fault;
  }

  #hold(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#memory.length) {
      const memory = Buffer.allocUnsafe(2 * length);
      memory.set(this.#memory.subarray(0, this.#length));
      this.#memory = memory;
    }
    this.#memory.set(bytes, this.#length);
    this.#length = length;
  }

  #begin(offset: number, depth: number, index: number): void {
    const { names } = this.#options.list;
    if (depth <= names.length) {
      const isMember = depth === 0 || (index === -1 && this.#isNamed[depth] === true);
      this.#isOn[depth] = isMember && (depth === 0 || this.#isOn[depth - 1] === true);
      if (depth === names.length && this.#isOn[depth] && this.#elementsTo !== -1)
        this.#fault ??= 'has its records in two lists of one name';
    } else if (depth === names.length + 1 && index >= 0 && this.#isOn[names.length] === true)
      this.#elementFrom = offset;
  }

  #key(from: number, to: number, depth: number): void {
    const name = this.#options.list.names[depth - 1];
    if (name === undefined) return;
    try {
      this.#isNamed[depth] = JSON.parse(this.#memory.toString('utf8', from - this.#from, to - this.#from)) === name;
    } catch {
      this.#fault ??= 'is no JSON';
    }
  } // biome-ignore format: short

  #end(offset: number, depth: number): void {
    if (this.#elementFrom === -1 || depth !== this.#options.list.names.length + 1) return;
    const bytes = this.#memory.subarray(this.#elementFrom - this.#from, offset - this.#from);
    this.#elementFrom = -1;
    // Nothing was let go of before the first element ends: it is preceded by all of the document so far.
    this.#before ??= Buffer.concat([this.#memory.subarray(0, offset - bytes.length - this.#from), Buffer.from('0')]);
    this.#elementsTo = offset;
    if (this.#fault !== undefined) return;
    const text = bytes.toString();
    const element = this.#parsed(text);
    if (element === undefined) return;
    const repeated = anyRepeatedKey(text, element.value);
    const place = repeated ?? this.#options.list.placeOf(element.value, this.#count);
    this.#count++;
    this.#options.element(place, text, bytes);
  } // biome-ignore format: short

  #parsed(text: string): { readonly value: unknown } | undefined {
    try {
      return { value: this.#options.parse(text) };
    } catch {
      this.#fault ??= 'is no JSON';
      return undefined;
    }
  }

  /** Lets go of elements that were read, and of what stands between them. */
  #release(): void {
    const until = this.#elementFrom === -1 ? this.#elementsTo : this.#elementFrom;
    if (this.#before === undefined || until <= this.#from) return;
    this.#memory.copyWithin(0, until - this.#from, this.#length);
    this.#length -= until - this.#from;
    this.#from = until;
  }

  /** What stands around the records is looked at as other documents are. */
  #close(): void {
    const around = Buffer.concat([this.#before ?? empty, this.#memory.subarray(0, this.#length)]).toString();
    const parsed = this.#parsed(around);
    if (parsed !== undefined && anyRepeatedKey(around, parsed.value) !== undefined)
      this.#fault = 'has a key twice around its records';
    else if (this.#before === undefined) this.#fault ??= 'has no records where they should be';
  }
}
