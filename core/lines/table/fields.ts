import type { Dataset } from '../../dataset/dataset.ts';
import { type NumberNotation, numberOf } from '../../formats/number-text.ts';
import { isWordForNothing } from '../dropped-values.ts';
import type { Notation } from '../notation.ts';

/** A field of the record, and what its cells are. */
export interface Field {
  readonly name: string;
  /** Several only of a sensor. */
  readonly indexes: readonly number[];
  readonly kind: 'number' | 'text' | 'flag';
  /** Of a measure: what its cells stand for, beyond themselves. */
  readonly measured?: Measured;
}

/** How the cells of a measure are read. */
export interface Measured {
  /** What stands for no measurement in this column. */
  readonly nothing: readonly (number | string)[];
  readonly convert?: (value: number) => number;
}

/** What cells say, as `readRecord` takes it. */
export interface CellRecord {
  readonly record: Record<string, unknown>;
  /** Measures whose value stands for none by what their column says. */
  readonly nothing: Set<string>;
  /** Whether a measure has a cell that is neither empty nor stands for nothing. */
  hasValue: boolean;
}

/** Reads the cells of a row as a format writes them. */
export class CellReader {
  readonly #dataset: Dataset;
  readonly #numbers: NumberNotation;
  readonly #notation: Notation;

  constructor(dataset: Dataset, numbers: NumberNotation, notation: Notation) {
    this.#dataset = dataset;
    this.#numbers = numbers;
    this.#notation = notation;
  }

  /** What some fields of a row say. @param cells trimmed */
  read(fields: readonly Field[], cells: readonly string[], into: CellRecord = emptyRecord()): CellRecord {
    for (const field of fields) {
      const [index = 0, ...more] = field.indexes;
      const found = more.length === 0 ? (cells[index] ?? '') : joined(field.indexes.map((each) => cells[each] ?? ''));
      if (field.kind === 'number') this.#number(field, found, into);
      else if (found !== '') into.record[field.name] = field.kind === 'flag' ? flagOf(found) : found;
      else if (!ownFields.has(field.name)) into.record[field.name] = null;
    }
    return into;
  } // biome-ignore format: a step a line

  #number({ name, measured }: Field, found: string, into: CellRecord): void {
    const { record } = into;
    this.#notation.number(found);
    if (found === '') {
      // Of an optional measure it is told as what it is; elsewhere it is as if the field were not there.
      if (this.#dataset.measures[name]?.optional) record[name] = found;
      else if (!ownFields.has(name)) record[name] = null;
      return;
    }
    const value = numberOf(found, this.#numbers);
    record[name] = value;
    if (measured === undefined) return;
    const { nothing, convert } = measured;
    if (nothing.length > 0 && (nothing.includes(found) || nothing.includes(value as number))) {
      into.nothing.add(name);
      return;
    }
    if (typeof value === 'string') into.hasValue ||= !isWordForNothing(this.#dataset, value);
    else if (!Number.isNaN(value) && !this.#dataset.missing.includes(value)) {
      into.hasValue = true;
      if (convert) record[name] = convert(value);
    }
  }
}

const emptyRecord = (): CellRecord => ({ record: {}, nothing: new Set(), hasValue: false });

/** The id that several cells make up; empty where one of them is. */
const joined = (parts: readonly string[]): string => (parts.includes('') ? '' : parts.join('-'));

/** Fields of every dataset: an empty cell of theirs says as little as no column. */
const ownFields: ReadonlySet<string> = new Set(['sensorId', 'revision', 'withdrawn']);

const flagOf = (text: string): boolean | string =>
  /^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : text;
