import type { Attribute, DatasetDefinition, NumberType } from './definition.ts';
import { numberLimit, type TypedField, typedFieldOf } from './typed-field.ts';

/** What is wrong: the member, what was found, and what is accepted. */
type EventsFault = readonly [field: string, found: unknown, accepted: string];

const types: Readonly<Record<NumberType, true>> = { integer: true, number: true, boolean: true, time: true };
const eventMembers = ['entity', 'at', 'identity', 'sequence', 'filledBy'] as const;
const maxIdentity = 4;
const maxValues = 100;

/** The first fault of what makes a dataset one of events; `undefined` where it is sound, or one of readings without it. */
export function checkEvents(definition: DatasetDefinition): EventsFault | undefined {
  const { kind, sensorIdField, defaultSensorId, time, expectedEvery, filledBy, attributes = {} } = definition;
  if (kind !== undefined && kind !== 'readings' && kind !== 'events')
    return ['kind', kind, 'readings or events'];
  if (kind !== 'events') {
    const odd = eventMembers.find((member) => definition[member] !== undefined);
    if (odd !== undefined) return [odd, definition[odd], "none without kind: 'events'"];
    const typed = Object.entries(attributes).find(([, attribute]) => isTyped(attribute));
    return typed && [`attributes.${typed[0]}`, typed[1], "texts: other types are those of kind: 'events'"];
  }
  if (sensorIdField !== undefined)
    return ['sensorIdField', sensorIdField, 'none of events: `entity` names the field'];
  if (defaultSensorId !== undefined) return ['defaultSensorId', defaultSensorId, 'none of events'];
  if (time !== undefined) return ['time', time, 'none of events: each has its own'];
  if (expectedEvery !== undefined) return ['expectedEvery', expectedEvery, 'none of events'];
  if (filledBy !== undefined && filledBy !== 'streams')
    return [
      'filledBy',
      filledBy,
      'streams, or none, where lines of the dataset are sent by anybody who may write',
    ];
  for (const member of ['entity', 'at'] as const)
    if (typeof definition[member] !== 'string')
      return [member, definition[member], 'the name of a field of its own'];
  const long = definition.formats?.findIndex?.((format) => format?.long !== undefined) ?? -1;
  if (long !== -1)
    return [
      `formats[${long}].long`,
      definition.formats?.[long]?.long,
      'none of events: a line has a whole one',
    ];
  return checkIdentity(definition, attributes) ?? checkSequence(definition, attributes);
}

const isTyped = (attribute: Attribute): boolean => 'type' in attribute || 'values' in attribute;

function checkIdentity(
  { identity }: DatasetDefinition,
  attributes: Readonly<Record<string, Attribute>>,
): EventsFault | undefined {
  const may = (name: unknown) => {
    const attribute = typeof name === 'string' && Object.hasOwn(attributes, name) && attributes[name];
    if (!attribute || attribute.optional) return false;
    return !('type' in attribute) || attribute.type === 'integer';
  };
  const accepted = `1 to ${maxIdentity} attributes, each once: texts, lists or integers that are not optional`;
  if (!Array.isArray(identity) || identity.length === 0 || identity.length > maxIdentity)
    return ['identity', identity, accepted];
  if (!identity.every(may) || new Set(identity).size < identity.length)
    return ['identity', identity, accepted];
  return undefined;
}

function checkSequence(
  { sequence }: DatasetDefinition,
  attributes: Readonly<Record<string, Attribute>>,
): EventsFault | undefined {
  if (sequence === undefined) return undefined;
  const attribute = Object.hasOwn(attributes, sequence) ? attributes[sequence] : undefined;
  const isOrdered =
    attribute !== undefined &&
    ('values' in attribute || ('type' in attribute && attribute.type === 'integer'));
  return isOrdered && !attribute.optional
    ? undefined
    : ['sequence', sequence, 'an integer attribute, or one of a list of texts, that is not optional'];
}

/** The first fault of an attribute of events, but for its name; `undefined` for a sound one, and for a text. */
export function checkTypedAttribute(field: string, attribute: Attribute): EventsFault | undefined {
  if ('values' in attribute) {
    const { values } = attribute;
    const isText = (value: unknown) =>
      typeof value === 'string' && /^[\p{L}\p{N}\p{P}\p{S} ]{1,64}$/u.test(value) && !(value in Object.prototype);
    if (!Array.isArray(values) || values.length === 0 || values.length > maxValues || !values.every(isText))
      return [`${field}.values`, values, `1 to ${maxValues} texts of 1 to 64 printable characters`];
    if (new Set(values).size < values.length) return [`${field}.values`, values, 'each text once'];
    return undefined;
  } // biome-ignore format: short
  if (!('type' in attribute)) return undefined;
  const { type, min, max } = attribute;
  if (!Object.hasOwn(types, String(type))) return [`${field}.type`, type, Object.keys(types).join(', ')];
  const isBounded = type === 'integer' || type === 'number';
  for (const [name, bound] of Object.entries({ min, max }))
    if (bound !== undefined && !(isBounded && Math.abs(bound) <= numberLimit))
      return [`${field}.${name}`, bound, isBounded ? 'a number within ±1e15' : `none of a ${type}`];
  const { min: least, max: most }: TypedField = typedFieldOf(attribute);
  return most < least ? [`${field}.max`, max, 'a number from min to 1e15'] : undefined;
}
