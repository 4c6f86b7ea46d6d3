import type { Dataset } from '../../../dataset/dataset.ts';
import type { JsonFormat } from '../../../formats/json-format.ts';
import { pathText, type Segment } from '../../../formats/json-path.ts';
import { pathsRead } from './paths-read.ts';

/** What is read of a record: all of a member, or some of what is in it. */
interface Read {
  isWhole: boolean;
  readonly within: Map<Segment, Read>;
}

const maxNamed = 20;

/** Finds the members of a record that a format does not read. */
export class OtherMembers {
  readonly #read: Read = { isWhole: false, within: new Map() };

  constructor(dataset: Dataset, format: JsonFormat) {
    for (const path of pathsRead(dataset, format)) this.#add(path);
  }

  #add(segments: readonly Segment[]): void {
    let read = this.#read;
    for (const segment of segments) {
      const next = read.within.get(segment) ?? { isWhole: false, within: new Map() };
      read.within.set(segment, next);
      read = next;
    }
    read.isWhole = true;
  }

  /** Their paths within the record, the first of 20. */
  of(record: unknown): readonly string[] {
    const found: string[] = [];
    const look = (value: unknown, read: Read, path: readonly Segment[]) => {
      if (read.isWhole || found.length === maxNamed) return;
      if (typeof value !== 'object' || value === null) {
        found.push(pathText({ root: '@', segments: path }));
        return;
      }
      for (const [key, inner] of Object.entries(value)) {
        const segment = Array.isArray(value) ? Number(key) : key;
        const known = read.within.get(segment);
        if (known !== undefined) look(inner, known, [...path, segment]);
        else if (found.length < maxNamed) found.push(pathText({ root: '@', segments: [...path, segment] }));
      }
    };
    look(record, this.#read, []);
    return found;
  }
}
