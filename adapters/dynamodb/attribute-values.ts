/** Items as DynamoDB's JSON writes them, for the types that Caudal's items have: texts, numbers, booleans, maps. */
type AttributeValue = { S: string } | { N: string } | { BOOL: boolean } | { M: AttributeMap };
export type AttributeMap = Record<string, AttributeValue>;

/** @throws {TypeError} for other types; {RangeError} for numbers that are not finite or, as integers, not exact */
function toAttributeValue(value: unknown): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'boolean':
      return { BOOL: value };
    case 'number':
      if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER))
        throw new RangeError(`${value} is no number for an item; accepted: within ±(2^53 - 1)`);
      return { N: String(value) };
    case 'object':
      if (value !== null && Object.getPrototypeOf(value) === Object.prototype)
        return { M: toAttributeMap(value) };
  }
  throw new TypeError(`an item holds ${String(value)}; accepted: texts, numbers, booleans, maps`);
}

/** Attributes that are `undefined` are an error, as they are to the document client. */
export function toAttributeMap(item: object): AttributeMap {
  const map: AttributeMap = {};
  for (const [name, value] of Object.entries(item)) map[name] = toAttributeValue(value);
  return map;
}

/** @throws {TypeError} for types that `toAttributeValue` does not write */
export function fromAttributeMap(item: AttributeMap): Record<string, unknown> {
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(item)) attributes[name] = fromAttributeValue(value);
  return attributes;
}

function fromAttributeValue(value: AttributeValue): unknown {
  if ('S' in value) return value.S;
  if ('N' in value) return Number(value.N);
  if ('BOOL' in value) return value.BOOL;
  if ('M' in value) return fromAttributeMap(value.M);
  throw new TypeError(`an item holds ${Object.keys(value)}; accepted: S, N, BOOL, M`);
}
