import type { CellFilter, ColumnDeclaration, Encoding, LongDeclaration } from './text-format.ts';

/** When a record was measured. */
interface JsonTimeDeclaration {
  /** Where the time is, a text or a number, or the name of a member; of several the texts are put together with a space between them. */
  readonly path: string | KeySource | readonly (string | KeySource)[];
  /** As `core/time/time-format.ts` reads it: `iso`, `epoch-s`, `dd/MM/yyyy HH:mm`. */
  readonly format: string;
  /** The zone of times without an offset: an IANA name, or `+01:00` for a clock that is never changed. Default: the dataset's. */
  readonly zone?: string;
  /** What is added to each time, such as `-10 minutes` where a record has the end of its interval. */
  readonly shift?: string;
  /** Where a time is written as an interval, `2024-05-01T10:00:00Z/2024-05-01T10:10:00Z`: which end of it is the reading's. */
  readonly interval?: 'start' | 'end';
  /** Where the offset of the clock from UTC is, in seconds, of times that have none: a path. Instead of `zone`. */
  readonly offset?: string;
}

/** What the name of a member says: of those that the `*` of `records` stand for, counted from 1. */
export interface KeySource {
  readonly key: number;
}

/** A part of a text: `{ path: '$.topic', pattern: 'tele/{sensorId}/SENSOR' }`. */
export interface PatternSource {
  readonly path: string;
  /** `{sensorId}`, or in `long.parameter` `{parameter}`, stands for as many characters as there are, but no slash; `*` for any others. */
  readonly pattern: string;
}

/** Where something is: a path, a member's name, or a part of a text. A text that is no path is the name of a member below `values`. */
export type JsonSource = string | KeySource | PatternSource;

/** Where a measure is, if that takes more than its path. */
export interface PathDeclaration extends Omit<ColumnDeclaration, 'column' | 'flag'> {
  readonly path: string;
  /** What says of each value whether it is read: others are dropped as `flagged`. */
  readonly flag?: PathFilter;
}

/** What a value has to be for a line to be of a format: there (and not null), or one of these. */
export type JsonCondition = 'present' | readonly (string | number | boolean)[];

/** What a value has to be for its record to be read: one of these, or none of them. One of the two is given. */
export type PathFilter = Omit<CellFilter, 'column'> & { readonly path: string };

/** Records of one value each: those of one sensor and time make up a reading. */
export interface LongPaths extends Pick<LongDeclaration, 'parameters'> {
  /** What says what was measured. */
  readonly parameter: JsonSource;
  readonly value: string;
  /** Where the unit of each value is: it has to be the one that is expected, or one that is converted. */
  readonly unit?: string;
}

/** JSON of any shape: values by their paths. A path begins with `$`, the document, or `@`, the record; see `json-path.ts`. */
export interface JsonFormat {
  readonly kind: 'json';
  /** The files, by name: `*.json`, or with their folders; see `file-pattern.ts`. Without it the format reads lines alone. */
  readonly match?: string | readonly string[];
  /** Of files. Default UTF-8, or UTF-16 where they begin with a byte order mark. */
  readonly encoding?: Encoding;
  /**
   * The lines that it reads of those that name no dataset, in the stream and in files that no `match` takes: by paths from the
   * document, all of which have to hold. A line that formats of two datasets would take is rejected.
   */
  readonly when?: Readonly<Record<string, JsonCondition>>;
  /**
   * Where the records are, by a path with `[*]` or `.*`: `$.value[*]`, `$[*]`, `$.sensors.*`. Default: each document is one. In other paths
   * from `$` a `*` stands for what it stands for here, also in other lists: with `$.time[*]` the path `$.temp[*]` is the value at the same position.
   */
  readonly records?: string;
  /**
   * Where the names are of the elements of records that are lists, so that `@.temp` is the element that is called so: `$.columns`, or with `[*]`
   * `$.fields[*].id`. Each has to be another, and a record has to have as many elements. Default: an element is found by its position alone.
   */
  readonly names?: string;
  /** The object in which measures and attributes are members by their own names, where `fields` says nothing else. Default `@`. */
  readonly values?: string;
  /** The decimal mark of numbers that are texts. Default a point. */
  readonly decimal?: '.' | ',';
  /** What stands between thousands in texts. Default none. */
  readonly thousands?: '.' | ',' | ' ' | "'";
  /** What stands for no measurement in any measure. */
  readonly nothing?: readonly (number | string)[];
  /** Only a dataset of `time: 'arrival'` has none, or one of line protocol, whose points may lack theirs. */
  readonly time?: JsonTimeDeclaration;
  /** The series of all records, where neither `fields` nor the file's name has it, and no folder says another. */
  readonly sensorId?: string;
  /**
   * Measures, attributes, `sensorId`, `revision` and `withdrawn`: where each is. Of several sources the texts are joined with a hyphen: for a
   * sensor.
   */
  readonly fields?: Readonly<Record<string, JsonSource | PathDeclaration | readonly JsonSource[]>>;
  readonly long?: LongPaths;
  /** Which records are read; others are passed over. */
  readonly filter?: readonly PathFilter[];
  /**
   * Documents that are resolved before they are read: packs of SenML (RFC 8428); or files of InfluxDB's line protocol, each point a document of `measurement`, `tags`,
   * `fields` and `timestamp`, a text of digits; or messages of SQS, whose bodies are the records: paths from `@` are within a body.
   */
  readonly syntax?: 'senml' | 'line-protocol' | 'sqs';
  /** What becomes of a record with members that nothing reads. Default `ignore`. */
  readonly others?: 'ignore' | 'refuse';
}

/** A format of JSON, as a dataset's `formats` takes it. */
export const json = (format: Omit<JsonFormat, 'kind'>): JsonFormat => ({ kind: 'json', ...format });
