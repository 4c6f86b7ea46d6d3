import { isUtf8 } from 'node:buffer';
import { maxRevision } from '../../dataset/reading.ts';
import { canonicalSensorId } from '../../dataset/sensor-id.ts';
import type { NumberField } from '../../dataset/typed-field.ts';
import type { RowBuffer } from '../../set/row-buffer.ts';
import { maxLineBytes } from '../line-splitter.ts';
import type { Origin } from '../segment-origin.ts';
import { latestMs } from '../time-bounds.ts';
import { ByteDictionary, hashed } from './byte-dictionary.ts';
import { BytePredictor } from './byte-predictor.ts';
import { bytesAre, FieldTable, fieldKinds } from './field-table.ts';
import { readNumber } from './number-bytes.ts';
import { TimestampReader } from './timestamp-bytes.ts';

const lineFeed = 10;
const quote = 34;
const comma = 44;
const colon = 58;
const backslash = 92;
const openBrace = 123;
const closeBrace = 125;

/** The line is not one that is read here: it may be sound or not. */
const unread = -1;
/** As {@link unread}, since the line names another dataset: its bytes are from `namedFrom` to `namedTo`. */
export const otherDataset = -2;

/** By byte: 1 for those of a dataset's name. */
const nameBytes = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[a-z0-9-]/.test(String.fromCharCode(byte)) ? 1 : 0,
);
const nullBytes = Buffer.from('null');
const trueBytes = Buffer.from('true');
const falseBytes = Buffer.from('false');
/** A whole number of so many digits is exact. */
const maxDigits = 15;
/** Most ids are shorter, and most segments have fewer sensors: of others none is expected. */
const expectedSensors = { count: 4_096, bytes: 40 };

/**
 * Reads lines of one dataset from their bytes straight into rows, without a string or an object for a line. It takes only
 * lines that are valid, in any order of keys and with white space between; all else is left to JSON.parse and the schema,
 * whose outcome is the one that counts. What it takes, it takes with the values that they give.
 */
export class RecordScanner {
  readonly rows: RowBuffer;
  /** Where the name of {@link otherDataset} begins. */
  namedFrom = 0;
  /** Where it ends. */
  namedTo = 0;
  readonly #table: FieldTable;
  readonly #keys: BytePredictor;
  readonly #kinds: Uint8Array;
  readonly #columns: Uint16Array;
  /** 1 for fields that every line has. */
  readonly #required: Uint8Array;
  readonly #requiredCount: number;
  /** Line in which the field was last seen. */
  readonly #seenIn: Float64Array;
  readonly #name: Buffer;
  readonly #needsDataset: boolean;
  readonly #givenSensor: string | undefined;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  /** Values that stand for no measurement. */
  readonly #missing: readonly number[];
  /** By measure: those of them within its bounds, mostly none. */
  readonly #missingWithin: readonly (readonly number[])[];
  readonly #timestamps = new TimestampReader();
  /** Of attributes: apart, since it expects a time near the one before. */
  readonly #times = new TimestampReader();
  /** UTC ms, both inclusive. */
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #sensors = new ByteDictionary<number>();
  /** No measure is required, so that a line may come without any value. */
  readonly #allOptional: boolean;
  readonly #texts: readonly ByteDictionary<string>[];
  readonly #maxLengths: readonly number[];
  /** By attribute: the only texts that there can be. */
  readonly #lists: readonly (readonly string[] | undefined)[];
  /** By measure. */
  readonly #fields: readonly NumberField[];
  /** Which sensor follows which: producers send in rounds, or one sensor at a time. */
  readonly #sensorOrder = new BytePredictor(expectedSensors.count, expectedSensors.bytes);
  #lastSensor = 0;
  readonly #number = new Float64Array(1);
  #line = 0;
  #valueAt = 0;

  /** `given.dataset`: lines need not name it. `given.sensorId`: the series of lines that name none. */
  constructor(rows: RowBuffer, given: Pick<Origin, 'dataset' | 'sensorId' | 'arrivedMs'>) {
    const { dataset } = rows;
    this.rows = rows;
    this.#table = new FieldTable(dataset);
    const { fields } = this.#table;
    this.#keys = new BytePredictor(fields.length + 1);
    this.#kinds = Uint8Array.from(fields, ({ kind }) => kind);
    this.#columns = Uint16Array.from(fields, ({ column }) => column);
    this.#required = Uint8Array.from(fields, ({ isRequired }) => (isRequired ? 1 : 0));
    this.#requiredCount = fields.filter(({ isRequired }) => isRequired).length;
    this.#seenIn = new Float64Array(fields.length);
    this.#name = Buffer.from(`"${dataset.name}"`);
    this.#needsDataset = given.dataset === undefined;
    this.#givenSensor = given.sensorId;
    const measures = Object.values(dataset.measures);
    this.#min = Float64Array.from(measures, ({ min }) => min);
    this.#max = Float64Array.from(measures, ({ max }) => max);
    this.#missing = dataset.missing;
    this.#missingWithin = measures.map(({ min, max }) => dataset.missing.filter((v) => v >= min && v <= max));
    this.#fromMs = dataset.earliestMs;
    this.#toMs = latestMs(dataset, given.arrivedMs);
    this.#allOptional = dataset.kind !== 'events' && measures.every(({ optional }) => optional);
    this.#fields = measures;
    this.#texts = dataset.attributeNames.map(() => new ByteDictionary<string>());
    this.#maxLengths = Object.values(dataset.attributes).map(({ maxLength }) => maxLength);
    this.#lists = Object.values(dataset.attributes).map(({ values }) => values);
  }

  /**
   * Reads the line at `start` as the next row, and returns where the line after it begins; {@link unread} or
   * {@link otherDataset} when nothing was read. The byte before `limit` is a line feed; nothing from `limit` on is read.
   */
  scan(bytes: Buffer, view: DataView, start: number, limit: number): number {
    const rows = this.rows;
    if (rows.length === rows.capacity) rows.grow();
    const row = rows.length;
    const line = ++this.#line;
    const keys = this.#keys;
    const seenIn = this.#seenIn;
    let at = start;
    let after = 0;
    let requiredSeen = 0;
    let fieldsSeen = 0; // but for the revision
    let revision = 0;
    for (;;) {
      if (bytes[at] === closeBrace) break;
      let field: number;
      const matched = keys.matched(view, at, limit, after);
      if (matched > 0) {
        field = keys.next(after);
        at += matched;
      } else {
        field = this.#findKey(bytes, at, after === 0 ? openBrace : comma);
        if (field === -3) {
          at = this.#valueAt;
          break;
        }
        if (field < 0) return field;
        keys.missed(view, at, this.#valueAt, after, field);
        at = this.#valueAt;
      }
      if (seenIn[field] === line) return unread; // a repeated key
      seenIn[field] = line;
      requiredSeen += this.#required[field] as number; // a field
      const kind = this.#kinds[field];
      if (kind !== fieldKinds.revision) fieldsSeen++;
      const column = this.#columns[field] as number; // a field
      if (kind === fieldKinds.measure) {
        const values = rows.values[column] as Float64Array; // a column a measure
        const end = readNumber(bytes, at, values, row);
        if (end > 0) {
          const value = values[row] as number; // just written
          if (!(value >= (this.#min[column] as number) && value <= (this.#max[column] as number)))
            return unread;
          const missing = this.#missingWithin[column] as readonly number[]; // a measure's column
          if (missing.length > 0 && missing.includes(value)) return unread;
          at = end;
        } else {
          if (this.#required[field] === 1 || !bytesAre(bytes, at, nullBytes)) return unread;
          values[row] = Number.NaN;
          at += nullBytes.length;
        }
      } else if (kind === fieldKinds.timestamp) {
        at = this.#timestamps.read(bytes, view, at, limit, rows.timestampMs, row);
        const ms = rows.timestampMs[row] as number; // just written, unless the line is left unread
        if (ms < this.#fromMs || ms > this.#toMs) return unread;
      } else if (kind === fieldKinds.sensor) {
        at = this.#readSensor(bytes, view, at, limit, row);
      } else if (kind === fieldKinds.attribute) {
        at = this.#readAttribute(bytes, at, column, row, this.#required[field] === 1);
      } else if (kind === fieldKinds.revision) {
        at = readNumber(bytes, at, this.#number, 0);
        revision = this.#number[0] as number; // it has one
        if (!(revision >= 0 && revision <= maxRevision) || revision !== Math.floor(revision)) return unread;
      } else if (kind === fieldKinds.typed) {
        at = this.#readTyped(bytes, view, at, limit, column, row);
      }
      if (at < 0) return unread;
      after = field + 1;
    }
    const end = endOfLine(bytes, at + 1);
    if (end < 0 || end - start > maxLineBytes || requiredSeen !== this.#requiredCount) return unread;
    if (fieldsSeen < seenIn.length - 1 && !this.#fillAbsent(line, row)) return unread;
    if (this.#allOptional && rows.values.every((column) => Number.isNaN(column[row]))) return unread;
    rows.setRevision(row, revision);
    rows.length = row + 1;
    return end;
  }

  /** Fills what the line left out; false when it may not. */
  #fillAbsent(line: number, row: number): boolean {
    const { rows } = this;
    const seenIn = this.#seenIn;
    if (seenIn[0] !== line && this.#needsDataset) return false;
    if (seenIn[1] !== line) {
      if (this.#givenSensor === undefined) return false;
      rows.sensor[row] = rows.sensorNumber(this.#givenSensor);
    }
    for (let field = 3; field < seenIn.length - 1; field++) {
      if (seenIn[field] === line) continue;
      const column = this.#columns[field] as number; // a field
      if (this.#kinds[field] !== fieldKinds.attribute)
        (rows.values[column] as Float64Array)[row] = Number.NaN;
      else (rows.attributes[column] as (string | null)[])[row] = null;
    }
    return true;
  }

  /** The field whose key follows, by any key and white space; `#valueAt` is then where its value is. -3: `}`, there. */
  #findKey(bytes: Buffer, from: number, opener: number): number {
    let at = pastSpace(bytes, from);
    if (bytes[at] !== opener) {
      this.#valueAt = at;
      return bytes[at] === closeBrace ? -3 : unread;
    }
    at = pastSpace(bytes, at + 1);
    if (bytes[at] !== quote) return unread;
    const start = ++at;
    for (let byte = bytes[at] as number; byte !== quote; byte = bytes[++at] as number) {
      if (byte < 32) return unread; // a line feed ends the bytes
    }
    const field = this.#table.find(bytes, start, at);
    if (field < 0) return unread;
    at = pastSpace(bytes, at + 1);
    if (bytes[at] !== colon) return unread;
    at = pastSpace(bytes, at + 1);
    this.#valueAt = at;
    if (this.#kinds[field] !== fieldKinds.dataset) return field;
    if (bytesAre(bytes, at, this.#name)) {
      this.#valueAt = at + this.#name.length;
      return field;
    }
    if (bytes[at] !== quote) return unread;
    this.namedFrom = ++at;
    while (nameBytes[bytes[at] as number] === 1) at++; // a line feed ends the bytes
    this.namedTo = at;
    return bytes[at] === quote ? otherDataset : unread;
  }

  #readSensor(bytes: Buffer, view: DataView, from: number, limit: number, row: number): number {
    const matched = this.#sensorOrder.matched(view, from, limit, this.#lastSensor);
    if (matched > 0) {
      this.#lastSensor = this.#sensorOrder.next(this.#lastSensor);
      this.rows.sensor[row] = this.#lastSensor;
      return from + matched;
    }
    if (bytes[from] !== quote) return this.#readSensorNumber(bytes, from, row);
    const start = from + 1;
    let at = start;
    let hash = 0;
    for (let byte = bytes[at] as number; byte !== quote; byte = bytes[++at] as number) {
      if (byte < 32 || byte === backslash) return unread; // a line feed ends the bytes
      hash = hashed(hash, byte);
    }
    const sensor = this.#sensorOf(bytes, start, at, hash);
    if (sensor < 0) return unread;
    this.rows.sensor[row] = sensor;
    this.#sensorOrder.missed(view, from, at + 1, this.#lastSensor, sensor);
    this.#lastSensor = sensor;
    return at + 1;
  }

  /** What follows the digits makes the line unread unless it ends the number. */
  #readSensorNumber(bytes: Buffer, start: number, row: number): number {
    let at = start;
    let hash = 0;
    for (let byte = bytes[at] as number; byte >= 48 && byte <= 57; byte = bytes[++at] as number) {
      hash = hashed(hash, byte);
    }
    const digits = at - start;
    if (digits === 0 || digits > maxDigits || (digits > 1 && bytes[start] === 48)) return unread;
    const sensor = this.#sensorOf(bytes, start, at, hash);
    this.rows.sensor[row] = sensor;
    this.#lastSensor = sensor;
    return at;
  }

  /** The number of the series whose id is written so; -1 when it is no id. */
  #sensorOf(bytes: Buffer, start: number, end: number, hash: number): number {
    const known = this.#sensors.find(bytes, start, end, hash);
    if (known !== undefined) return known;
    // What is not UTF-8 comes out as U+FFFD, which no id holds.
    const id = canonicalSensorId(bytes.toString('utf8', start, end));
    if (id === undefined) return unread;
    const sensor = this.rows.sensorNumber(id);
    this.#sensors.remember(bytes, start, end, hash, sensor);
    return sensor;
  }

  /** A number, a word or a time that stands for an attribute's value. */
  #readTyped(
    bytes: Buffer,
    view: DataView,
    from: number,
    limit: number,
    column: number,
    row: number,
  ): number {
    const values = this.rows.values[column] as Float64Array; // a column a measure
    const { type, min, max, optional } = this.#fields[column] as NumberField; // as above
    if (type === 'integer') {
      const end = readNumber(bytes, from, values, row);
      const value = values[row] as number; // just written, where there is one
      const isSound = value >= min && value <= max && Number.isSafeInteger(value) && !this.#isMissing(value);
      if (end > 0) return isSound ? end : unread;
    }
    if (bytesAre(bytes, from, nullBytes)) {
      values[row] = Number.NaN;
      return optional ? from + nullBytes.length : unread;
    }
    if (type === 'boolean') {
      const isTrue = bytesAre(bytes, from, trueBytes);
      if (!isTrue && !bytesAre(bytes, from, falseBytes)) return unread;
      values[row] = isTrue ? 1 : 0;
      return from + (isTrue ? trueBytes : falseBytes).length;
    }
    if (type !== 'time') return unread;
    const end = this.#times.read(bytes, view, from, limit, values, row);
    return this.#isMissing(values[row] as number) ? unread : end; // just written, unless the line is left unread
  }

  #isMissing(value: number): boolean {
    return this.#missing.length > 0 && this.#missing.includes(value);
  }

  /** Texts with escapes are left to JSON.parse. */
  #readAttribute(bytes: Buffer, from: number, column: number, row: number, isRequired: boolean): number {
    const target = this.rows.attributes[column] as (string | null)[]; // one an attribute
    if (bytes[from] !== quote) {
      if (isRequired || !bytesAre(bytes, from, nullBytes)) return unread;
      target[row] = null;
      return from + nullBytes.length;
    }
    const start = from + 1;
    let at = start;
    let hash = 0;
    for (let byte = bytes[at] as number; byte !== quote; byte = bytes[++at] as number) {
      if (byte < 32 || byte === backslash) return unread;
      hash = hashed(hash, byte);
    }
    const texts = this.#texts[column] as ByteDictionary<string>; // one an attribute
    let text = texts.find(bytes, start, at, hash);
    if (text === undefined) {
      if (!isUtf8(bytes.subarray(start, at))) return unread;
      text = bytes.toString('utf8', start, at);
      if (text.length > (this.#maxLengths[column] as number)) return unread; // one an attribute
      if (this.#lists[column]?.includes(text) === false) return unread;
      texts.remember(bytes, start, at, hash, text);
    }
    target[row] = text;
    return at + 1;
  }
}

/** JSON's white space within a line. */
function pastSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 32 || bytes[at] === 9 || bytes[at] === 13) at++;
  return at;
}

/** Past the line feed that follows, but for white space; -1 when something else does. */
function endOfLine(bytes: Buffer, from: number): number {
  if (bytes[from] === lineFeed) return from + 1;
  const at = pastSpace(bytes, from);
  return bytes[at] === lineFeed ? at + 1 : -1;
}
