import type { DeployedResource } from './deployed.ts';
import { registry, schemaOf } from './deployed.ts';

type Properties = NonNullable<ReturnType<typeof schemaOf>>['properties'];
type PropertyType = Properties[string]['type'];

/**
 * What CloudFormation's registry schema says against these resources, a sentence each: a type or a property that does not exist, a
 * required one that is missing, a value of the wrong type or none of those that are allowed. The schema has no bounds of numbers and no lengths.
 */
export function schemaFaults(resources: readonly DeployedResource[]): string[] {
  return resources.flatMap(({ name, type, properties }) => {
    const schema = schemaOf(type);
    if (schema === undefined) return [`${name}: no such type exists.`];
    return propertyFaults(properties, schema.properties, name);
  });
}

function propertyFaults(value: object, known: Properties, at: string): string[] {
  const missing = Object.entries(known)
    .filter(([key, { required }]) => required === true && !(key in value))
    .map(([key]) => `${at}: ${key} is required.`);
  return [
    ...missing,
    ...Object.entries(value).flatMap(([key, inner]) => {
      const property = known[key];
      if (property === undefined) return [`${at}: no property ${key} exists.`];
      // A schema that was changed still takes what it took.
      const types = [property.type, ...(property.previousTypes ?? [])];
      return leastFaults(types.map((type) => typeFaults(inner, type, `${at}.${key}`)));
    }),
  ];
}

const leastFaults = (alternatives: string[][]): string[] =>
  alternatives.reduce((least, each) => (each.length < least.length ? each : least));

function typeFaults(value: unknown, type: PropertyType, at: string): string[] {
  const wrong = (expected: string): string[] => [`${at}: ${JSON.stringify(value)} is not ${expected}.`];
  switch (type.type) {
    case 'string':
    case 'integer': {
      const right = type.type === 'string' ? typeof value === 'string' : Number.isInteger(value);
      if (!right) return wrong(type.type === 'string' ? 'a string' : 'an integer');
      const allowed: readonly unknown[] | undefined = type.allowedValues;
      return allowed === undefined || allowed.includes(value) ? [] : wrong(`one of ${allowed.join(', ')}`);
    }
    case 'date-time':
      return typeof value === 'string' ? [] : wrong('a time');
    case 'number':
      return typeof value === 'number' ? [] : wrong('a number');
    case 'boolean':
      return typeof value === 'boolean' ? [] : wrong('true or false');
    case 'json':
      return typeof value === 'string' || isObject(value) ? [] : wrong('JSON');
    case 'array':
      if (!Array.isArray(value)) return wrong('a list');
      return value.flatMap((item, index) => typeFaults(item, type.element, `${at}[${index}]`));
    case 'map':
      if (!isObject(value)) return wrong('a map');
      return Object.entries(value).flatMap(([key, item]) => typeFaults(item, type.element, `${at}.${key}`));
    case 'tag':
      return isObject(value) && typeof value.Key === 'string' && typeof value.Value === 'string'
        ? []
        : wrong('a tag with Key and Value');
    case 'union':
      return leastFaults(type.types.map((each) => typeFaults(value, each, at)));
    case 'ref':
      if (!isObject(value)) return wrong('an object');
      return propertyFaults(value, registry.get('typeDefinition', type.reference).properties, at);
    default:
      throw new Error(`${at}: the registry has a type ${type.type} that this check does not know.`);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
