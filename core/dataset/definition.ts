import type { Format } from '../formats/format.ts';

/** One measured quantity. `min` and `max` are inclusive, finite and within ±1e15. */
export interface Measure {
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  /**
   * A reading may leave an optional measure out, or give `null`; and a value that is none (a sentinel, a word for nothing, out of
   * bounds, a number with marks such as `82*`) costs this measure and not the reading: it is dropped, and counted. Of a measure that is
   * not optional it costs the reading, and so does any other word under either: it may be the cell of another column. For a station of
   * several sensors of which one may fail.
   */
  readonly optional?: boolean;
}

/** A text that travels with a reading, at most `maxLength` UTF-16 code units (1 to 4,096). */
interface TextAttribute {
  readonly maxLength: number;
  readonly optional?: boolean;
}

/** One of some texts: 1 to 100, each of 1 to 64 printable characters. Only of events, which are counted by it. */
interface ListAttribute {
  readonly values: readonly string[];
  readonly optional?: boolean;
}

/** Only of events. Bounds are inclusive and within ±1e15, as they are where none is given; a boolean and a time have none. */
interface NumberAttribute {
  /** A whole number, any number, true or false, or a time (ISO 8601 with Z or an offset). */
  readonly type: NumberType;
  readonly min?: number;
  readonly max?: number;
  readonly optional?: boolean;
}

/** What a column of numbers holds that are not measured: booleans are 0 and 1, times UTC ms. */
export type NumberType = 'integer' | 'number' | 'boolean' | 'time';

export type Attribute = TextAttribute | ListAttribute | NumberAttribute;

/**
 * Of one of three kinds. A value strictly above `above`, or strictly below `below`, is a breach: at least one of them is given, and with `lasting`
 * only those count that are of a run which lasted. Or `changesBy` and `within` are: then a reading is a breach whose value differs by more than
 * `changesBy` from that of an earlier one of the same local day, at most `within` before it. Or `noDataFor` is: then a series has none.
 */
export interface AlertRule {
  readonly measure: string;
  readonly above?: number;
  readonly below?: number;
  /**
   * At most a day: `2 hours`. A run is of values of a local day that are one after the other past the same limit, each at most {@link maxGap} after
   * the one before; it counts when its last is at least so long after its first.
   */
  readonly lasting?: string;
  /** At most a day; without it, as long as `lasting`. */
  readonly maxGap?: string;
  /** In the measure's unit, above 0; up or down. */
  readonly changesBy?: number;
  /** At most a day: `10 minutes`. */
  readonly within?: string;
  /**
   * At most a week. A series that had values of the measure has had none for longer than this, by the clock: it is looked every few
   * minutes, and so no breach is in the statistics.
   */
  readonly noDataFor?: string;
  /** The sensors that the rule is for, as ids and patterns with commas between them: `pier-1,station-*`. Without it all. */
  readonly sensors?: string;
  /** Tags of stations with commas between them: the rule is for the sensors whose station has all of them. */
  readonly tag?: string;
  /**
   * The first local day (`YYYY-MM-DD`) of which anybody is told: of an earlier one no alert is raised, so that a backfill of years pages nobody. Its breaches are
   * counted in the statistics all the same.
   */
  readonly since?: string;
}

/**
 * Column names of a CSV file. `timestamp` is the column and its format: `iso`, a count (`epoch-s`, `epoch-ms`, `epoch-us`, `epoch-ns`,
 * `excel`), or a pattern such as `d.M.yyyy H:mm` or `MM/dd/yy hh:mm a` in the dataset's time zone, as `core/time/time-format.ts` reads
 * them; only a dataset of `time: 'arrival'` has none. A measure or attribute that is not mapped is read from the column of its own name.
 */
interface CsvMapping {
  readonly timestamp?: readonly [column: string, format: string];
  readonly sensorId?: string;
  readonly revision?: string;
  readonly withdrawn?: string;
  readonly [measureOrAttribute: string]: string | readonly [column: string, format: string] | undefined;
}

/** How made-up readings of a measure vary: sines over the year and the day, normal noise, drift per year; in its unit. */
export interface Synthetic {
  readonly mean: number;
  readonly seasonal?: number;
  readonly daily?: number;
  readonly noise?: number;
  readonly drift?: number;
}

/** What a file under `datasets/` says; `defineDataset` checks it. */
export interface DatasetDefinition {
  /**
   * Default `readings`: what was measured, one reading a sensor and time. `events`: what happened, where several events of one entity may be
   * of one time, told apart by `identity`. Events need no measures.
   */
  readonly kind?: 'readings' | 'events';
  /** Of events: the field of whom an event is about, such as `salon_id`. Events are kept, counted and folded by it as readings are by their sensor. */
  readonly entity?: string;
  /** Of events: the field of when it happened, beside `timestamp`, which is accepted as well. */
  readonly at?: string;
  /**
   * Of events: 1 to 4 attributes, texts, lists or integers that no event lacks. Two lines with one entity, time and these are one event. In
   * their order events of one time are sorted.
   */
  readonly identity?: readonly string[];
  /**
   * Of events: an attribute that no event lacks. Of events of one time the one with the lower integer is folded first, or with the text that is
   * earlier in the attribute's list, whatever their identities are. A change of it, or of the order of the list, changes what projections come to.
   */
  readonly sequence?: string;
  /**
   * Of events: `streams` where they are decided, and only the relay of the streams sends them. Then the API, uploads and the producer take no lines
   * of the dataset: who may write readings must not write decisions.
   */
  readonly filledBy?: 'streams';
  /** Lower case letters, digits and hyphens, at most 63, starting with a letter. */
  readonly name: string;
  /** IANA name. Days and months are local to it. Part of the layout: a change needs a new `generation`. */
  readonly timeZone: string;
  /** 1 to 1,000 files a day. Part of the layout: a change needs a new `generation`. */
  readonly shards: number;
  /** Default 1. From 2 on the data is stored apart, as `name@generation`. */
  readonly generation?: number;
  /** Another name of `sensorId` on the wire. */
  readonly sensorIdField?: string;
  /**
   * Lines of the stream that name no dataset are of this one when they have its `sensorIdField`: for senders that can't be told
   * to add a field. No two datasets take the lines of one field.
   */
  readonly unnamed?: boolean;
  /**
   * Which sensors a device that publishes through IoT Core may send readings of: ids with `{thing}` once for its name in the registry, and perhaps an
   * asterisk at the end for any characters, as `{thing}` or `{thing}-*`; a reading of any other sensor is rejected (`wrong-thing`). Without it a device
   * may speak for every sensor of the dataset. What comes any other way is not asked: who may send there is a matter of IAM and tokens.
   */
  readonly sensorsOfThing?: readonly string[];
  /**
   * `arrival`: a line may leave out its timestamp, and then has the time at which the object that it is in arrived, which is as
   * coarse as the stream's buffer. Only in an object of the raw bucket: not over HTTP, and not by the producer.
   */
  readonly time?: 'arrival';
  /**
   * How far ahead of the arrival of what it came in a reading's time may be, as `1 hour` or `10 days`: more is a wrong clock or a
   * misread date. Default 1 day: a logger may be set to any zone.
   */
  readonly maxAhead?: string;
  /**
   * The first local date, `YYYY-MM-DD`, of which there can be readings: that of the first station, or of the year in which the loggers
   * were made. What is earlier is of a clock that was never set. Default 1970-01-01: how such a clock begins depends on its
   * make (1970, 1980, 2000), and a later date would refuse somebody's history.
   */
  readonly earliest?: string;
  /** The series of an uploaded file that has neither a sensor column nor a sensor folder. */
  readonly defaultSensorId?: string;
  /** At least one, but of events. */
  readonly measures?: Readonly<Record<string, Measure>>;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /**
   * Values that stand for "no measurement", never averaged: numbers such as -999, and words such as `ERR` (in any case) beside
   * those that always do: NA, N/A, NaN, null, nil, none, hyphens and dashes, a spreadsheet's errors such as #N/A, `\\N`. A word that is not one of them rejects its line.
   */
  readonly missing?: readonly (number | string)[];
  readonly alerts?: Readonly<Record<string, AlertRule>>;
  /**
   * The share of an uploaded file's lines, 0 to 1, up to which the file is taken where they can't be read (times, numbers, columns,
   * encoding; not sentinels and bounds). Of a file with more, and at least two such lines, nothing is taken. Default 0.2; with 1 only a file
   * of which nothing can be read is refused.
   */
  readonly maxUnreadable?: number;
  /** For files named `.csv`: what `formats` says in full. */
  readonly csv?: CsvMapping;
  /** How files are written, the first whose `match` takes a file's name reads it, and JSON of lines that name no dataset. */
  readonly formats?: readonly Format[];
  /** How often a series is expected to report: `15 minutes`, `7 days`. Completeness is measured against it. */
  readonly expectedEvery?: string;
  readonly synthetic?: Readonly<Record<string, Synthetic>>;
}
