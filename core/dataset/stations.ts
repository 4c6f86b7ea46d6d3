import { acceptedSensorId, canonicalSensorId } from './sensor-id.ts';

/** What its owner says of the station that a sensor stands for; nothing of it is measured. */
export interface Station {
  /** Canonical. */
  readonly sensorId: string;
  readonly name?: string;
  /** Degrees of WGS 84, north; there is a latitude where there is a longitude. */
  readonly latitude?: number;
  /** Degrees of WGS 84, east. */
  readonly longitude?: number;
  /** Metres above sea level. */
  readonly elevation?: number;
  /** In the order of the table, each once. */
  readonly tags: readonly string[];
}

/** The stations of datasets, by the datasets' names; a dataset without a table has none. */
export type Stations = Readonly<Record<string, readonly Station[]>>;

/** What the file of a dataset's stations is called, after the dataset's name. */
export const stationsSuffix = '.stations.csv';

const columns = ['sensorId', 'name', 'latitude', 'longitude', 'elevation', 'tags'] as const;
type ColumnName = (typeof columns)[number];

/** Each function of the API that shows stations has all of them in its code. */
const maxStations = 50_000;
const maxNameLength = 200;
const maxTags = 20;
/** Letters, digits and what joins them: a tag goes into a query as it is. */
export const tagPattern = /^[\p{L}\p{N}][\p{L}\p{N}._:=/-]{0,63}$/u;
/** Degrees, or metres: from below the deepest sea to above the highest mountain. */
const bounds = { latitude: [-90, 90], longitude: [-180, 180], elevation: [-12_000, 9_000] } as const;

/**
 * Reads a table of stations: CSV (RFC 4180), UTF-8, a header with `sensorId` and any of `name`, `latitude`, `longitude`, `elevation` and `tags`, in
 * which tags are separated by semicolons; decimals have a point.
 * @returns the stations in the order of the table, or what is wrong, by its line
 */
export function readStations(
  text: string,
): { readonly stations: readonly Station[] } | { readonly fault: string } {
  const rows = rowsOf(text.replace(/^\ufeff/, ''));
  if ('fault' in rows) return rows;
  const [header, ...lines] = rows.rows;
  const names = header?.cells.map((name) => name.trim()) ?? [];
  const wrong = headerFault(names);
  if (wrong !== undefined) return { fault: wrong };
  if (lines.length > maxStations)
    return { fault: `${lines.length} stations; accepted: at most ${maxStations}` };
  const stations: Station[] = [];
  const lineOf = new Map<string, number>();
  for (const { line, cells } of lines) {
    if (cells.length !== names.length)
      return { fault: `line ${line}: ${cells.length} cells under ${names.length} columns` };
    const cellOf = (name: ColumnName) => cells[names.indexOf(name)]?.trim() ?? '';
    const read = readStation(cellOf);
    if ('fault' in read) return { fault: `line ${line}: ${read.fault}` };
    const before = lineOf.get(read.sensorId);
    if (before !== undefined) return { fault: `line ${line}: sensorId is that of line ${before}` };
    lineOf.set(read.sensorId, line);
    stations.push(read);
  }
  return { stations };
}

function headerFault(names: readonly string[]): string | undefined {
  const accepted = `accepted: ${columns.join(', ')}, separated by commas`;
  const unknown = names.find((name) => !(columns as readonly string[]).includes(name));
  if (unknown !== undefined) return `line 1: unknown column ${JSON.stringify(unknown)}; ${accepted}`;
  if (!names.includes('sensorId')) return `line 1: no column sensorId; ${accepted}`;
  if (new Set(names).size < names.length) return `line 1: a column is there twice; ${accepted}`;
  return undefined;
}

function readStation(cellOf: (name: ColumnName) => string): Station | { readonly fault: string } {
  const found = (name: ColumnName, accepted: string) => ({
    fault: `${name} is ${JSON.stringify(cellOf(name).slice(0, 80))}; accepted: ${accepted}`,
  });
  const sensorId = canonicalSensorId(cellOf('sensorId'));
  if (sensorId === undefined) return found('sensorId', acceptedSensorId);
  const name = cellOf('name').normalize('NFC');
  if (name.length > maxNameLength || /\p{Cc}/u.test(name))
    return found('name', `at most ${maxNameLength} characters in one line`);
  const numbers: { latitude?: number; longitude?: number; elevation?: number } = {};
  for (const column of ['latitude', 'longitude', 'elevation'] as const) {
    const cell = cellOf(column);
    if (cell === '') continue;
    const [least, most] = bounds[column];
    const value = /^[+-]?\d{1,5}(\.\d{1,15})?$/.test(cell) ? Number(cell) + 0 : Number.NaN; // -0 + 0 is 0
    if (!(value >= least && value <= most))
      return found(column, `a number from ${least} to ${most}, with a decimal point`);
    numbers[column] = value;
  }
  if ((numbers.latitude === undefined) !== (numbers.longitude === undefined))
    return { fault: 'latitude and longitude; accepted: both or none' };
  const tags = [
    ...new Set(
      cellOf('tags')
        .normalize('NFC')
        .split(';')
        .map((tag) => tag.trim()),
    ),
  ].filter((tag) => tag !== '');
  if (tags.length > maxTags || !tags.every((tag) => tagPattern.test(tag)))
    return found(
      'tags',
      `at most ${maxTags}, separated by semicolons, each of letters, digits and . _ : = / -`,
    );
  return { sensorId, ...(name === '' ? {} : { name }), ...numbers, tags };
}

/** The sensors of each tag. */
export function sensorsByTagOf(stations: readonly Station[]): Readonly<Record<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  for (const { sensorId, tags } of stations)
    for (const tag of tags) {
      const ids = found.get(tag);
      if (ids === undefined) found.set(tag, [sensorId]);
      else ids.push(sensorId);
    }
  return Object.fromEntries(found);
}

interface Row {
  /** In which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A cell that is quoted, or not, and what ends it. */
const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|\r|$)/y;

/** Rows of CSV; empty lines are none. */
function rowsOf(text: string): { readonly rows: readonly Row[] } | { readonly fault: string } {
  const rows: Row[] = [];
  let line = 1;
  let begun = 1;
  let cells: string[] = [];
  for (let at = 0; at < text.length || cells.length > 0; ) {
    cell.lastIndex = at;
    const found = cell.exec(text);
    if (found === null) return { fault: `line ${line}: a quotation mark that opens or closes no cell` };
    const [all, quoted, plain = '', end = ''] = found;
    at += all.length;
    line += all.match(/\r\n|\r|\n/g)?.length ?? 0;
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',') continue;
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: begun, cells });
    begun = line;
    cells = [];
  }
  return { rows };
}
