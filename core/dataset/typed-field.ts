import { endTimestampMs, minTimestampMs, parseTimestamp } from '../time/calendar.ts';
import type { Attribute, DatasetDefinition, Measure, NumberType } from './definition.ts';

/** A column of numbers: a measure, or an attribute of events that is no text. */
export interface NumberField extends Measure {
  /** Of an attribute: its numbers are not measured, so that they are summed up nowhere. */
  readonly type?: NumberType;
}

/** An attribute that is no text, with its bounds. */
export type TypedField = NumberField & { readonly type: NumberType };

/** A column of texts. */
export interface TextField {
  readonly maxLength: number;
  readonly optional?: boolean;
  /** The only ones that there can be; events are counted by them. */
  readonly values?: readonly string[];
}

/** Of numbers that a double, a page of statistics and a Parquet file hold exactly. */
export const numberLimit = 1e15;

/** The column of an attribute that is a number, a boolean or a time. */
export function typedFieldOf({
  type,
  min,
  max,
  optional,
}: Extract<Attribute, { type: NumberType }>): TypedField {
  const may = optional === undefined ? {} : { optional };
  if (type === 'boolean') return { unit: '', min: 0, max: 1, type, ...may };
  if (type === 'time') return { unit: 'UTC ms', min: minTimestampMs, max: endTimestampMs - 1, type, ...may };
  return { unit: '', min: min ?? -numberLimit, max: max ?? numberLimit, type, ...may };
}

/** The columns of a sound definition: numbers are its measures and then its typed attributes, texts its others. */
export function fieldsOf({ measures = {}, attributes = {} }: DatasetDefinition): {
  readonly measures: Readonly<Record<string, NumberField>>;
  readonly attributes: Readonly<Record<string, TextField>>;
} {
  const numbers: Record<string, NumberField> = { ...measures };
  const texts: Record<string, TextField> = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    if ('type' in attribute) numbers[name] = typedFieldOf(attribute);
    else if ('values' in attribute)
      texts[name] = { maxLength: Math.max(...attribute.values.map(({ length }) => length)), ...attribute };
    else texts[name] = attribute;
  }
  return { measures: numbers, attributes: texts };
}

/** What is accepted as a value of the field, for messages. */
export function acceptedNumber({ type, min, max, unit }: NumberField): string {
  if (type === 'boolean') return 'true or false';
  if (type === 'time') return 'a text, ISO 8601 with Z or an offset, from 1970 to 2099';
  if (type === 'integer') return `a whole number from ${min} to ${max}`;
  return `a number from ${min} to ${max}${unit === '' && type !== undefined ? '' : ` (${unit})`}`;
}

/** The number that stands for what a record has in the place of a typed attribute; `undefined` where it can't be one. Bounds are not looked at. */
export function numberOfTyped(type: NumberType, found: unknown): number | undefined {
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(found) ? (found as number) : undefined;
    case 'number':
      return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
    case 'boolean':
      if (typeof found === 'boolean') return found ? 1 : 0;
      return found === 'true' ? 1 : found === 'false' ? 0 : undefined;
    case 'time':
      return typeof found === 'string' ? parseTimestamp(found) : undefined;
  }
}

/** What a number of a field says, as JSON has it: a measure and a number say themselves. */
export function valueOfNumber(type: NumberType | undefined, value: number): number | boolean | string {
  if (type === 'boolean') return value === 1;
  return type === 'time' ? new Date(value).toISOString() : value;
}
