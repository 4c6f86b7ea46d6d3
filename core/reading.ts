import type { Dataset } from './dataset.ts';

/** One valid reading. Its identity is (dataset, sensorId, timestampMs). */
export interface Reading {
  readonly sensorId: string;
  /** UTC, integer ms since 1970. */
  readonly timestampMs: number;
  /** 0 to 2^31-1. The highest of one identity wins. */
  readonly revision: number;
  /** By `dataset.measureNames`; `null` is an optional measure that is absent. Never NaN, infinite or -0. */
  readonly values: readonly (number | null)[];
  /** By `dataset.attributeNames`; `null` is an optional attribute that is absent. */
  readonly attributes: readonly (string | null)[];
}

/** Every reason for which a line, or a whole object as line 1, is rejected. */
export const rejectReasons = [
  'not-gzip',
  'corrupt-gzip',
  'empty-object',
  'not-utf8',
  'line-too-long',
  'truncated',
  'not-json',
  'not-an-object',
  'unknown-dataset',
  'dataset-mismatch',
  'missing-field',
  'unknown-field',
  'wrong-type',
  'not-finite',
  'out-of-range',
  'missing',
  'invalid-timestamp',
  'invalid-sensor-id',
  'invalid-revision',
  'missing-column',
  'wrong-columns',
] as const;

export type RejectReason = (typeof rejectReasons)[number];

/** A line that is not a reading. `detail` names the field, what was found and what is accepted. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly reason: RejectReason;
  readonly detail: string;
}

/** What became of one line. */
export type Line =
  | { readonly kind: 'reading'; readonly dataset: Dataset; readonly reading: Reading }
  | Rejected;

/** 1 to 128 characters; no slash, so that an id can be part of a key. */
export const sensorIdPattern = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** The highest revision, 2^31-1: an INT32 column holds it. */
export const maxRevision = 2_147_483_647;

/**
 * The reading as one line of canonical JSON, without the newline: fixed key order, UTC with ms, shortest decimals,
 * absent values and revision 0 left out. Equal readings have equal encodings.
 */
export function encodeReading(dataset: Dataset, reading: Reading): string {
  let json = `{"dataset":${JSON.stringify(dataset.name)},"sensorId":${JSON.stringify(reading.sensorId)},"timestamp":"${new Date(reading.timestampMs).toISOString()}"`;
  dataset.measureNames.forEach((name, index) => {
    const value = reading.values[index] ?? null;
    if (value !== null) json += `,${JSON.stringify(name)}:${encodeNumber(value)}`;
  });
  dataset.attributeNames.forEach((name, index) => {
    const text = reading.attributes[index] ?? null;
    if (text !== null) json += `,${JSON.stringify(name)}:${JSON.stringify(text)}`;
  });
  return reading.revision === 0 ? `${json}}` : `${json},"revision":${reading.revision}}`;
}

/** The shortest decimal that reads back as the same double; -0 is written as 0. The value is finite. */
export function encodeNumber(value: number): string {
  return String(value);
}
