import type { Dataset } from '../../../dataset/dataset.ts';
import type { NumberType } from '../../../dataset/definition.ts';
import type { Line, Reading, Rejected } from '../../../dataset/reading.ts';
import { acceptedSensorId, canonicalSensorId, readSensorId } from '../../../dataset/sensor-id.ts';
import { numberOfTyped } from '../../../dataset/typed-field.ts';
import { shiftMs } from '../../../formats/check-parts.ts';
import type { JsonFormat, JsonSource, PathDeclaration, PathFilter } from '../../../formats/json-format.ts';
import { type JsonPath, parsePath, type Segment } from '../../../formats/json-path.ts';
import { behindNumbers, type NumberNotation, numberIn, numberOf } from '../../../formats/number-text.ts';
import { converter } from '../../../formats/units.ts';
import { readTime } from '../../../time/time-format.ts';
import type { Part } from '../../assembly.ts';
import { standsForNothing } from '../../dropped-values.ts';
import { Notation } from '../../notation.ts';
import { readRecord } from '../../read-record.ts';
import { rejected, show } from '../../rejection.ts';
import { type CellRecord, isFlagged, isOfNothing } from '../../table/fields.ts';
import { timeFault } from '../../time-bounds.ts';
import type { RecordContext } from '../ndjson.ts';
import { joinedGetter, memberOf } from './getters.ts';
import { LongRecords, type PassedOverRecord } from './long-records.ts';
import { OtherMembers } from './other-members.ts';
import { pathsRead } from './paths-read.ts';
import { patternGetter, Unmatched } from './pattern-getter.ts';
import { type Getter, type Place, RecordPlaces } from './record-places.ts';
import {
  endOf,
  type Instants,
  parseExactly,
  shownSource,
  shownTime,
  type TimeField,
  zoneOf,
} from './record-time.ts';

/** A measure of the dataset, and where it is. */
interface MeasureField {
  readonly name: string;
  readonly get: Getter;
  readonly min: number;
  readonly max: number;
  readonly optional: boolean;
  /** What stands for none here, beside the dataset's own. */
  readonly nothing: readonly (number | string)[];
  readonly convert: ((value: number) => number) | undefined;
  /** Whether its value is read. */
  readonly isRead: ((place: Place) => boolean) | undefined;
  /** What may stand behind the number in a text. */
  readonly unit: string | undefined;
  /** Of an attribute that is a number. */
  readonly type: NumberType | undefined;
}

/** A local time that the clock showed twice: the reading is at its earlier instant, or at `laterMs`. */
export interface TwoInstants extends Omit<Extract<Line, { kind: 'reading' }>, 'kind'> {
  readonly kind: 'twice-shown';
  readonly laterMs: number;
  readonly shown: string;
  readonly zone: string;
}

/** What a record comes to: a line, a part of a reading, or nothing. */
export type RecordOutcome =
  | Line
  | TwoInstants
  | { readonly kind: 'part'; readonly part: Omit<Part, 'lineNumber' | 'text'> }
  | PassedOverRecord;

/** Reads records of JSON by the paths of a format. */
export class RecordReader {
  readonly places: RecordPlaces;
  readonly #dataset: Dataset;
  readonly #format: JsonFormat;
  readonly #context: RecordContext;
  readonly #numbers: NumberNotation;
  /** What the texts of a file show of how they are written. */
  readonly notation: Notation;
  readonly #measures: readonly MeasureField[];
  readonly #attributes: readonly {
    readonly name: string;
    readonly get: Getter;
    readonly maxLength: number;
    readonly values: readonly string[] | undefined;
  }[];
  readonly #sensor: Getter;
  readonly #revision: Getter | undefined;
  readonly #withdrawn: Getter | undefined;
  readonly #time: TimeField | undefined;
  readonly #others: OtherMembers | undefined;
  readonly #filters: readonly ((place: Place) => boolean)[];
  readonly #long: LongRecords | undefined;
  /** The start of the last time: its day, in most formats. */
  #lastDay = '';
  /** Canonical ids by the texts that they were written as. */
  readonly #sensors = new Map<string, string>();

  constructor(dataset: Dataset, format: JsonFormat, context: RecordContext) {
    this.#dataset = dataset;
    this.#format = format;
    this.#context = context;
    this.places = new RecordPlaces(parsePath(format.records ?? '$') as JsonPath, parsePath(format.names)); // checked
    this.#numbers = { decimal: format.decimal ?? '.', thousands: format.thousands };
    this.notation = new Notation(format.time?.format ?? 'iso', { numbers: this.#numbers });
    const { fields = {}, values = '@' } = format;
    const valuesOf = this.places.getter(values);
    const sourceOf = (name: string) => (Object.hasOwn(fields, name) ? fields[name] : undefined);
    const getterOf = (source: JsonSource, name = 'sensorId') => this.#getter(source, valuesOf, name);
    this.#measures = Object.entries(dataset.measures).map(
      ([name, { min, max, optional = false, unit, type }]) => {
        const source = sourceOf(name) ?? name;
        const declared = isDeclaration(source) ? source : undefined;
        return {
          ...{ name, min, max, optional, type },
          get: getterOf(declared?.path ?? (source as JsonSource)), // of several only a sensor is made: checked
          nothing: [...(format.nothing ?? []), ...(declared?.nothing ?? [])],
          convert: declared && converter(declared, unit),
          unit: behindNumbers(declared?.unit ?? unit),
          isRead: declared?.flag && this.#condition(declared.flag),
        };
      },
    );
    this.#attributes = Object.entries(dataset.attributes).map(([name, { maxLength, values }]) => ({
      ...{ name, maxLength, values },
      get: getterOf((sourceOf(name) ?? name) as JsonSource), // as above
    }));
    const own = dataset.sensorIdField ?? 'sensorId';
    this.#sensor = joinedGetter(
      [sourceOf('sensorId') ?? own].flat().map((source) => getterOf(source as JsonSource)),
    );
    const flag = (name: string) => {
      const source = sourceOf(name);
      return source === undefined ? undefined : getterOf(source as JsonSource);
    };
    this.#revision = flag('revision');
    this.#withdrawn = flag('withdrawn');
    this.#time = format.time && {
      gets: [format.time.path].flat().map((path) => getterOf(path)),
      paths: [format.time.path].flat().map(shownSource).join(' and '),
      offset: format.time.offset === undefined ? undefined : this.places.getter(format.time.offset),
      format: format.time.format,
      zone: format.time.zone ?? dataset.timeZone,
      shiftMs: shiftMs(format.time.shift) ?? 0, // checked
      interval: format.time.interval,
    };
    this.#filters = (format.filter ?? []).map((filter) => this.#condition(filter));
    this.#long =
      format.long &&
      new LongRecords(dataset, format.long, {
        ...{ numbers: this.#numbers, nothing: format.nothing ?? [], notation: this.notation },
        parameter: getterOf(format.long.parameter, 'parameter'),
        getter: (path) => this.places.getter(path),
      });
    this.#others = format.others === 'refuse' ? new OtherMembers(dataset, format) : undefined;
  }

  /** Reads a document. @throws SyntaxError for what is no JSON */
  get parse(): (text: string) => unknown {
    return this.#time?.format === 'epoch-ns' ? parseExactly : JSON.parse;
  }

  /** Which values are read of a document, where a part of it comes to the same: where it is one record, whose other members matter to nobody. */
  get paths(): readonly (readonly Segment[])[] | undefined {
    const { syntax, others, long, time } = this.#format;
    const isPart = syntax === undefined && others !== 'refuse' && long === undefined;
    // Of counts of nanoseconds the text is read: parseExactly.
    if (!isPart || !this.places.isWhole || time?.format === 'epoch-ns') return undefined;
    return pathsRead(this.#dataset, this.#format);
  }

  /** What a record comes to in which everything is as it should be; `undefined` for any other, of which nothing is noted. */
  readPlain(place: Place): Extract<RecordOutcome, { kind: 'reading' | 'passed-over' }> | undefined {
    if (!this.#filters.every((passes) => passes(place))) return { kind: 'passed-over', reason: 'filtered' };
    if (this.#time === undefined) return undefined;
    const shown = shownTime(this.#time, place);
    const time = typeof shown === 'string' ? this.#instantsOf(this.#time, shown, place) : undefined;
    return time && this.#plain(place, time);
  }

  /** What a record comes to. */
  read(place: Place): RecordOutcome {
    if (!this.#filters.every((passes) => passes(place))) return { kind: 'passed-over', reason: 'filtered' };
    const unknown = this.#others?.of(place.record) ?? [];
    if (unknown.length > 0) {
      const shown = unknown.map((name) => show(name)).join(', ');
      const detail = `${shown} is nothing that the format of ${this.#dataset.name} reads; accepted: no other members`;
      return { ...rejected('unknown-field', detail), unknownFields: unknown };
    }
    const time =
      this.#time && !this.#isTimeless(this.#time, place) ? this.#timeOf(this.#time, place) : undefined;
    if (time !== undefined && 'kind' in time) return time;
    if (this.#long !== undefined) return this.#partOf(this.#long, place, time);
    return this.#plain(place, time) ?? this.#checked(place, time);
  }

  /** A record in which everything is as it should be, which most are; `undefined` for any other. */
  #plain(place: Place, time: Instants | undefined): Extract<Line, { kind: 'reading' }> | undefined {
    if (time === undefined || time.laterMs !== undefined) return undefined;
    if (this.#revision !== undefined || this.#withdrawn !== undefined) return undefined;
    const { timestampMs, shown } = time;
    const dataset = this.#dataset;
    const sensorId = this.#plainSensor(place);
    if (sensorId === undefined) return undefined;
    const values: (number | null)[] = [];
    let hasValue = dataset.kind === 'events';
    for (const { get, min, max, optional, nothing, convert, isRead, type } of this.#measures) {
      const given = get(place);
      const found =
        type === undefined || given === undefined || given === null ? given : numberOfTyped(type, given);
      if (found === undefined && given !== undefined) return undefined;
      if (found === undefined || found === null) {
        if (!optional) return undefined;
        values.push(null);
        continue;
      }
      if (typeof found !== 'number' || nothing.includes(found) || dataset.missing.includes(found))
        return undefined;
      if (isRead !== undefined && !isRead(place)) return undefined;
      const value = convert === undefined ? found : convert(found);
      if (!(value >= min && value <= max) || (convert && dataset.missing.includes(value))) return undefined;
      values.push(value + 0); // -0 + 0 is 0
      hasValue = true;
    }
    if (!hasValue) return undefined;
    const attributes: string[] = [];
    for (const { get, maxLength, values } of this.#attributes) {
      const text = get(place);
      if (typeof text !== 'string' || text.length > maxLength || !text.isWellFormed()) return undefined;
      if (values?.includes(text) === false) return undefined;
      attributes.push(text);
    }
    const { arrivedMs } = this.#context;
    if (timeFault(dataset, { timestampMs, arrivedMs, shown, withdrawn: false }) !== undefined)
      return undefined;
    const reading: Reading = { sensorId, timestampMs, revision: 0, values, attributes };
    return { kind: 'reading', dataset, reading, dropped: [] };
  }

  /** What a record of one value says of a reading that several make up. */
  #partOf(long: LongRecords, place: Place, time: Instants | undefined): RecordOutcome {
    const value = long.read(place);
    if (value instanceof Unmatched) return value.rejection;
    if ('kind' in value) return value;
    const written = this.#sensor(place) ?? this.#context.sensorId;
    if (written instanceof Unmatched) return written.rejection;
    const sensor = typeof written === 'number' ? readSensorId(written) : readSensorId(String(written ?? ''));
    if ('fault' in sensor)
      return rejected(
        'invalid-sensor-id',
        `sensorId is ${show(written)}: ${sensor.fault}; accepted: ${acceptedSensorId}`,
      );
    if (time === undefined) throw new Error('records of one value have times'); // checked
    const { timestampMs, shown } = time;
    if (time.laterMs !== undefined)
      return rejected(
        'ambiguous-timestamp',
        `the clock showed ${show(shown)} twice, and records of one value don't tell which time it is; accepted: times with an offset`,
      );
    const attributes = this.#attributes.flatMap(({ name, get }) => {
      const text = get(place) ?? null;
      return text === null ? [] : [[name, text] as const];
    });
    const fields = { ...Object.fromEntries(attributes), [value.measure]: value.value };
    return { kind: 'part', part: { sensorId: sensor.id, timestampMs, shown, fields } };
  }

  #plainSensor(place: Place): string | undefined {
    const found = this.#sensor(place);
    if (found === undefined) return this.#context.sensorId;
    if (typeof found !== 'string') return undefined;
    const known = this.#sensors.get(found);
    if (known !== undefined) return known;
    const id = canonicalSensorId(found);
    if (id === undefined || this.#sensors.size === maxSensors) return id;
    this.#sensors.set(found, id);
    return id;
  }

  /** Any record, field by field, as lines of the own shape are read. */
  #checked(place: Place, time: Instants | undefined): Line | TwoInstants | PassedOverRecord {
    const read: CellRecord = { record: {}, nothing: new Map(), hasValue: false };
    const { record, nothing } = read;
    const sensorId = this.#sensor(place);
    if (sensorId instanceof Unmatched) return sensorId.rejection;
    if (sensorId !== undefined) record.sensorId = sensorId;
    for (const field of this.#measures) this.#readMeasure(field, place, read);
    if (isFlagged(this.#dataset, read)) return { kind: 'passed-over', reason: 'filtered' };
    const withdrawn = this.#withdrawn?.(place);
    if (withdrawn !== true && isOfNothing(this.#dataset, read))
      return { kind: 'passed-over', reason: 'no-value' };
    for (const { name, get } of this.#attributes) record[name] = get(place) ?? null;
    const revision = this.#revision?.(place);
    if (revision !== undefined && revision !== null)
      record.revision = typeof revision === 'string' ? numberOf(revision.trim(), { decimal: '.' }) : revision;
    if (withdrawn !== undefined && withdrawn !== null) record.withdrawn = withdrawn;
    const context = nothing.size === 0 ? this.#context : { ...this.#context, nothing };
    if (time === undefined) return readRecord(this.#dataset, record, context);
    const { timestampMs, laterMs, shown } = time;
    record.timestamp = shown;
    const isUncertain = laterMs !== undefined;
    const outcome = readRecord(this.#dataset, record, { ...context, timestampMs, isUncertain });
    if (laterMs === undefined || outcome.kind === 'rejected') return outcome;
    return { ...outcome, kind: 'twice-shown', laterMs, shown, zone: this.#time?.zone ?? '' };
  }

  #readMeasure(
    { name, get, nothing, convert, isRead, unit }: MeasureField,
    place: Place,
    into: CellRecord,
  ): void {
    const found = get(place);
    if (found === undefined) return;
    const text = typeof found === 'string' ? found.trim() : undefined;
    if (text !== undefined) this.notation.number(text);
    const value = text === undefined || text === '' ? found : numberIn(text, this.#numbers, unit);
    into.record[name] = value;
    const isNothing = nothing.includes(value as number) || (text !== undefined && nothing.includes(text));
    if (isNothing) into.nothing.set(name, 'missing');
    else if (!standsForNothing(this.#dataset, value)) {
      if (convert && typeof value === 'number') into.record[name] = convert(value);
      if (isRead !== undefined && !isRead(place)) into.nothing.set(name, 'flagged');
      else into.hasValue = true;
    }
  }

  #condition({ path, in: accepted, notIn }: PathFilter): (place: Place) => boolean {
    const get = this.places.getter(path);
    const values = new Set<unknown>(accepted ?? notIn);
    return (place) => values.has(get(place)) === (accepted !== undefined);
  }

  /** Whether a record has the time of its arrival: it has none, and its dataset says so. */
  #isTimeless({ gets }: TimeField, place: Place): boolean {
    return this.#dataset.time === 'arrival' && gets.every((get) => get(place) === undefined);
  }

  #timeOf(time: TimeField, place: Place): Instants | Rejected {
    const shown = shownTime(time, place);
    if (typeof shown !== 'string') return shown;
    const instants = this.#instantsOf(time, shown, place);
    if (instants !== undefined) return instants;
    const { paths, format, interval } = time;
    const zone = zoneOf(time, place);
    if (zone === undefined)
      return rejected(
        'invalid-timestamp',
        `the offset of ${show(shown)} is ${show(time.offset?.(place))}; accepted: seconds from UTC, up to 14 hours`,
      );
    this.notation.time(endOf(shown, interval));
    const accepted = format === 'iso' ? 'ISO 8601 with Z or an offset' : `${format} in ${zone}`;
    const detail = `${paths} is ${show(shown)}; accepted: ${accepted}, a time that exists, from 1970 to 2099`;
    return rejected('invalid-timestamp', detail);
  }

  /** Notes how a time is written that can be read. */
  #instantsOf(time: TimeField, shown: string, place: Place): Instants | undefined {
    const { format, interval, shiftMs } = time;
    const text = endOf(shown, interval);
    const zone = zoneOf(time, place);
    if (zone === undefined) return undefined;
    const [timestampMs, laterMs] = readTime(text, format, zone);
    if (timestampMs === undefined) return undefined;
    // Of a day that was told of, a time that can be read says nothing new.
    const day = text.slice(0, 10);
    if (day !== this.#lastDay) this.notation.time(text);
    this.#lastDay = day;
    return {
      shown,
      timestampMs: timestampMs + shiftMs,
      laterMs: laterMs === undefined ? undefined : laterMs + shiftMs,
    };
  }

  #getter(source: JsonSource, valuesOf: Getter, name: string): Getter {
    if (typeof source === 'object')
      return 'key' in source
        ? ({ keys }) => textOf(keys[source.key - 1])
        : patternGetter(source, name, this.#getter(source.path, valuesOf, name));
    if (/^[$@]/.test(source)) return this.places.getter(source);
    return (place) => memberOf(valuesOf(place), source);
  }
}

/** Ids that are remembered: more series than most files have. */
const maxSensors = 100_000;

const isDeclaration = (source: unknown): source is PathDeclaration =>
  typeof source === 'object' && source !== null && 'path' in source && !('pattern' in source);

const textOf = (key: string | number | undefined) => (key === undefined ? undefined : String(key));
