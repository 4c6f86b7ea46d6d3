import type { Dataset } from '../../dataset/dataset.ts';

/** How a field's value is read. */
export const fieldKinds = {
  dataset: 0,
  sensor: 1,
  timestamp: 2,
  measure: 3,
  attribute: 4,
  revision: 5,
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
  /** Also under the sensor's other name, on the wire. */
  readonly #byHash: { readonly hash: number; readonly key: Buffer; readonly field: number }[][];

  constructor(dataset: Dataset) {
    const field = (name: string, kind: number, column = 0, isRequired = false): Field => {
      return { key: Buffer.from(name), kind, column, isRequired };
    };
    const { measureNames, measures, attributeNames, attributes, sensorIdField } = dataset;
    this.fields = [
      field('dataset', fieldKinds.dataset),
      field('sensorId', fieldKinds.sensor),
      field('timestamp', fieldKinds.timestamp, 0, true),
      ...measureNames.map((name, at) => field(name, fieldKinds.measure, at, !measures[name]?.optional)),
      ...attributeNames.map((name, at) => field(name, fieldKinds.attribute, at, !attributes[name]?.optional)),
      field('revision', fieldKinds.revision),
    ];
    this.#byHash = Array.from({ length: 256 }, () => []);
    this.fields.forEach(({ key }, at) => {
      this.#add(key, at);
    });
    if (sensorIdField !== undefined) this.#add(Buffer.from(sensorIdField), 1);
  }

  #add(key: Buffer, field: number): void {
    let hash = 0;
    for (const byte of key) hash = hashed(hash, byte);
    this.#byHash[hash & 255]?.push({ hash, key, field });
  }

  /** The field of the key between `from` and `to`, whose bytes hash to `hash` by {@link hashed}; -1 for none. */
  find(bytes: Buffer, from: number, to: number, hash: number): number {
    const candidates = this.#byHash[hash & 255];
    if (candidates === undefined) return -1;
    for (const { hash: known, key, field } of candidates) {
      if (known === hash && key.length === to - from && bytesAre(bytes, from, key)) return field;
    }
    return -1;
  }
}

/** One step of the hash that dictionaries of bytes go by. */
export function hashed(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0;
}

/** Whether the bytes at `at` are `expected`. They may end before it does. */
export function bytesAre(bytes: Buffer, at: number, expected: Buffer): boolean {
  if (at + expected.length > bytes.length) return false;
  for (let index = 0; index < expected.length; index++) {
    if (bytes[at + index] !== expected[index]) return false;
  }
  return true;
}
