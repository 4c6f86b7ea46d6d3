import type { Dataset } from '../../dataset/dataset.ts';

/** How a field's value is read. */
export const fieldKinds = {
  dataset: 0,
  sensor: 1,
  timestamp: 2,
  measure: 3,
  attribute: 4,
  revision: 5,
  /** A number that is no measure: of an attribute. */
  typed: 6,
} as const;

export interface Field {
  readonly key: Buffer;
  readonly kind: number;
  /** Of the measure or attribute. */
  readonly column: number;
  readonly isRequired: boolean;
}

/** The fields of a dataset's record, numbered in the order in which `encodeReading` writes them. */
export class FieldTable {
  readonly fields: readonly Field[];
  /** Also under the other names of the sensor and the time, on the wire. */
  readonly #keys: readonly { readonly key: Buffer; readonly field: number }[];

  constructor(dataset: Dataset) {
    const field = (name: string, kind: number, column = 0, isRequired = false): Field => {
      return { key: Buffer.from(name), kind, column, isRequired };
    };
    const { measureNames, measures, attributeNames, attributes, sensorIdField, at } = dataset;
    const kindOf = (name: string) => {
      const { type } = measures[name] ?? {};
      return type === undefined || type === 'number' ? fieldKinds.measure : fieldKinds.typed;
    };
    this.fields = [
      field('dataset', fieldKinds.dataset),
      field('sensorId', fieldKinds.sensor),
      field('timestamp', fieldKinds.timestamp, 0, true),
      ...measureNames.map((name, at) => field(name, kindOf(name), at, !measures[name]?.optional)),
      ...attributeNames.map((name, at) => field(name, fieldKinds.attribute, at, !attributes[name]?.optional)),
      field('revision', fieldKinds.revision),
    ];
    const keys = this.fields.map(({ key }, field) => ({ key, field }));
    if (sensorIdField !== undefined) keys.push({ key: Buffer.from(sensorIdField), field: 1 });
    if (at !== undefined) keys.push({ key: Buffer.from(at), field: 2 });
    this.#keys = keys;
  }

  /** The field of the key between `from` and `to`; -1 for none. Most keys are expected, and not looked up. */
  find(bytes: Buffer, from: number, to: number): number {
    for (const { key, field } of this.#keys) {
      if (key.length === to - from && bytesAre(bytes, from, key)) return field;
    }
    return -1;
  }
}

/** Whether the bytes at `at` are `expected`. They may end before it does. */
export function bytesAre(bytes: Buffer, at: number, expected: Buffer): boolean {
  for (let index = 0; index < expected.length; index++) {
    if (bytes[at + index] !== expected[index]) return false;
  }
  return true;
}
