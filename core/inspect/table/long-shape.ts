import type { LongDeclaration } from '../../formats/text-format.ts';
import { conversionOf } from '../../formats/units.ts';
import { certain, type Finding, guessed } from '../finding.ts';
import type { ColumnCells, MeasureFound, UnreadColumn } from '../measures.ts';
import { mostlyOf } from './cell-kinds.ts';

/** A table whose rows have one value each, and say of what. */
export interface LongShape {
  /** Indexes of columns. */
  readonly parameter: number;
  readonly value: number;
  readonly unit: number | undefined;
  /** The values of each parameter, as if each had a column. */
  readonly parameters: readonly ColumnCells[];
  readonly findings: readonly Finding[];
}

/** Of a column that says what the value of a row is of. */
export const parameterName =
  /^_?(?:parameter|param|variable|measure|measurement|quantity|element|pollutant|analyte|sensor_?type|magnitud|observed_?property|phenomenon|field|metric|component|componente|kenngr(?:ö|oe)sse)(?:[_ ]?(?:name|code|id))?$/i;
const valueName =
  /^_?(?:value|valor|wert|messwert|valeur|result|reading|concentration|data_?value|measurement|sample[_ ]?measurement|arithmetic[_ ]?mean)$/i;
/** Of a column that says the unit of each row's value. */
export const unitName =
  /^(?:(?:units?|uom|units?[_ ]?of[_ ]?measure(?:ment)?)(?:[_ ]?(?:code|symbol|abbr(?:eviation)?))?|einheit|unidad|unidades|unité)$/i;
const maxParameters = 200;

/** @returns `undefined` where a row has a column a measure */
export function longShapeOf(
  names: readonly string[],
  rows: readonly (readonly string[])[],
): LongShape | undefined {
  const cellsOf = (column: number) => rows.map((row) => row[column] ?? '');
  const value = names.findIndex((name, at) => valueName.test(name) && mostlyOf(cellsOf(at)) === 'number');
  // Of a code and a name the name tells more.
  const called = names.flatMap((name, at) => (at !== value && parameterName.test(name) ? [at] : []));
  const texts = called.filter((at) => mostlyOf(cellsOf(at)) === 'text');
  // And of several that which tells more apart: a type of sensor may measure several things.
  const kinds = (at: number) => new Set(cellsOf(at)).size;
  const [parameter = -1] = (texts.length > 0 ? texts : called.slice(0, 1)).toSorted(
    (a, b) => kinds(b) - kinds(a),
  );
  if (value === -1 || parameter === -1) return undefined;
  const unit = names.findIndex((name) => unitName.test(name));
  const of = { parameter, value, unit: unit === -1 ? undefined : unit };
  const parameters = parametersOf(rows, of);
  if (parameters.length === 0 || parameters.length > maxParameters) return undefined;
  const shown = parameters.slice(0, 5).map(({ name }) => name);
  const reason = `each row has one value in ${names[value]}, and ${names[parameter]} says of what: ${shown.join(', ')}`;
  const ofUnits =
    unit === -1 ? [] : [certain('units', `column ${names[unit]}`, 'each row says that of its value')];
  return { ...of, parameters, findings: [certain('rows', 'a value each', reason), ...ofUnits] };
}

/** The values of each parameter, and the first unit that its rows say: values in another one are left out. */
export function parametersOf(
  rows: readonly (readonly string[])[],
  { parameter, value, unit }: Pick<LongShape, 'parameter' | 'value' | 'unit'>,
): ColumnCells[] {
  const unitOf = (row: readonly string[]) => (unit === undefined ? '' : (row[unit] ?? ''));
  const byName = new Map<string, (readonly string[])[]>();
  for (const row of rows) {
    const name = row[parameter] ?? '';
    if (name === '') continue;
    const known = byName.get(name);
    if (known) known.push(row);
    else byName.set(name, [row]);
  }
  return [...byName].map(([name, found]) => {
    const said = found.map(unitOf).find((each) => each !== '');
    const own = found.filter((row) => said === undefined || unitOf(row) === said);
    return {
      ...{ name, cells: own.map((row) => row[value] ?? ''), below: [] },
      ...(said === undefined ? {} : { unit: said }),
    };
  });
}

/**
 * Several values of one sensor, time and parameter contradict each other: what stands beside them may tell them apart.
 * @param of.identity columns of the time and the sensor
 */
export function contradictions(
  { parameter, value }: Pick<LongShape, 'parameter' | 'value'>,
  { names, rows, identity }: { names: readonly string[]; rows: readonly (readonly string[])[]; identity: readonly number[] },
): readonly Finding[] {
  const firsts = new Map<string, readonly string[]>();
  const telling = new Set<number>();
  let count = 0;
  for (const row of rows) {
    const key = [...identity, parameter].map((at) => row[at]).join('\n');
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, row);
    else if (first[value] !== row[value]) {
      count++;
      for (const at of names.keys()) if (at !== value && first[at] !== row[at]) telling.add(at);
    }
  }
  if (count === 0) return [];
  const others = [...telling].map((at) => names[at]);
  const reason =
    others.length === 0
      ? 'several differ that are of one sensor, time and parameter, and are rejected: is what tells them apart in the file?'
      : `several differ that are of one sensor, time and parameter, and are rejected: ${others.slice(0, 5).join(', ')} may tell them apart, and a filter of the format takes some of them`;
  return [guessed('values of one time', `${count} of ${rows.length}`, reason)];
} // biome-ignore format: short

/** @param columns what each column is called where the format says it: its name, or its path */
export function longDeclaration(
  { parameter, value, unit, parameters }: LongShape,
  columns: readonly string[],
  measures: readonly MeasureFound[],
): LongDeclaration {
  return {
    ...{ parameter: columns[parameter] ?? '', value: columns[value] ?? '' },
    ...(unit === undefined ? {} : { unit: columns[unit] ?? '' }),
    parameters: Object.fromEntries(
      measures.map(({ name, column, nothing, scale, unit: ofMeasure }) => {
        const { unit: said = '' } = parameters.find((each) => each.name === column) ?? {};
        const more = {
          ...(nothing.length === 0 ? {} : { nothing }),
          ...(scale === 1 ? {} : { scale }),
          ...(unit === undefined ? {} : spellingOf(said, ofMeasure)),
        };
        return [column, Object.keys(more).length === 0 ? name : { measure: name, ...more }];
      }),
    ),
  };
}

/** What a parameter has to say where its rows have another unit than its measure, or the same one by another name, or none. */
export function spellingOf(said: string, ofMeasure: string): { unit?: string; scale?: number } {
  if (said === ofMeasure) return {};
  return conversionOf(said, ofMeasure) === undefined ? { unit: said, scale: 1 } : { unit: said };
}

/** A column of a table whose rows have one value each. */
export const besideLong = ({ name }: { name: string }): UnreadColumn => ({
  column: name,
  reason: 'it stands beside the values; an attribute of the dataset would keep texts',
});
