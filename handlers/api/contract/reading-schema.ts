import type { Dataset } from '../../../core/dataset/dataset.ts';
import { maxRevision } from '../../../core/dataset/reading.ts';
import { acceptedSensorId, maxSensorIdBytes } from '../../../core/dataset/sensor-id.ts';
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
  const alias = dataset.sensorIdField;
  const naming = (name: string) => ({ properties: { [name]: sensorId }, required: [name] });
  const properties: Record<string, unknown> = {
    dataset: { const: dataset.name },
    sensorId,
    ...(alias === undefined ? {} : { [alias]: sensorId }),
    timestamp: {
      ...{ type: 'string', format: 'date-time' },
      description: `from ${dataset.earliest} on, in ${dataset.timeZone}, and at most ${dataset.maxAhead} ahead of its arrival`,
    },
  };
  const required = ['timestamp'];
  for (const [name, { unit, min, max, optional }] of Object.entries(dataset.measures)) {
    const sentinels = dataset.missing.filter((value) => value >= min && value <= max);
    properties[name] = {
      type: optional ? ['number', 'null'] : 'number',
      minimum: min,
      maximum: max,
      description: unit,
      ...(sentinels.length > 0 ? { not: { enum: sentinels } } : {}),
    };
    if (!optional) required.push(name);
  }
  for (const [name, { maxLength, optional }] of Object.entries(dataset.attributes)) {
    properties[name] = { type: optional ? ['string', 'null'] : 'string', maxLength };
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
    ...(alias === undefined ? {} : { oneOf: ['sensorId', alias].map(naming) }),
    additionalProperties: false,
  };
}
