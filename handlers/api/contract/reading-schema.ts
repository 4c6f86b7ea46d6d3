import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { NumberType } from '../../../core/dataset/definition.ts';
import { maxRevision } from '../../../core/dataset/reading.ts';
import { acceptedSensorId, maxSensorIdBytes } from '../../../core/dataset/sensor-id.ts';
import type { NumberField } from '../../../core/dataset/typed-field.ts';
import { maxSubmittedRevision } from './readings.ts';

/**
 * JSON Schema (2020-12) of one reading of a dataset over HTTP. What it can't say but in words: a timestamp lies in the years 1970 to
 * 2099 and within the dataset's bounds, and has no more than milliseconds; a sensor's id is bounded in bytes, and holds nothing invisible.
 */
export function readingSchema(dataset: Dataset): Record<string, unknown> {
  const sensorId = {
    type: ['string', 'integer'],
    minLength: 1,
    maxLength: maxSensorIdBytes,
    pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]+$',
    description: acceptedSensorId,
  };
  const { sensorIdField: alias, at } = dataset;
  const properties: Record<string, unknown> = {
    dataset: { const: dataset.name },
    sensorId,
    ...(alias === undefined ? {} : { [alias]: sensorId }),
    timestamp: {
      ...{ type: 'string', format: 'date-time' },
      description: `from ${dataset.earliest} on, in ${dataset.timeZone}, and at most ${dataset.maxAhead} ahead of its arrival`,
    },
  };
  const required = at === undefined ? ['timestamp'] : [];
  if (at !== undefined) properties[at] = properties.timestamp;
  for (const [name, { unit, min, max, optional, type }] of Object.entries(dataset.measures)) {
    if (!optional) required.push(name);
    if (type !== undefined) {
      properties[name] = typedSchema({ min, max, type, optional: optional ?? false });
      continue;
    }
    const sentinels = dataset.missing.filter((value) => value >= min && value <= max);
    properties[name] = {
      type: optional ? ['number', 'null'] : 'number',
      minimum: min,
      maximum: max,
      description: unit,
      ...(sentinels.length > 0 ? { not: { enum: sentinels } } : {}),
    };
  }
  for (const [name, { maxLength, optional, values }] of Object.entries(dataset.attributes)) {
    const type = optional ? ['string', 'null'] : 'string';
    properties[name] = values ? { type, enum: optional ? [...values, null] : values } : { type, maxLength };
    if (!optional) required.push(name);
  }
  properties.revision = {
    ...{ type: 'integer', minimum: 0, maximum: maxRevision, default: 0 },
    description: `over HTTP at most ${maxSubmittedRevision}`,
  };
  properties.withdrawn = { type: 'boolean', default: false };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: dataset.name,
    type: 'object',
    properties,
    required: alias === undefined ? ['sensorId', ...required] : required,
    ...namings(
      [alias === undefined ? [] : ['sensorId', alias], at === undefined ? [] : ['timestamp', at]],
      properties,
    ),
    additionalProperties: false,
  };
}

/** One of two names each. What is required has to be defined beside it, or linters find fault. */
function namings(
  names: readonly (readonly string[])[],
  properties: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const choices = names
    .filter((choice) => choice.length > 0)
    .map((choice) => ({
      oneOf: choice.map((name) => ({ properties: { [name]: properties[name] }, required: [name] })),
    }));
  if (choices.length > 1) return { allOf: choices };
  return choices[0] ?? {};
}

/** Of an attribute of events that is no text. */
function typedSchema({
  min,
  max,
  type,
  optional,
}: Pick<NumberField, 'min' | 'max'> & { type: NumberType; optional: boolean }) {
  const may = (json: string) => (optional ? [json, 'null'] : json);
  if (type === 'boolean') return { type: may('boolean') };
  if (type === 'time') return { type: may('string'), format: 'date-time' };
  return { type: may(type), minimum: min, maximum: max };
}
