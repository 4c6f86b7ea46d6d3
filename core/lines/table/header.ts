import type { Dataset } from '../../dataset/dataset.ts';
import { acceptedSensorId, canonicalSensorId, readSensorId } from '../../dataset/sensor-id.ts';
import { columnsNamed, isOfSensors } from '../../formats/column-name.ts';
import { behindNumbers } from '../../formats/number-text.ts';
import {
  type CellFilter,
  type ColumnDeclaration,
  isWide,
  type LongDeclaration,
  type TextFormat,
} from '../../formats/text-format.ts';
import { converter } from '../../formats/units.ts';
import type { RefusalReason } from '../gate.ts';
import { show } from '../rejection.ts';
import type { CellTest, Field, Measured } from './fields.ts';

/** Where each field is in a row, from the header. */
export interface Header {
  readonly columns: readonly string[];
  /** The columns that make up the time; empty without such a column: the rows have the time of the file's arrival. */
  readonly timeIndexes: readonly number[];
  /** What a row says once, for all of its readings. */
  readonly fields: readonly Field[];
  readonly shape: Shape;
  /** What a row has to pass to be read. */
  readonly filters: readonly CellTest[];
  /** The columns of which an empty cell has what the row above has. */
  readonly filled: readonly number[];
  readonly unread: ColumnNotes;
}

/** How readings lie in rows. */
type Shape = { readonly kind: 'reading-a-row' } | Wide | Long;

/** A row has a reading of each sensor. */
export interface Wide {
  readonly kind: 'wide';
  readonly sensors: readonly { readonly sensorId: string; readonly fields: readonly Field[] }[];
}

/** A row has one value of a reading: the measure by its name, and the value. */
export interface Long {
  readonly kind: 'long';
  readonly parameter: number;
  readonly value: number;
  /** The column that has the unit of each value. */
  readonly unit: number | undefined;
  /** By the texts that stand for them. */
  readonly parameters: ReadonlyMap<string, Parameter>;
}

export interface Parameter {
  readonly measure: string;
  /** The unit of the file's numbers, where the row says none. */
  readonly unit: string;
  readonly measured: Measured;
}

/** Why nothing can be read under a header. */
export interface Unsound {
  readonly kind: 'unsound';
  readonly reason: RefusalReason;
  readonly detail: string;
}

/** What a header has beyond what is read, and has not. */
export interface ColumnNotes {
  readonly unmapped: readonly string[];
  /** Names of measures. */
  readonly absent: readonly string[];
  /** Of a table of parameters and values: parameters that nothing maps, the first of 20, each by its first 64 characters. */
  readonly parameters?: readonly string[];
}

export const unsound = (reason: RefusalReason, detail: string): Unsound => ({
  kind: 'unsound',
  reason,
  detail,
});

interface Subject {
  readonly dataset: Dataset;
  readonly format: TextFormat;
  readonly timeColumns: readonly string[];
  /** Whether the file's name or folder says the sensor. */
  readonly isSensorKnown: boolean;
}

/**
 * Finds the fields in the names of the columns.
 * @param shown the header as it is told
 */
export function readHeader(names: readonly string[], shown: string, subject: Subject): Header | Unsound {
  return new HeaderReader(names, shown, subject).read();
}

class HeaderReader {
  readonly #columns: readonly string[];
  readonly #shown: string;
  readonly #subject: Subject;
  readonly #declared: NonNullable<TextFormat['columns']>;
  readonly #ignored: ReadonlySet<number>;
  /** The columns that something is read from. */
  readonly #taken = new Set<number>();
  /** The first fault. */
  #fault: Unsound | undefined;

  constructor(names: readonly string[], shown: string, subject: Subject) {
    this.#columns = names.map((name) => name.trim());
    this.#shown = shown;
    this.#subject = subject;
    const { columns = {}, ignore = [] } = subject.format;
    this.#declared = columns;
    const ignored = ignore.flatMap((name) => columnsNamed(name, this.#columns));
    this.#ignored = new Set(ignored.map(({ index }) => index));
  }

  read(): Header | Unsound {
    const { dataset, timeColumns, format } = this.#subject;
    const columns = this.#columns;
    const isTimed = dataset.time !== 'arrival';
    const times = timeColumns.flatMap((column) => this.#indexOf(column, isTimed) ?? []);
    const isWideTable = Object.values(this.#declared).some(isWide);
    const filters = (format.filter ?? []).flatMap((filter) => this.#testOf(filter, this.#indexOf(filter.column, true)));
    const filled = (format.fill ?? []).flatMap((column) => this.#indexOf(column, true) ?? []);
    const sensor = this.#sensorField(isWideTable);
    const measures = isWideTable || format.long ? [] : dataset.measureNames.flatMap((name) => this.#measureField(name));
    const texts = dataset.attributeNames.flatMap((name) => this.#field(name, 'text', !dataset.attributes[name]?.optional));
    const own = [...this.#field('revision', 'number', false), ...this.#field('withdrawn', 'flag', false)];
    const shape = format.long ? this.#long(format.long) : isWideTable ? this.#wide() : ({ kind: 'reading-a-row' } as const);
    this.#refuseTwice();
    const found = new Set(measuresOf(shape) ?? measures.map(({ name }) => name));
    if (found.size === 0 && dataset.kind !== 'events')
      this.#refuse('missing-column', `the header is ${this.#shown}, without a column of any measure; accepted: at least one of ${dataset.measureNames.join(', ')}`);
    const unmapped = columns.filter((column, index) => column !== '' && !this.#taken.has(index) && !this.#ignored.has(index));
    const header: Header = {
      columns,
      timeIndexes: times.length === timeColumns.length ? times : [],
      fields: [...sensor, ...measures, ...texts, ...own],
      ...{ shape, filters, filled },
      unread: { unmapped, absent: dataset.measureNames.filter((measure) => !found.has(measure)) },
    };
    return this.#fault ?? header;
  } // biome-ignore format: a step a line

  #refuse(reason: RefusalReason, detail: string): void {
    this.#fault ??= unsound(reason, detail);
  }

  /** The one column that a name takes. */
  #indexOf(name: string, isRequired: boolean): number | undefined {
    const found = columnsNamed(name, this.#columns);
    const [first, second] = found;
    if (first === undefined) {
      if (isRequired) this.#refuse('missing-column', `the header is ${this.#shown}; accepted: one with the column ${show(name)}`);
      return undefined;
    }
    if (second !== undefined) {
      const names = found.map(({ index }) => show(this.#columns[index])).join(', ');
      this.#refuse('wrong-columns', `${show(name)} takes the columns ${names}; accepted: one column`);
    }
    this.#taken.add(first.index);
    return first.index;
  } // biome-ignore format: a step a line

  /** The field that stands in one column: the declared one, or one of its own name. */
  #field(name: string, kind: Field['kind'], isRequired: boolean): Field[] {
    const declared = Object.hasOwn(this.#declared, name) ? this.#declared[name] : undefined;
    const column = typeof declared === 'string' ? declared : name;
    const index = this.#indexOf(column, isRequired || declared !== undefined);
    return index === undefined ? [] : [{ name, indexes: [index], kind }];
  }

  #sensorField(isWideTable: boolean): Field[] {
    const { dataset, isSensorKnown } = this.#subject;
    const declared = Object.hasOwn(this.#declared, 'sensorId') ? this.#declared.sensorId : undefined;
    // Where the columns say the sensor, a column of the rows is a part of it only as the format says.
    if (declared === undefined && isWideTable) return [];
    const ownName = this.#columns.includes('sensorId') ? 'sensorId' : (dataset.sensorIdField ?? 'sensorId');
    const columns = declared === undefined ? [ownName] : ([declared].flat() as string[]); // checked
    const indexes = columns.flatMap((column) => this.#indexOf(column, declared !== undefined && !isSensorKnown) ?? []);
    return indexes.length === columns.length ? [{ name: 'sensorId', indexes, kind: 'text' }] : [];
  } // biome-ignore format: a step a line

  #measureField(name: string): Field[] {
    const { dataset } = this.#subject;
    const declared = Object.hasOwn(this.#declared, name) ? this.#declared[name] : undefined;
    const { column } = columnDeclaration(declared ?? name);
    const isRequired = !dataset.measures[name]?.optional || declared !== undefined;
    const index = this.#indexOf(column as string, isRequired); // of a table that is not wide
    if (index === undefined) return [];
    const { flag } = columnDeclaration(declared ?? name);
    const [test] = flag === undefined ? [] : this.#testOf(flag, this.#indexOf(flag.column, true));
    const measured = this.#measured(name, declared);
    return [{ name, indexes: [index], kind: 'number', measured, ...(test && { flag: test }) }];
  }

  #testOf(filter: CellFilter, index: number | undefined): CellTest[] {
    if (index === undefined) return [];
    const texts = new Set((filter.in ?? filter.notIn ?? []).map(String));
    return [{ index, texts, isAmong: filter.in !== undefined }];
  }

  /** The cell that says whether a value of a sensor is good. */
  #flagOf(flag: CellFilter, sensorId: string): CellTest[] {
    if (!isOfSensors(flag.column)) return this.#testOf(flag, this.#indexOf(flag.column, true));
    const isSensors = (named: string | undefined) => named !== undefined && canonicalSensorId(named) === sensorId;
    const found = columnsNamed(flag.column, this.#columns).find((column) => isSensors(column.sensorId));
    if (found === undefined) this.#refuse('missing-column', `the header is ${this.#shown}; accepted: one with the column ${show(flag.column.replace('{sensorId}', sensorId))}`);
    else this.#taken.add(found.index);
    return this.#testOf(flag, found?.index);
  } // biome-ignore format: short

  /** Of each sensor the columns of its measures. */
  #wide(): Wide {
    const { dataset } = this.#subject;
    const sensors = new Map<string, Field[]>();
    const takers = new Map<number, string>();
    const declarations = Object.entries(this.#declared).filter(([name]) => dataset.measures[name] !== undefined);
    const flagColumns = declarations.flatMap(([, declared]) => columnDeclaration(declared).flag?.column ?? []);
    const flags = new Set(flagColumns.flatMap((column) => columnsNamed(column, this.#columns).map(({ index }) => index)));
    const free = new Set(this.#columns.keys()).difference(this.#taken).difference(this.#ignored).difference(flags);
    for (const [name, declared] of declarations) {
      const { flag } = columnDeclaration(declared);
      const measured = this.#measured(name, declared);
      for (const { index, sensorId } of this.#sensorColumns(declared, free)) {
        const column = show(this.#columns[index]);
        const read = readSensorId(sensorId);
        if ('fault' in read) {
          this.#refuse('wrong-columns', `column ${column} is of the sensor ${show(sensorId)}: ${read.fault}; accepted: ${acceptedSensorId}`);
          continue;
        }
        const other = takers.get(index) ?? name;
        if (other !== name) this.#refuse('wrong-columns', `column ${column} is taken for ${other} and for ${name}; accepted: columns of one measure. Have \`columns\` name each, or \`ignore\` what is none`);
        takers.set(index, name);
        this.#taken.add(index);
        const fields = sensors.get(read.id) ?? [];
        const twice = fields.find((field) => field.name === name);
        if (twice) this.#refuse('wrong-columns', `${show(this.#columns[twice.indexes[0] ?? 0])} and ${column} are both ${name} of ${show(read.id)}; accepted: one column`);
        const [test] = flag === undefined ? [] : this.#flagOf(flag, read.id);
        sensors.set(read.id, [...fields, { name, indexes: [index], kind: 'number', measured, ...(test && { flag: test }) }]);
      }
    }
    return { kind: 'wide', sensors: [...sensors].map(([sensorId, fields]) => ({ sensorId, fields })) };
  } // biome-ignore format: a step a line

  /** The columns that a declaration takes for sensors: those that it names, or those of the free ones that its pattern fits. */
  #sensorColumns(declared: Declared, free: ReadonlySet<number>): { index: number; sensorId: string }[] {
    const { column } = columnDeclaration(declared);
    if (typeof column === 'string')
      return columnsNamed(column, this.#columns).flatMap(({ index, sensorId }) =>
        sensorId !== undefined && free.has(index) ? [{ index, sensorId }] : [],
      );
    return Object.entries(column).flatMap(([name, sensorId]) => {
      const index = this.#indexOf(name, true);
      return index === undefined ? [] : [{ index, sensorId }];
    });
  }

  #long({ parameter, value, unit, parameters }: LongDeclaration): Long {
    const { dataset } = this.#subject;
    const known = new Map<string, Parameter>();
    for (const [text, declared] of Object.entries(parameters)) {
      const { measure, ...reading } = typeof declared === 'string' ? { measure: declared } : declared;
      const measured = this.#measured(measure, reading);
      known.set(text, { measure, unit: reading.unit ?? dataset.measures[measure]?.unit ?? '', measured });
    }
    return {
      kind: 'long',
      parameter: this.#indexOf(parameter, true) ?? 0,
      value: this.#indexOf(value, true) ?? 0,
      unit: unit === undefined ? undefined : this.#indexOf(unit, true),
      parameters: known,
    };
  }

  /** What the cells of a measure's column stand for, beyond themselves. */
  #measured(measure: string, declared: unknown): Measured {
    const { nothing = [], ...conversion } = (
      typeof declared === 'object' ? declared : {}
    ) as Partial<ColumnDeclaration>;
    const { dataset, format } = this.#subject;
    const unit = conversion.unit ?? dataset.measures[measure]?.unit ?? '';
    const convert = converter(conversion, dataset.measures[measure]?.unit ?? '');
    const written = behindNumbers(unit);
    return {
      nothing: [...(format.nothing ?? []), ...nothing],
      ...(convert && { convert }),
      ...(written === undefined ? {} : { unit: written }),
    };
  }

  #refuseTwice(): void {
    const columns = this.#columns;
    const twice = columns.find((column, at) => this.#taken.has(columns.indexOf(column)) && columns.indexOf(column) !== at);
    if (twice !== undefined) this.#refuse('wrong-columns', `column ${show(twice)} is there twice; accepted: once`);
  } // biome-ignore format: a step a line
}

type Declared = NonNullable<TextFormat['columns']>[string];

/** @param declared of a measure: it has no list of columns */
const columnDeclaration = (declared: Declared): ColumnDeclaration =>
  typeof declared === 'string' ? { column: declared } : (declared as ColumnDeclaration);

/** The measures that a shape has columns of; `undefined` where the row's own fields tell. */
function measuresOf(shape: Shape): readonly string[] | undefined {
  if (shape.kind === 'reading-a-row') return undefined;
  if (shape.kind === 'long') return [...shape.parameters.values()].map(({ measure }) => measure);
  return shape.sensors.flatMap(({ fields }) => fields.map(({ name }) => name));
}

/** The columns whose cells are never broken over several lines: times and numbers. */
export function unbrokenColumns({ timeIndexes, fields, shape }: Header): ReadonlySet<number> {
  const sensors = shape.kind === 'wide' ? shape.sensors.flatMap((sensor) => sensor.fields) : [];
  const numbers = [...fields, ...sensors].filter(({ kind }) => kind !== 'text');
  const values = shape.kind === 'long' ? [shape.parameter, shape.value] : [];
  return new Set([...timeIndexes, ...values, ...numbers.flatMap(({ indexes }) => indexes)]);
}
