import type { Delimiter } from './cells.ts';
import { isOfSensors } from './column-name.ts';

/** The encodings that a format may name; without one a file is UTF-8, or UTF-16 where it begins with a byte order mark. */
export const encodings = [
  'utf-8',
  'windows-1252',
  'iso-8859-1',
  'iso-8859-15',
  'windows-1250',
  'windows-1251',
  'utf-16le',
  'utf-16be',
] as const;

export type Encoding = (typeof encodings)[number];

/** When a row was measured. */
interface TimeDeclaration {
  /** The column, or several that make up the time, put together with a space between them. */
  readonly column: string | readonly string[];
  /** As `core/time/time-format.ts` reads it: `iso`, `epoch-s`, `dd/MM/yyyy HH:mm`. */
  readonly format: string;
  /** The zone of times without an offset: an IANA name, or `+01:00` for a clock that is never changed. Default: the dataset's. */
  readonly zone?: string;
  /** What is added to each time, such as `-10 minutes` where a row has the end of its interval. */
  readonly shift?: string;
}

/** Where a measure is, if that takes more than the name of its column. */
export interface ColumnDeclaration extends ValueDeclaration {
  /** As a column's name alone, or columns by name and the sensor that each is of. */
  readonly column: string | Readonly<Record<string, string>>;
  /** The column that says of each value whether it is good; of a column a sensor with `{sensorId}` in its name, too. */
  readonly flag?: CellFilter;
}

/** What a column has to have: one of these texts, or none of them. An empty text is for an empty cell. One of the two is given. */
export interface CellFilter {
  readonly column: string;
  readonly in?: readonly (string | number)[];
  readonly notIn?: readonly (string | number)[];
}

/** What numbers of a file stand for. */
interface ValueDeclaration {
  /** What in this column stands for no measurement, beside the dataset's `missing`: numbers and words as the file has them. */
  readonly nothing?: readonly (number | string)[];
  /** The unit in the file, where it is not the measure's: `°F`, `ft`, `mph`, `inHg`. */
  readonly unit?: string;
  /** `value * scale + offset` is in the measure's unit. Default 1 and 0. */
  readonly scale?: number;
  readonly offset?: number;
}

/** A table whose rows have one value each: those of one sensor and time make up a reading. */
export interface LongDeclaration {
  /** The column that says what was measured. */
  readonly parameter: string;
  readonly value: string;
  /** The column that has the unit of each value: it has to be the one that is expected, or one that is converted. */
  readonly unit?: string;
  /** The texts of the parameter's column, and the measures that they stand for. Rows of others are passed over. */
  readonly parameters: Readonly<Record<string, string | ParameterDeclaration>>;
}

interface ParameterDeclaration extends ValueDeclaration {
  readonly measure: string;
}

/** A table in a text file. */
export interface TextFormat {
  readonly kind: 'text';
  /** The files, by name: `*.dat`, or with their folders `masts/{sensorId}/*.txt`; see `file-pattern.ts`. */
  readonly match: string | readonly string[];
  readonly encoding?: Encoding;
  /** Default: what the header shows, of comma, semicolon, tab and `|`. */
  readonly delimiter?: Delimiter;
  /** Characters of each column, in a file of fixed columns, instead of a delimiter. */
  readonly widths?: readonly number[];
  /** Default `"`. */
  readonly quote?: '"' | "'" | 'none';
  /** Lines that begin with it say nothing. */
  readonly comment?: string;
  /** Lines in front of the header, blank ones counted. Default 0. */
  readonly skipLines?: number;
  /** A quoted cell may go on over several lines. */
  readonly multiline?: boolean;
  /** The names of the columns, of files that have no header; an empty name is a column that is not read. */
  readonly header?: readonly string[];
  /** Lines of which the names of the columns are made, with a space between what each has. 1 to 5, default 1. */
  readonly headerLines?: number;
  /** Rows behind the header that are none, such as units; blank lines not counted. Default 0. */
  readonly skipRows?: number;
  /** Default a point. */
  readonly decimal?: '.' | ',';
  /** Default none: a number with separators can't be read. */
  readonly thousands?: '.' | ',' | ' ' | "'";
  /** What stands for no measurement in any column of a measure. */
  readonly nothing?: readonly (number | string)[];
  /** Only a dataset of `time: 'arrival'` has none. */
  readonly time?: TimeDeclaration;
  /** The series of all rows, where neither a column nor the file's name has it, and no folder says another. */
  readonly sensorId?: string;
  /**
   * Where the sensor is on lines that are no rows, above the header or remarks, for the rows below up to the next such line: `# Station: {sensorId}`. Of several patterns the texts
   * are joined with a hyphen. `*` stands for any characters, up to 4 times. Neither a folder nor a default says another.
   */
  readonly sensorLine?: string | readonly string[];
  /**
   * Measures, attributes, `sensorId`, `revision` and `withdrawn` by their columns. One that is not here is read from the column of its own
   * name, if there is one. Of several columns the texts are joined with a hyphen: for a sensor. In a name `*` stands for any characters,
   * where one column alone is called so. In that of a measure `{sensorId}` stands for the sensor: a row has a reading of each. See
   * `column-name.ts`.
   */
  readonly columns?: Readonly<Record<string, string | ColumnDeclaration | readonly string[]>>;
  /** Columns that are none of a sensor, although their names are like that, and need not be told of. */
  readonly ignore?: readonly string[];
  readonly long?: LongDeclaration;
  /** Which rows are read; others are passed over. */
  readonly filter?: readonly CellFilter[];
  /** Columns of which an empty cell has what the row above has. */
  readonly fill?: readonly string[];
}

/** Whether a measure has a column a sensor. */
export function isWide(declared: string | ColumnDeclaration | readonly string[]): boolean {
  if (typeof declared === 'string') return isOfSensors(declared);
  if (!('column' in declared)) return false;
  return typeof declared.column === 'object' || isOfSensors(declared.column);
}

/** A format of text files, as a dataset's `formats` takes it. */
export const text = (format: Omit<TextFormat, 'kind'>): TextFormat => ({ kind: 'text', ...format });
