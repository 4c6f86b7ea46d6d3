import { checkColumnName, columnsNamed, isOfSensors } from '../../formats/column-name.ts';
import { labelOf } from '../column-label.ts';
import type { ColumnCells } from '../measures.ts';
import { kindOf } from './cell-kinds.ts';

/** Columns that are each a sensor's, as the owner says it by their names. */
export interface WideShape {
  /** One for each name with `{sensorId}` in it: the cells of all of its columns, and its name without the sensor. */
  readonly columns: readonly (ColumnCells & { readonly pattern: string })[];
  readonly sensors: readonly string[];
  /** Indexes of the columns. */
  readonly taken: readonly number[];
}

/** @returns why the names are no columns of this file */
export function wideShapeOf(
  patterns: readonly string[],
  names: readonly string[],
  cellsOf: (column: number) => Pick<ColumnCells, 'cells' | 'below'>,
): WideShape | { readonly fault: string } {
  const odd = patterns.find((pattern) => !isOfSensors(pattern) || checkColumnName(pattern, { ofSensors: true }));
  if (odd !== undefined) return { fault: `${JSON.stringify(odd)} is no name of sensors' columns: {sensorId} stands in it once, for the sensor` };
  const found = patterns.map((pattern) => ({ pattern, columns: columnsNamed(pattern, names) }));
  const none = found.find(({ columns }) => columns.length === 0);
  if (none) return { fault: `no column is called like ${JSON.stringify(none.pattern)}; there are ${names.join(', ')}` };
  return {
    columns: found.map(({ pattern, columns }) => {
      const each = columns.map(({ index }) => cellsOf(index));
      const name = pattern.replace('{sensorId}', '').replace(/^[\s_.-]+|[\s_.-]+$/g, '');
      return {
        ...{ pattern, name: name === '' ? 'value' : name },
        ...{ cells: each.flatMap(({ cells }) => cells), below: each.flatMap(({ below }) => below) },
      };
    }),
    sensors: [...new Set(found.flatMap(({ columns }) => columns.flatMap(({ sensorId }) => sensorId ?? [])))],
    taken: found.flatMap(({ columns }) => columns.map(({ index }) => index)),
  };
} // biome-ignore format: short

const separators = /([\s_./:,;()[\]-]+)/;

/**
 * Names with `{sensorId}` in them that take columns which differ in one part alone, such as `P1 T (°C)` and `P2 T (°C)`: they may each be a sensor's. Nothing but a
 * number is taken for such a part where no unit says that the columns are of one kind.
 * @param columns of numbers
 */
export function familiesOf(columns: readonly Pick<ColumnCells, 'name' | 'cells'>[]): readonly string[] {
  const names = columns
    .filter(({ cells }) => cells.some((cell) => kindOf(cell) === 'number'))
    .map(({ name }) => name)
    .filter((name) => checkColumnName(name) === undefined);
  const families = new Map<string, Set<string>>();
  for (const name of names)
    for (const [pattern, part] of blanked(name)) {
      const known = families.get(pattern);
      if (known) known.add(part);
      else families.set(pattern, new Set([part]));
    }
  const several = [...families]
    .filter(([pattern, parts]) => parts.size > 1 && isOneKind(pattern, [...parts]))
    .map(([pattern]) => ({
      pattern,
      names: names.filter((name) => columnsNamed(pattern, [name]).length > 0),
    }))
    .toSorted((a, b) => b.names.length - a.names.length);
  const taken = new Set<string>();
  return several.flatMap(({ pattern, names: own }) => {
    if (own.some((name) => taken.has(name))) return [];
    for (const name of own) taken.add(name);
    return [pattern];
  });
}

/** A name with each of its parts left out, and the part: a word, or the number behind three letters or more. */
function* blanked(name: string): Generator<readonly [pattern: string, part: string]> {
  const pieces = name.split(separators);
  for (let at = 0; at < pieces.length; at += 2) {
    const part = pieces[at] as string; // within
    const numbered = /^(\p{L}+)(\d+)$/u.exec(part);
    if (numbered && ((numbered[1] as string).length > 2 || pieces.length === 1))
      yield [pieces.with(at, `${numbered[1]}{sensorId}`).join(''), numbered[2] as string];
    else if (part !== '' && pieces.length > 1) yield [pieces.with(at, '{sensorId}').join(''), part];
  }
}

function isOneKind(pattern: string, parts: readonly string[]): boolean {
  if (parts.every((part) => /\d$/.test(part))) return true;
  return labelOf(pattern.replace('{sensorId}', ''), new Set()).unit !== undefined;
}
