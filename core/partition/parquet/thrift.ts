import type { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';

/** Parquet's numbers for what is used of it, in its footers and page headers. */
export const physicalTypes = { boolean: 0, int32: 1, int64: 2, double: 5, byteArray: 6 } as const;
export const convertedTypes = { utf8: 0, timestampMillis: 9 } as const;
export const repetitions = { required: 0, optional: 1 } as const;
export const encodings = { plain: 0, rle: 3, deltaBinaryPacked: 5, rleDictionary: 8 } as const;
export const pageTypes = { data: 0, dictionary: 2 } as const;
export const uncompressed = 0;

/**
 * As much of Thrift's compact protocol as Parquet's footers and page headers need. A struct is its fields in the order of
 * their ids, which differ by at most 15.
 */
export type ThriftValue =
  | { readonly type: 'true' }
  | { readonly type: 'i32' | 'i64'; readonly value: number }
  | { readonly type: 'binary'; readonly value: string | Uint8Array }
  | { readonly type: 'list'; readonly value: readonly ThriftValue[]; readonly of: ThriftValue['type'] }
  | { readonly type: 'struct'; readonly value: ThriftStruct };
export type ThriftStruct = readonly (readonly [id: number, value: ThriftValue | undefined])[];

const codes = { true: 1, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

export const i32 = (value: number): ThriftValue => ({ type: 'i32', value });
export const i64 = (value: number): ThriftValue => ({ type: 'i64', value });
/** A field that is true: of booleans nothing else is written. */
export const yes: ThriftValue = { type: 'true' };
export const binary = (value: string | Uint8Array): ThriftValue => ({ type: 'binary', value });
export const struct = (...value: ThriftStruct): ThriftValue => ({ type: 'struct', value });
export const list = (of: ThriftValue['type'], value: readonly ThriftValue[]): ThriftValue => {
  return { type: 'list', of, value };
};

export function writeThrift(writer: ByteWriter, value: ThriftValue): void {
  switch (value.type) {
    case 'true':
      break; // its type says all
    case 'i32':
    case 'i64':
      writer.zigzag(value.value);
      break;
    case 'binary': {
      const bytes = Buffer.from(value.value as string); // Buffer.from takes both
      writer.varint(bytes.length);
      writer.append(bytes);
      break;
    }
    case 'list':
      if (value.value.length < 15) writer.byte((value.value.length << 4) | codes[value.of]);
      else {
        writer.byte(0xf0 | codes[value.of]);
        writer.varint(value.value.length);
      }
      for (const element of value.value) writeThrift(writer, element);
      break;
    case 'struct': {
      let last = 0;
      for (const [id, field] of value.value) {
        if (field === undefined) continue;
        writer.byte(((id - last) << 4) | codes[field.type]);
        writeThrift(writer, field);
        last = id;
      }
      writer.byte(0);
    }
  }
}

/**
 * The integers of a page header by the path of their ids: `5.2` is field 2 of the struct in field 5.
 * @throws {RangeError} when it breaks off, or has what {@link writeThrift} is not given for one
 */
export function readIntegers(reader: ByteReader, path = '', found = new Map<string, number>()) {
  let id = 0;
  for (let header = reader.byte(); header !== 0; header = reader.byte()) {
    id += header >> 4;
    const type = header & 15;
    if (type === codes.i32) found.set(`${path}${id}`, reader.zigzag());
    else if (type === codes.struct) readIntegers(reader, `${path}${id}.`, found);
    else throw new RangeError(`a page header has a field of type ${type}; accepted: i32 (5), struct (12)`);
  }
  return found;
}
