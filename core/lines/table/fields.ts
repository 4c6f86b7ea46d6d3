import type { Dataset } from '../../dataset/dataset.ts';
import { type NumberNotation, numberIn } from '../../formats/number-text.ts';
import { standsForNothing } from '../dropped-values.ts';
import type { Notation } from '../notation.ts';

/** A field of the record, and what its cells are. */
export interface Field {
  readonly name: string;
  /** Several only of a sensor. */
  readonly indexes: readonly number[];
  readonly kind: 'number' | 'text' | 'flag';
  /** Of a measure: what its cells stand for, beyond themselves. */
  readonly measured?: Measured;
  /** Of a measure: the cell that says whether its value is good. */
  readonly flag?: CellTest;
}

/** What a cell has to have: one of some texts, or none of them. */
export interface CellTest {
  readonly index: number;
  readonly texts: ReadonlySet<string>;
  readonly isAmong: boolean;
}

export const passes = ({ index, texts, isAmong }: CellTest, cells: readonly string[]): boolean =>
  texts.has(cells[index] ?? '') === isAmong;

/** How the cells of a measure are read. */
export interface Measured {
  /** What stands for no measurement in this column. */
  readonly nothing: readonly (number | string)[];
  readonly convert?: (value: number) => number;
  /** Cells may have it behind the number, as in `20.5 °C`. */
  readonly unit?: string;
}

/** What cells say, as `readRecord` takes it. */
export interface CellRecord {
  readonly record: Record<string, unknown>;
  /** Measures whose value is none by what their column, or their flag, says. */
  readonly nothing: Map<string, 'missing' | 'flagged'>;
  /** Whether a measure has a cell that is neither empty nor stands for nothing, and is not flagged. */
  hasValue: boolean;
}

/** Whether nothing is left of a record but for flagged values, or one of them is of a measure that has to be there. */
export function isFlagged(dataset: Dataset, { nothing, hasValue }: CellRecord): boolean {
  for (const [name, reason] of nothing)
    if (reason === 'flagged' && (!hasValue || !dataset.measures[name]?.optional)) return true;
  return false;
}

/** Whether a record has nothing of the only measure that its dataset has, where it need not be there: it stands for nothing, as if its logger had written no row. One that has not even the measure's name is none. */
export const isOfNothing = (dataset: Dataset, { record, hasValue }: CellRecord): boolean => {
  const [only, second] = dataset.measureNames;
  if (hasValue || only === undefined || second !== undefined || dataset.kind === 'events') return false;
  return (
    dataset.measures[only]?.optional === true && Object.hasOwn(record, only) && record.withdrawn !== true
  );
};

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
      if (field.kind === 'number') this.#number(field, found, into, cells);
      else if (found !== '') into.record[field.name] = field.kind === 'flag' ? flagOf(found) : found;
      else if (!ownFields.has(field.name)) into.record[field.name] = null;
    }
    return into;
  } // biome-ignore format: a step a line

  #number({ name, measured, flag }: Field, found: string, into: CellRecord, cells: readonly string[]): void {
    const { record } = into;
    this.#notation.number(found);
    if (found === '') {
      // Of an optional measure it is told as what it is; elsewhere it is as if the field were not there.
      if (this.#dataset.measures[name]?.optional) record[name] = found;
      else if (!ownFields.has(name)) record[name] = null;
      return;
    }
    const value = numberIn(found, this.#numbers, measured?.unit);
    record[name] = value;
    if (measured === undefined) return;
    const { nothing, convert } = measured;
    if (nothing.length > 0 && (nothing.includes(found) || nothing.includes(value as number))) {
      into.nothing.set(name, 'missing');
      return;
    }
    if (standsForNothing(this.#dataset, value)) return;
    if (convert && typeof value === 'number') record[name] = convert(value);
    if (flag !== undefined && !passes(flag, cells)) into.nothing.set(name, 'flagged');
    else into.hasValue = true;
  }
}

const emptyRecord = (): CellRecord => ({ record: {}, nothing: new Map(), hasValue: false });

/** The id that several cells make up; empty where one of them is. */
const joined = (parts: readonly string[]): string => (parts.includes('') ? '' : parts.join('-'));

/** Fields of every dataset: an empty cell of theirs says as little as no column. */
const ownFields: ReadonlySet<string> = new Set(['sensorId', 'revision', 'withdrawn']);

const flagOf = (text: string): boolean | string =>
  /^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : text;
