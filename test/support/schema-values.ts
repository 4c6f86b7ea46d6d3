import fc from 'fast-check';
import type { Schema } from './api-requests.ts';

/** Arbitraries by the name of a member, which stand for what its schema can't say. */
export type MemberValues = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/**
 * JSON values of a schema, now and then with a member spoilt, dropped or added. Members that `own` names are its values instead.
 * @throws Error for a schema of a kind that it does not know
 */
export function valuesOf(schema: Schema, own: MemberValues): fc.Arbitrary<unknown> {
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => valuesOf(one, own)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case undefined:
      return fc.jsonValue();
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 2 ** 31 - 1 });
    case 'number':
      return fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
    case 'string':
      return textOf(schema);
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}, own), { maxLength: 3 });
    case 'object':
      return schema.properties ? membersOf(schema, schema.properties, own) : labelsOf(schema, own);
    default:
      throw new Error(`no values for ${JSON.stringify(schema)}`);
  }
}

function textOf({ pattern, minLength = 0, maxLength = 20 }: Schema): fc.Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  const size = { minLength, maxLength: Math.min(maxLength, 20) };
  return fc.oneof(fc.string(size), fc.string({ ...size, unit: 'binary' }));
}

/** An object of free names. */
function labelsOf({ propertyNames, additionalProperties }: Schema, own: MemberValues) {
  return fc.dictionary(textOf(propertyNames ?? {}), valuesOf(additionalProperties || {}, own), {
    maxKeys: 4,
  });
}

function membersOf(
  { required = [] }: Schema,
  properties: Readonly<Record<string, Schema>>,
  own: MemberValues,
): fc.Arbitrary<unknown> {
  const members = Object.entries(properties).map(([name, of]) => {
    const good = Object.hasOwn(own, name) ? own[name] : undefined;
    return [name, seldomSpoilt(good ?? valuesOf(of, own))] as const;
  });
  const record = Object.fromEntries(members);
  return fc.oneof(
    { arbitrary: fc.record(record, { requiredKeys: [...required] }), weight: 20 },
    { arbitrary: fc.record(record, { requiredKeys: [] }), weight: 1 },
    {
      arbitrary: fc
        .tuple(fc.record(record, { requiredKeys: [...required] }), fc.string(), fc.jsonValue())
        .map(([object, name, value]) => ({ ...object, [name]: value })),
      weight: 1,
    },
  );
}

const seldomSpoilt = (good: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ arbitrary: good, weight: 30 }, { arbitrary: fc.jsonValue(), weight: 1 });
