import { dayMs } from '../time/duration.ts';
import type { Dataset } from './dataset.ts';
import type { NumberType } from './definition.ts';
import { valueOfNumber } from './typed-field.ts';

/**
 * One valid reading. Its identity is (dataset, sensorId, timestampMs). Of a dataset of events it is an event: `sensorId` is its entity, and its
 * identity has the columns that the dataset names as well.
 */
export interface Reading {
  readonly sensorId: string;
  /** UTC, integer ms since 1970. */
  readonly timestampMs: number;
  /** 0 to 2^31-1. The highest of one identity wins. */
  readonly revision: number;
  /** By `dataset.measureNames`; `null` is absent: an optional measure, or any of a withdrawn reading. Never NaN, infinite or -0. */
  readonly values: readonly (number | null)[];
  /** By `dataset.attributeNames`; `null` is absent, as of measures. */
  readonly attributes: readonly (string | null)[];
  /** It says that there is no reading at this identity: it wins over others by the same rule, stays in the set and counts nowhere. */
  readonly withdrawn?: true;
}

/** Every reason for which a line, or a whole object as line 1, is rejected. */
export const rejectReasons = [
  'not-gzip',
  'corrupt-gzip',
  'empty-object',
  'not-text',
  'not-utf8',
  'line-too-long',
  'truncated',
  'not-json',
  /** A line of a file of InfluxDB's line protocol that is none. */
  'not-line-protocol',
  'not-an-object',
  'unknown-dataset',
  'dataset-mismatch',
  'missing-field',
  'unknown-field',
  'wrong-type',
  'not-finite',
  'out-of-range',
  'missing',
  'no-value',
  'invalid-timestamp',
  'ambiguous-timestamp',
  'in-the-future',
  'too-early',
  'invalid-sensor-id',
  'invalid-revision',
  'wrong-columns',
  /** The unit that a row says is none that its measure can be in. */
  'wrong-unit',
  /** Two rows say different values of one measure, sensor and time. */
  'contradicting-values',
  /** A value of a reading that was complete already. */
  'late-value',
  /** A device sent a reading of a sensor that is not its own. */
  'wrong-thing',
] as const;

export type RejectReason = (typeof rejectReasons)[number];

/** A line that is not a reading. `detail` names the field, what was found and what is accepted. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly reason: RejectReason;
  readonly detail: string;
  /** Fields of the record that its dataset does not have, where there are any. */
  readonly unknownFields?: readonly string[];
}

/** Every reason for which a value of an optional measure is left out of a reading that is kept. */
export const dropReasons = [
  /** An empty cell or text: nothing stands there. */
  'empty',
  /** A word for nothing, such as NA, NaN or ---, or one of the dataset's own. */
  'nothing',
  /** A number that the dataset declares to stand for no measurement. */
  'missing',
  'not-finite',
  'out-of-range',
  /** A column beside it says that it is not good. */
  'flagged',
  /** A number that is written as none: `82*`, `<0.5`, a decimal comma, a JSON text. */
  'wrong-type',
] as const;

export type DropReason = (typeof dropReasons)[number];

/** A value of an optional measure that costs this measure, and not the reading. */
export interface DroppedValue {
  readonly measure: string;
  readonly reason: DropReason;
  /** What the line has instead: JSON, or a cell's text or number. */
  readonly value: unknown;
}

/** How many values were dropped: by the dataset's name, then measure, then reason. Only what occurred. */
export type DroppedCounts = Record<string, Record<string, Partial<Record<DropReason, number>>>>;

/** What became of one line. */
export type Line =
  | {
      readonly kind: 'reading';
      readonly dataset: Dataset;
      readonly reading: Reading;
      /** Values that the line has and the reading has not. */
      readonly dropped: readonly DroppedValue[];
    }
  | Rejected;

/** The highest revision, 2^31-1: an INT32 column holds it. */
export const maxRevision = 2_147_483_647;

/**
 * The reading as one line of canonical JSON, without the newline: fixed key order, UTC with ms, shortest decimals,
 * absent values, revision 0 and `withdrawn` where it is not so are left out. Equal readings have equal encodings.
 */
export function encodeReading(dataset: Dataset, reading: Reading): string {
  const { start, measures, types, attributes } = keysOf(dataset);
  let json = `${start}${encodeText(reading.sensorId)},"timestamp":"${encodeTimestamp(reading.timestampMs)}"`;
  for (let index = 0; index < measures.length; index++) {
    const value = reading.values[index] ?? null;
    if (value === null) continue;
    json += measures[index] + (types === undefined ? encodeNumber(value) : encodeTyped(types[index], value));
  }
  for (let index = 0; index < attributes.length; index++) {
    const text = reading.attributes[index] ?? null;
    if (text !== null) json += attributes[index] + encodeText(text);
  }
  if (reading.revision !== 0) json += `,"revision":${reading.revision}`;
  return reading.withdrawn ? `${json},"withdrawn":true}` : `${json}}`;
}

/**
 * The line to send for a reading: its canonical encoding, and behind it what the line that it was read from had instead of values of
 * optional measures, so that whoever reads it next drops and counts the same. What only the format of a file says to be none is left out:
 * read without it, it would be a value.
 */
export function encodeLine(
  dataset: Dataset,
  reading: Reading,
  dropped: readonly DroppedValue[] = [],
): string {
  let json = encodeReading(dataset, reading);
  for (const { measure, reason, value } of dropped)
    if (reason !== 'flagged' && (reason !== 'missing' || dataset.missing.includes(value as number)))
      json = `${json.slice(0, -1)},${JSON.stringify(measure)}:${encodeValue(value)}}`;
  return json;
}

/** NaN as the word; an infinity as a number that none holds. */
function encodeValue(value: unknown): string {
  if (typeof value !== 'number' || Number.isFinite(value)) return JSON.stringify(value);
  return Number.isNaN(value) ? '"NaN"' : value > 0 ? '1e999' : '-1e999';
}

/** What stands before the values in each line of a dataset. */
interface KeyTexts {
  readonly start: string;
  readonly measures: readonly string[];
  /** Of events, whose numbers may stand for something else. */
  readonly types: readonly (NumberType | undefined)[] | undefined;
  readonly attributes: readonly string[];
}

const keyTexts = new WeakMap<Dataset, KeyTexts>();

function keysOf(dataset: Dataset): KeyTexts {
  const known = keyTexts.get(dataset);
  if (known !== undefined) return known;
  const key = (name: string) => `,${JSON.stringify(name)}:`;
  const made = {
    start: `{"dataset":${JSON.stringify(dataset.name)},"sensorId":`,
    measures: dataset.measureNames.map(key),
    types:
      dataset.kind === 'events'
        ? dataset.measureNames.map((name) => dataset.measures[name]?.type)
        : undefined,
    attributes: dataset.attributeNames.map(key),
  };
  keyTexts.set(dataset, made);
  return made;
}

const minuteMs = 60_000;
/** The last day and minute that were written: lines mostly come by time, and a date as text costs half of the whole line. */
let lastDay = { start: Number.NaN, text: '' };
let lastMinute = { start: Number.NaN, text: '' };

/** As `toISOString` writes it. */
function encodeTimestamp(timestampMs: number): string {
  const inMinuteMs = timestampMs - lastMinute.start;
  // Not so at NaN, nor below or beyond the minute: then it is another one.
  if (!(inMinuteMs >= 0 && inMinuteMs < minuteMs)) {
    turnToMinute(timestampMs);
    return encodeTimestamp(timestampMs);
  }
  const [seconds, ms] = [Math.floor(inMinuteMs / 1_000), inMinuteMs % 1_000];
  return `${lastMinute.text}${seconds < 10 ? '0' : ''}${seconds}.${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}Z`;
}

/** @throws {RangeError} for what is no instant */
function turnToMinute(timestampMs: number): void {
  const inDayMs = timestampMs - lastDay.start;
  if (!(inDayMs >= 0 && inDayMs < dayMs)) {
    const text = new Date(timestampMs).toISOString();
    lastDay = { start: Math.floor(timestampMs / dayMs) * dayMs, text: text.slice(0, text.indexOf('T') + 1) };
    turnToMinute(timestampMs);
    return;
  }
  const minuteOfDay = Math.floor(inDayMs / minuteMs);
  const [hour, minute] = [Math.floor(minuteOfDay / 60), minuteOfDay % 60];
  const text = `${lastDay.text}${hour < 10 ? '0' : ''}${hour}:${minute < 10 ? '0' : ''}${minute}:`;
  lastMinute = { start: lastDay.start + minuteOfDay * minuteMs, text };
}

/** Whole numbers as they are; others may stand for something else. */
const encodeTyped = (type: NumberType | undefined, value: number): string =>
  type === 'integer' ? encodeNumber(value) : JSON.stringify(valueOfNumber(type, value));

/** Of nothing that JSON escapes: to ask takes a third of what JSON does. */
const plainText = /^[ !#-[\]-~]*$/;

const encodeText = (text: string): string => (plainText.test(text) ? `"${text}"` : JSON.stringify(text));

/** The shortest decimal that reads back as the same double; -0 is written as 0. The value is finite. */
function encodeNumber(value: number): string {
  return String(value);
}
