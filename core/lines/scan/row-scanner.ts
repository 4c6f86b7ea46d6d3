import { isUtf8 } from 'node:buffer';
import type { Dataset } from '../../dataset/dataset.ts';
import type { DroppedCounts, DroppedValue } from '../../dataset/reading.ts';
import { canonicalSensorId } from '../../dataset/sensor-id.ts';
import { type NumberNotation, numberOf } from '../../formats/number-text.ts';
import type { RowBuffer } from '../../set/row-buffer.ts';
import { countDropped } from '../dropped-values.ts';
import { type LineTaker, maxLineBytes } from '../line-splitter.ts';
import type { Notation } from '../notation.ts';
import type { Origin } from '../segment-origin.ts';
import type { Field, Measured } from '../table/fields.ts';
import type { RepeatedHour, Series } from '../table/repeated-hour.ts';
import { latestMs } from '../time-bounds.ts';
import { ByteDictionary, hashed } from './byte-dictionary.ts';
import { DecimalCell } from './decimal-cell.ts';
import type { TimeCell } from './time-cell.ts';

/** A table of one reading a row, as its header and its format say, whose rows can be read where they lie. */
export interface PlainTable {
  /** Of the header. */
  readonly columns: number;
  readonly delimiter: string;
  /** What cells may be quoted with; `undefined` where nothing is. */
  readonly quote: string | undefined;
  /** What a line that is no row begins with. */
  readonly comment: string | undefined;
  readonly numbers: NumberNotation;
  readonly timeIndex: number;
  readonly time: TimeCell;
  /** Each of one column; measures, attributes, and the sensor. */
  readonly fields: readonly Field[];
  readonly notation: Notation;
  readonly hours: RepeatedHour | undefined;
}

const unread = -1;
const kinds = { passed: 0, time: 1, measure: 2, sensor: 3, attribute: 4, whole: 5 } as const;
const [tab, lineFeed, carriageReturn, space] = [9, 10, 13, 32];

/**
 * Reads rows of a table from their bytes straight into rows of the set, without a string or an object for a row. It takes only rows that
 * are readings: a time, a sensor, a number in each column of a measure, in plain digits, nothing in quotes; within bounds, or of a measure that
 * need not be there beside one that is. All else is left to `TableReader`, whose outcome is the one that counts. What it takes, it takes with the values that that one gives, and leaves behind
 * what that one would: which way of writing the rows have shown, and where each series stands in time.
 */
export class RowScanner implements LineTaker {
  taken = 0;
  readonly #rows: RowBuffer;
  readonly #table: PlainTable;
  readonly #kinds: Uint8Array;
  /** Of measures and attributes their place in the set's columns, by the table's. */
  readonly #places: Uint16Array;
  readonly #measured: readonly (Measured | undefined)[];
  /** By measure: numbers that stand for nothing. */
  readonly #nothing: readonly ReadonlySet<number>[];
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  readonly #missing: readonly number[];
  /** By measure, whether a number within its bounds may stand for nothing. */
  readonly #mayMiss: readonly boolean[];
  /** By measure, whether a reading is one without its value. */
  readonly #optional: readonly boolean[];
  readonly #counts: DroppedCounts | undefined;
  /** Values that the row has and its reading has not. */
  readonly #dropped: DroppedValue[] = [];
  readonly #absent: { readonly measures: readonly number[]; readonly attributes: readonly number[] };
  readonly #attributes: Dataset['attributes'][string][];
  readonly #texts: readonly ByteDictionary<string>[];
  readonly #sensors = new ByteDictionary<number>();
  readonly #givenSensor: number | undefined;
  readonly #series: (Series | undefined)[] = [];
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #decimal: DecimalCell;
  readonly #bytes: { readonly delimiter: number; readonly quote: number; readonly comment: number };
  #value = 0;

  /** @param counts where values are counted that readings are taken without; without it no such reading is */
  constructor(
    rows: RowBuffer,
    table: PlainTable,
    { sensorId, arrivedMs }: Pick<Origin, 'sensorId' | 'arrivedMs'>,
    counts?: DroppedCounts,
  ) {
    this.#counts = counts;
    const { dataset } = rows;
    const { measureNames, attributeNames, measures } = dataset;
    this.#rows = rows;
    this.#table = table;
    this.#kinds = new Uint8Array(table.columns);
    this.#places = new Uint16Array(table.columns);
    this.#kinds[table.timeIndex] = kinds.time;
    const measured: (Measured | undefined)[] = [];
    for (const { name, indexes, kind, measured: of } of table.fields) {
      const [index = 0] = indexes;
      const names = kind === 'number' ? measureNames : attributeNames;
      const number = measures[name]?.type === 'integer' ? kinds.whole : kinds.measure;
      this.#kinds[index] = name === 'sensorId' ? kinds.sensor : kind === 'number' ? number : kinds.attribute;
      this.#places[index] = Math.max(0, names.indexOf(name));
      if (kind === 'number') measured[names.indexOf(name)] = of;
    }
    this.#measured = measured;
    this.#nothing = measureNames.map((_, place) => numbersOf(measured[place]?.nothing ?? [], table.numbers));
    const isRead = (name: string) => table.fields.some((field) => field.name === name);
    const placesOf = (names: readonly string[]) => names.flatMap((name, place) => (isRead(name) ? [] : [place]));
    this.#absent = { measures: placesOf(measureNames), attributes: placesOf(attributeNames) };
    this.#min = Float64Array.from(Object.values(measures), ({ min }) => min);
    this.#max = Float64Array.from(Object.values(measures), ({ max }) => max);
    this.#missing = dataset.missing;
    const isWithin = (value: number, place: number) => value >= (this.#min[place] as number) && value <= (this.#max[place] as number);
    this.#mayMiss = measureNames.map((_, place) => measured[place]?.convert !== undefined || (this.#nothing[place]?.size ?? 0) > 0 || dataset.missing.some((value) => isWithin(value, place)));
    this.#optional = Object.values(measures).map(({ optional }) => optional === true);
    this.#attributes = Object.values(dataset.attributes);
    this.#texts = attributeNames.map(() => new ByteDictionary<string>());
    this.#givenSensor = isRead('sensorId') || sensorId === undefined ? undefined : rows.sensorNumber(sensorId);
    this.#fromMs = dataset.earliestMs;
    this.#toMs = latestMs(dataset, arrivedMs);
    this.#decimal = new DecimalCell(table.numbers.decimal, table.notation);
    const byteOf = (text = '\0') => text.charCodeAt(0);
    this.#bytes = { delimiter: byteOf(table.delimiter), quote: byteOf(table.quote), comment: byteOf(table.comment) };
  } // biome-ignore format: a step a line

  take(bytes: Buffer, start: number, limit: number): number {
    this.taken = 0;
    let at = start;
    while (at < limit) {
      const end = this.#scan(bytes, at);
      if (end < 0) break;
      at = end;
      this.taken++;
    }
    return at;
  }

  /** Reads the row at `start`, a line feed being behind it. @returns where the next line begins, or {@link unread} */
  #scan(bytes: Buffer, start: number): number {
    const rows = this.#rows;
    if (rows.length === rows.capacity) rows.grow();
    const row = rows.length;
    const { delimiter, comment } = this.#bytes;
    const last = this.#kinds.length - 1;
    let at = pastSpace(bytes, start, delimiter);
    if (bytes[at] === comment) return unread;
    let sensor = this.#givenSensor ?? unread;
    if (this.#dropped.length > 0) this.#dropped.length = 0;
    for (let column = 0; column <= last; column++) {
      const kind = this.#kinds[column];
      const place = this.#places[column] as number; // within
      if (kind !== kinds.passed) at = pastSpace(bytes, at, delimiter);
      if (kind === kinds.measure) at = this.#readMeasure(bytes, at, place, row);
      else if (kind === kinds.time) at = this.#table.time.read(bytes, at, rows.timestampMs, row);
      else if (kind === kinds.sensor) {
        at = this.#readSensor(bytes, at);
        sensor = this.#value;
      } else if (kind === kinds.attribute) at = this.#readAttribute(bytes, at, place, row);
      else if (kind === kinds.whole) {
        at = this.#readMeasure(bytes, at, place, row);
        if (!Number.isSafeInteger((rows.values[place] as Float64Array)[row])) return unread; // a column a measure
      } else at = this.#pass(bytes, at);
      if (at < 0) return unread;
      at = pastSpace(bytes, at, delimiter);
      if (column === last) break;
      if (bytes[at] !== delimiter) return unread;
      at++;
    }
    if (bytes[at] === carriageReturn) at++;
    if (bytes[at] !== lineFeed || at - start > maxLineBytes || sensor < 0) return unread;
    // The first day past the 12th tells that day and month are where they are declared; those before it tell nothing.
    if (this.#table.time.day > 12 && !this.#table.notation.isOrderShown) return unread;
    const ms = rows.timestampMs[row] as number; // just read
    if (ms < this.#fromMs || ms > this.#toMs) return unread;
    rows.sensor[row] = sensor;
    for (const place of this.#absent.measures) (rows.values[place] as Float64Array)[row] = Number.NaN;
    for (const place of this.#absent.attributes) (rows.attributes[place] as (string | null)[])[row] = null;
    if (this.#dropped.length > 0 && this.#isEmpty(row)) return unread;
    if (!this.#passSeries(sensor, ms)) return unread;
    if (this.#counts !== undefined && this.#dropped.length > 0)
      countDropped(this.#counts, rows.dataset, this.#dropped);
    rows.setRevision(row, 0);
    rows.length = row + 1;
    return at + 1;
  }

  #readMeasure(bytes: Buffer, at: number, place: number, row: number): number {
    const values = this.#rows.values[place] as Float64Array; // one a measure
    const end = this.#decimal.read(bytes, at, values, row);
    if (end < 0) return unread;
    const value = values[row] as number; // just read
    const isWithin = value >= (this.#min[place] as number) && value <= (this.#max[place] as number); // one a measure
    return isWithin && this.#mayMiss[place] === false ? end : this.#readOther(place, row, end);
  }

  /** Of a number that is converted, may stand for nothing, or is out of bounds. */
  #readOther(place: number, row: number, end: number): number {
    const values = this.#rows.values[place] as Float64Array; // one a measure
    let value = values[row] as number; // just read
    const nothing = this.#nothing[place] as ReadonlySet<number>; // one a measure
    if (nothing.size > 0 && nothing.has(value)) return unread;
    let isMissing = this.#missing.includes(value);
    const convert = this.#measured[place]?.convert;
    if (convert !== undefined && !isMissing) {
      value = convert(value) + 0; // -0 + 0 is 0
      isMissing = this.#missing.includes(value);
      values[row] = value;
    }
    if (!isMissing && value >= (this.#min[place] as number) && value <= (this.#max[place] as number))
      return end;
    if (this.#counts === undefined || !this.#optional[place] || !Number.isFinite(value)) return unread;
    const measure = this.#rows.dataset.measureNames[place] as string; // as above
    this.#dropped.push({ measure, reason: isMissing ? 'missing' : 'out-of-range', value });
    values[row] = Number.NaN;
    return end;
  }

  /** Whether a row has no value. */
  #isEmpty(row: number): boolean {
    return this.#rows.values.every((column) => Number.isNaN(column[row]));
  }

  /** Where a cell ends that nothing is read from. */
  #pass(bytes: Buffer, start: number): number {
    const { delimiter, quote } = this.#bytes;
    let at = start;
    for (;;) {
      const byte = bytes[at] as number; // a line feed is behind
      if (byte === delimiter || byte === lineFeed || byte === carriageReturn) return at;
      // What is no ASCII may be no UTF-8.
      if (byte === quote || byte === 0 || byte > 126) return unread;
      at++;
    }
  }

  /** Where the cell ends; its hash is then in `#value`. */
  #hash(bytes: Buffer, start: number): number {
    const { delimiter, quote } = this.#bytes;
    let [at, hash] = [start, 0];
    for (;;) {
      const byte = bytes[at] as number; // a line feed is behind
      if (byte === delimiter || byte === lineFeed || byte === carriageReturn) break;
      if (byte === quote || byte === 0) return unread;
      hash = hashed(hash, byte);
      at++;
    }
    this.#value = hash;
    return at;
  }

  /** The number of the series is then in `#value`. */
  #readSensor(bytes: Buffer, start: number): number {
    const end = this.#hash(bytes, start);
    if (end <= start) return unread;
    const hash = this.#value;
    const known = this.#sensors.find(bytes, start, end, hash);
    if (known !== undefined) {
      this.#value = known;
      return end;
    }
    const text = bytes.toString('utf8', start, end);
    const id = text === text.trim() ? canonicalSensorId(text) : undefined;
    if (id === undefined) return unread;
    this.#value = this.#rows.sensorNumber(id);
    this.#sensors.remember(bytes, start, end, hash, this.#value);
    return end;
  }

  #readAttribute(bytes: Buffer, start: number, place: number, row: number): number {
    const target = this.#rows.attributes[place] as (string | null)[]; // one an attribute
    const { maxLength, optional = false, values } = this.#attributes[place] as Dataset['attributes'][string]; // as above
    const end = this.#hash(bytes, start);
    if (end < 0) return unread;
    if (end === start) {
      target[row] = null;
      return optional ? end : unread;
    }
    const texts = this.#texts[place] as ByteDictionary<string>; // as above
    const hash = this.#value;
    let text = texts.find(bytes, start, end, hash);
    if (text === undefined) {
      if (!isUtf8(bytes.subarray(start, end))) return unread;
      text = bytes.toString('utf8', start, end);
      if (text.length > maxLength || text !== text.trim() || text.includes('\ufffd')) return unread;
      if (values?.includes(text) === false) return unread;
      texts.remember(bytes, start, end, hash, text);
    }
    target[row] = text;
    return end;
  }

  /** Whether the series goes on with a certain time: what it waits for is settled elsewhere. */
  #passSeries(sensor: number, ms: number): boolean {
    const { hours } = this.#table;
    if (hours === undefined) return true;
    let series = this.#series[sensor];
    if (series === undefined) {
      series = hours.seriesOf(this.#rows.sensors[sensor] as string); // it has a number
      this.#series[sensor] = series;
    }
    return series.pass(ms);
  }
}

/** The numbers that stand for nothing, those that are written as texts too: more than are meant only leaves a row to others. */
function numbersOf(nothing: readonly (number | string)[], notation: NumberNotation): ReadonlySet<number> {
  const numbers = nothing.map((each) => (typeof each === 'string' ? numberOf(each, notation) : each));
  return new Set(numbers.filter((each) => typeof each === 'number'));
}

function pastSpace(bytes: Buffer, from: number, delimiter: number): number {
  let at = from;
  while (bytes[at] === space || (bytes[at] === tab && delimiter !== tab)) at++;
  return at;
}
