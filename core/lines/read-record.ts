import * as z from 'zod';
import type { Dataset } from '../dataset/dataset.ts';
import type { NumberType } from '../dataset/definition.ts';
import {
  type DropReason,
  type Line,
  maxRevision,
  type Rejected,
  type RejectReason,
} from '../dataset/reading.ts';
import { acceptedSensorId, readSensorId } from '../dataset/sensor-id.ts';
import { acceptedNumber, type NumberField, numberOfTyped } from '../dataset/typed-field.ts';
import { readTimestamp } from '../time/calendar.ts';
import { isWordForNothing, withoutBadValues } from './dropped-values.ts';
import { rejected, show } from './rejection.ts';
import { timeFault } from './time-bounds.ts';

/** What is known of a record besides its fields. */
export interface Given {
  /** The series when the record names none. */
  readonly sensorId?: string | undefined;
  /** The timestamp, where the `timestamp` field is in a local format and already read. */
  readonly timestampMs?: number | undefined;
  /** It is one of two instants, of which nobody knows yet which it is: whether it is within bounds is seen later. */
  readonly isUncertain?: boolean;
  /** Measures whose value is none by what the file's format says, beside the dataset's `missing`, and why. */
  readonly nothing?: ReadonlyMap<string, DropReason>;
  /** UTC ms at which it arrived: how far ahead a timestamp may be is counted from it. */
  readonly arrivedMs: number;
  /** See {@link Origin.isStored}. */
  readonly isStored: boolean;
}

type Schema = z.ZodType<Readonly<Record<string, unknown>>>;
const measuredSchemas = new WeakMap<Dataset, Schema>();
const withdrawnSchemas = new WeakMap<Dataset, Schema>();

/** Its output is the canonical id. A text or number that is none is a `custom` issue. */
const sensorId = z.union([z.string(), z.number()]).transform((given, context) => {
  const read = readSensorId(given);
  if ('id' in read) return read.id;
  context.issues.push({ code: 'custom', input: given, message: read.fault });
  return z.NEVER;
});

/**
 * The record's zod schema, derived from the dataset once. Timestamp and sentinels are looked at after it. A withdrawn reading may leave
 * out every measure and attribute.
 */
function schemaOf(dataset: Dataset, withdrawn: boolean): Schema {
  const schemas = withdrawn ? withdrawnSchemas : measuredSchemas;
  let schema = schemas.get(dataset);
  if (schema === undefined) {
    const shape: Record<string, z.ZodType> = { dataset: z.string().optional() };
    shape.sensorId = sensorId.optional();
    if (dataset.sensorIdField !== undefined) shape[dataset.sensorIdField] = shape.sensorId;
    const isTimed = dataset.time !== 'arrival' && dataset.at === undefined;
    shape.timestamp = isTimed ? z.string() : z.string().optional();
    if (dataset.at !== undefined) shape[dataset.at] = z.string().optional();
    const mayLack = (name: string, optional: boolean | undefined) =>
      optional || (withdrawn && !dataset.identity?.includes(name));
    for (const [name, field] of Object.entries(dataset.measures)) {
      const measure = numberSchema(field);
      shape[name] = mayLack(name, field.optional) ? measure.nullish() : measure;
    }
    for (const [name, { maxLength, optional, values }] of Object.entries(dataset.attributes)) {
      const attribute = values ? z.enum(values) : z.string().max(maxLength);
      shape[name] = mayLack(name, optional) ? attribute.nullish() : attribute;
    }
    shape.revision = z.int().min(0).max(maxRevision).optional();
    shape.withdrawn = z.boolean().optional();
    schema = z.strictObject(shape);
    schemas.set(dataset, schema);
  }
  return schema;
}

/** Of a column of numbers: its output is the number that stands for the value. What is none of the type is a `custom` issue. */
function numberSchema({ type, min, max }: NumberField): z.ZodType {
  if (type === undefined || type === 'number') return z.number().min(min).max(max);
  return z.unknown().transform((given, context) => {
    const value = numberOfTyped(type, given);
    if (value !== undefined && value >= min && value <= max) return value;
    const code = given === undefined || given === null ? 'invalid_type' : 'custom';
    context.issues.push({ code, input: given, message: '', expected: 'unknown' });
    return z.NEVER;
  });
}

/**
 * Reads a record, a parsed JSON object or a CSV line by field, as a reading of `dataset`. A bad value of an optional measure costs
 * that measure, one of any other field the reading.
 */
export function readRecord(dataset: Dataset, whole: Readonly<Record<string, unknown>>, given: Given): Line {
  const { record, dropped } = withoutBadValues(dataset, whole, given.nothing);
  const required = [...(given.nothing?.keys() ?? [])].find((name) => !dataset.measures[name]?.optional);
  if (required !== undefined) return sentinel(required, whole[required]);
  const withdrawn = Object.hasOwn(record, 'withdrawn') && record.withdrawn === true;
  // What `safeParse` does but for its error, which takes longer than all else of a line: of the issues only the first is looked at.
  const checked = schemaOf(dataset, withdrawn)._zod.run({ value: record, issues: [] }, { async: false });
  const { issues, value: fields } = checked as z.core.ParsePayload<Readonly<Record<string, unknown>>>; // nothing in it is async
  if (issues.length > 0) {
    const { shape } = schemaOf(dataset, false) as z.ZodObject;
    const unknownFields = Object.keys(record).filter((name) => !Object.hasOwn(shape, name));
    const why = explain(dataset, record, { issues, known: Object.keys(shape), unknownFields });
    return unknownFields.length === 0 ? why : { ...why, unknownFields };
  }
  const sensorId = sensorOf(dataset, fields, given);
  if (typeof sensorId !== 'string') return sensorId;
  const shown = shownTime(dataset, fields);
  if (typeof shown === 'object') return shown;
  const timestampMs = timeOf(dataset, shown, given, withdrawn);
  if (typeof timestampMs !== 'number') return timestampMs;
  if (!given.isUncertain) {
    const { arrivedMs } = given;
    const fault = timeFault(dataset, { timestampMs, arrivedMs, shown, withdrawn });
    if (fault !== undefined) return fault;
  }
  const values: (number | null)[] = [];
  for (const name of dataset.measureNames) {
    const value = (fields[name] ?? null) as number | null; // the schema's type
    if (value !== null && dataset.missing.includes(value)) return sentinel(name, value);
    values.push(value === null ? null : value + 0); // -0 + 0 is 0
  }
  if (!withdrawn && dataset.kind !== 'events' && values.every((value) => value === null)) {
    const accepted = `a value of at least one of ${dataset.measureNames.join(', ')}`;
    const found = dropped.map(({ measure, reason }) => `; ${measure} is ${show(whole[measure])} (${reason})`);
    // What can't be read is told as that: of a file with many such lines nothing is taken.
    const reason = dropped.some(({ reason }) => reason === 'wrong-type') ? 'wrong-type' : 'no-value';
    return rejected(reason, `the reading has no value${found.join('')}; accepted: ${accepted}`);
  }
  const attributes: (string | null)[] = [];
  for (const name of dataset.attributeNames) {
    const text = (fields[name] ?? null) as string | null; // the schema's type
    // Half a surrogate pair has no UTF-8: stored, it would come back as another text.
    if (text !== null && !text.isWellFormed())
      return rejected(
        'not-utf8',
        `${name} is ${show(text)}, half a surrogate pair; accepted: whole characters`,
      );
    attributes.push(text);
  }
  const revision = (fields.revision ?? 0) as number; // the schema's type
  return {
    kind: 'reading',
    dataset,
    reading: {
      ...{ sensorId, timestampMs, revision: revision + 0, values, attributes },
      ...(withdrawn ? { withdrawn } : {}),
    },
    dropped: withdrawn ? [] : dropped,
  };
}

/** The time as the record has it: of events under either of two names. */
function shownTime(
  { at }: Dataset,
  fields: Readonly<Record<string, unknown>>,
): string | undefined | Rejected {
  const timestamp = fields.timestamp as string | undefined; // the schema's type
  const named = at === undefined ? undefined : (fields[at] as string | undefined); // as above
  if (timestamp !== undefined && named !== undefined)
    return rejected('unknown-field', `timestamp and ${at} are both given; accepted: one of the two`);
  return timestamp ?? named;
}

/** The instant that the record says or, where its dataset allows it, that of its arrival. */
function timeOf(
  { time, at = 'timestamp' }: Dataset,
  shown: string | undefined,
  { timestampMs, arrivedMs, isStored }: Given,
  withdrawn: boolean,
): number | Rejected {
  if (timestampMs !== undefined) return timestampMs;
  if (shown === undefined) {
    if (time === 'arrival' && isStored && !withdrawn) return arrivedMs;
    const why =
      time !== 'arrival'
        ? 'a text, ISO 8601 with Z or an offset'
        : withdrawn
          ? 'the time of the reading that is withdrawn'
          : 'ISO 8601 with Z or an offset. Only what comes by the stream or as an upload has its arrival for a time';
    return rejected('missing-field', `${at} is missing; accepted here: ${why}`);
  }
  const read = readTimestamp(shown);
  if (read !== undefined) return read;
  const accepted = 'ISO 8601 with Z or an offset, a real date from 1970 to 2099';
  return rejected('invalid-timestamp', `${at} is ${show(shown)}; accepted: ${accepted}`);
}

function sensorOf(
  dataset: Dataset,
  fields: Readonly<Record<string, unknown>>,
  given: Given,
): string | Rejected {
  const alias = dataset.sensorIdField;
  const named = fields.sensorId as string | undefined; // the schema's type
  const aliased = alias === undefined ? undefined : (fields[alias] as string | undefined); // the schema's type
  if (named !== undefined && aliased !== undefined)
    return rejected('unknown-field', `sensorId and ${alias} are both given; accepted: one of the two`);
  const sensorId = named ?? aliased ?? given.sensorId;
  if (sensorId !== undefined) return sensorId;
  return rejected('missing-field', `${alias ?? 'sensorId'} is missing; accepted: ${acceptedSensorId}`);
}

const sentinel = (name: string, value: unknown) =>
  rejected(
    'missing',
    `${name} is ${show(value)}, which stands for no measurement; accepted: a measured value`,
  );

/** The rejection of the first field that is wrong; fields that aren't known are told last. */
function explain(
  dataset: Dataset,
  record: Readonly<Record<string, unknown>>,
  found: {
    issues: readonly z.core.$ZodRawIssue[];
    known: readonly string[];
    unknownFields: readonly string[];
  },
): Rejected {
  const { issues, known, unknownFields: unknown } = found;
  const issue = issues[0];
  const field = String(issue?.path?.[0] ?? '');
  if (field === '') {
    const shown = unknown.map((name) => show(name)).join(', ');
    return rejected(
      'unknown-field',
      `${shown} is not a field of ${dataset.name}; accepted: ${known.join(', ')}`,
    );
  }
  const value = Object.hasOwn(record, field) ? record[field] : undefined;
  const why = issue?.code === 'custom' && issue.message ? `: ${issue.message}` : '';
  const nothing =
    typeof value === 'string' && dataset.measures[field]?.optional ? wordsForNothing(value) : '';
  const detail = `${field} is ${show(value)}${why}; accepted: ${acceptedBy(dataset, field)}${nothing}`;
  if (field === 'revision') return rejected('invalid-revision', detail);
  if (value === undefined || value === null) {
    const instead =
      unknown.length > 0 ? `; found instead: ${unknown.map((name) => show(name)).join(', ')}` : '';
    return rejected('missing-field', detail + instead);
  }
  const typed = dataset.measures[field]?.type;
  if (typed !== undefined && typed !== 'number') return rejected(reasonOfTyped(typed, value), detail);
  if (dataset.attributes[field]?.values && typeof value === 'string') return rejected('out-of-range', detail);
  if (typeof value === 'number' && dataset.measures[field]) {
    if (!Number.isFinite(value)) return rejected('not-finite', detail);
    return dataset.missing.includes(value) ? sentinel(field, value) : rejected('out-of-range', detail);
  }
  if (typeof value === 'string' && dataset.measures[field] && isWordForNothing(dataset, value))
    return sentinel(field, value);
  if (issue?.code === 'custom') return rejected('invalid-sensor-id', detail);
  return rejected(issue?.code === 'too_big' ? 'out-of-range' : 'wrong-type', detail);
}

/** Why a value is none of its type: out of bounds, or of another type. */
function reasonOfTyped(type: NumberType, value: unknown): RejectReason {
  if (type === 'time' && typeof value === 'string') return 'invalid-timestamp';
  return type === 'integer' && Number.isInteger(value) ? 'out-of-range' : 'wrong-type';
}

/** What else an optional measure may have, said of a word that it may not. */
const wordsForNothing = (word: string): string =>
  `, or a word for nothing such as NA. If ${show(word)} says that nothing was measured, list it in \`missing\` of the dataset`;

function acceptedBy(dataset: Dataset, field: string): string {
  const measure = dataset.measures[field];
  if (measure) return acceptedNumber(measure);
  const attribute = dataset.attributes[field];
  if (attribute?.values) return attribute.values.join(', ');
  if (attribute) return `a text of at most ${attribute.maxLength} characters`;
  if (field === 'revision') return `an integer from 0 to ${maxRevision}`;
  if (field === 'withdrawn') return 'true or false';
  if (field === 'timestamp' || field === dataset.at) return 'a text, ISO 8601 with Z or an offset';
  return field === 'dataset' ? 'a text' : acceptedSensorId;
}
