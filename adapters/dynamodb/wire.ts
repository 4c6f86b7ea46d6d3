/** Items as DynamoDB's JSON writes them, for the types that Caudal's items have: texts, numbers, booleans, maps. */
export type WireValue = { S: string } | { N: string } | { BOOL: boolean } | { M: WireItem };
export type WireItem = Record<string, WireValue>;

/** @throws {TypeError} for other types; {RangeError} for numbers that are not finite or, as integers, not exact */
export function toWire(value: unknown): WireValue {
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
        return { M: toWireItem(value) };
  }
  throw new TypeError(`an item holds ${String(value)}; accepted: texts, numbers, booleans, maps`);
}

/** Attributes that are `undefined` are an error, as they are to the document client. */
export function toWireItem(item: object): WireItem {
  const wire: WireItem = {};
  for (const [name, value] of Object.entries(item)) wire[name] = toWire(value);
  return wire;
}

/** @throws {TypeError} for types that `toWire` does not write */
export function fromWireItem(item: WireItem): Record<string, unknown> {
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(item)) attributes[name] = fromWire(value);
  return attributes;
}

function fromWire(value: WireValue): unknown {
  if ('S' in value) return value.S;
  if ('N' in value) return Number(value.N);
  if ('BOOL' in value) return value.BOOL;
  if ('M' in value) return fromWireItem(value.M);
  throw new TypeError(`an item holds ${Object.keys(value)}; accepted: S, N, BOOL, M`);
}
