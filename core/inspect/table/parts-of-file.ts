import { unitOf } from '../unit-bounds.ts';
import { kindOf } from './cell-kinds.ts';

const label =
  /^[#\s"]*(?:station|site|sensor|logger|device|serial|s\/n|plot title|estaci[oó]n)[^:;,=\t]*[:;,=\t]+\s*"?([^",;\t]+)/i;

/** A sensor that a line, which is no row, names. */
export function sensorIn(line: string): string | undefined {
  const id = label.exec(line)?.[1]?.trim();
  // A name of another column: the line is a header of lines above the rows, as of a table of stations.
  const isName = id === undefined || id === '' || /^(?:station|site|sensor|logger|device|serial|param|lat|lon|date|time)/i.test(id);
  // One of several, as where each column is of one.
  const isOfMany = line.split(/[,;\t]/).filter((cell) => cell.trim() === id).length > 1;
  return isName || isOfMany ? undefined : id;
} // biome-ignore format: short

/** A file has a part each of several sensors, under a line that names it. */
export interface SensorParts {
  readonly sensors: readonly string[];
  /** The pattern of such lines, as a format has it. */
  readonly pattern: string;
  /** Whether they are remarks, which are no rows. */
  readonly areRemarks: boolean;
}

/** @param comment what remarks begin with */
export function sensorPartsOf(lines: readonly string[], comment: string | undefined): SensorParts | undefined {
  const found = lines.flatMap((line) => {
    const id = sensorIn(line);
    // With a comma alone behind the word it may be a row.
    const isRow = !/^[^:;,=\t]*[:=]/.test(line);
    return id === undefined || isRow || line.includes('*') ? [] : [{ line: line.trim(), id }];
  });
  const patterns = found.map(({ line, id }) => {
    const at = line.lastIndexOf(id);
    return `${line.slice(0, at)}{sensorId}${at + id.length === line.length ? '' : `${line[at + id.length]}*`}`;
  });
  const [pattern] = patterns;
  const sensors = [...new Set(found.map(({ id }) => id))];
  if (pattern === undefined || sensors.length < 2 || patterns.some((each) => each !== pattern)) return undefined;
  const areRemarks = comment !== undefined && found.every(({ line }) => line.startsWith(comment));
  return { sensors, pattern, areRemarks };
} // biome-ignore format: short

/** What tells that columns are hours of a day: names of them that are times of day. */
export function hoursAcross(header: readonly string[]): string | undefined {
  const clocks = header.filter((name) => /^\d{1,2}[:h.]\d{2}$/.test(name) && kindOf(name) === 'time');
  if (clocks.length < 3 || clocks.length < header.length * 0.6) return undefined;
  return `its columns are hours of a day, ${clocks.slice(0, 3).join(', ')}: write a row for each hour, as melt of pandas or pivot_longer of R does`;
} // biome-ignore format: short

/** Units that rows have in a column of their own, where they have several and no column says of what. */
export function unitsAcross(names: readonly string[], rows: readonly (readonly string[])[]): string | undefined {
  const units = unitsInRows(names, rows);
  if (units.length < 2) return undefined;
  return `its rows are in several units by column ${names[unitColumn(names)]}, ${units.join(' and ')}, and no column called parameter says of what: write them in one unit, or each in a file of its own`;
} // biome-ignore format: short

const unitColumn = (names: readonly string[]): number =>
  names.findIndex((name) => /^(?:units?|uom|einheit|unidad|unité)$/i.test(name));

/** The units that a column of that name has in the rows. */
export function unitsInRows(names: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const at = unitColumn(names);
  return at === -1 ? [] : [...new Set(rows.flatMap((row) => unitOf(row[at] ?? '') ?? []))];
} // biome-ignore format: short
