import { describe, expect, test } from 'vitest';
import { ByteReader } from '../../bytes/byte-reader.ts';
import { ByteWriter } from '../../bytes/byte-writer.ts';
import { i32, list, readIntegers, struct, type ThriftValue, writeThrift } from './thrift.ts';

const readerOf = (bytes: Uint8Array) =>
  new ByteReader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);

function written(value: ThriftValue): Buffer {
  const writer = new ByteWriter(1);
  writeThrift(writer, value);
  return writer.bytes.subarray(0, writer.length);
}

describe('a page header', () => {
  test('comes back as its integers by their paths', () => {
    const deep = struct([1, i32(3)], [9, struct([15, i32(0)])]);
    const reader = readerOf(written(struct([1, i32(-7)], [2, undefined], [5, deep], [6, i32(2 ** 31 - 1)])));
    expect(Object.fromEntries(readIntegers(reader))).toEqual({ 1: -7, 5.1: 3, '5.9.15': 0, 6: 2 ** 31 - 1 });
    expect(() => reader.byte()).toThrow(RangeError); // all was read
  });

  test.each([1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 13])('is refused with a field of type %i', (type) => {
    const read = () => readIntegers(readerOf(Uint8Array.of(0x10 | type, 0, 0)));
    expect(read).toThrow(
      new RangeError(`a page header has a field of type ${type}; accepted: i32 (5), struct (12)`),
    );
  });

  test('that breaks off is refused', () => {
    const bytes = written(struct([1, i32(300)], [5, struct([1, i32(3)])]));
    for (let length = 0; length < bytes.length; length++)
      expect(() => readIntegers(readerOf(bytes.subarray(0, length)))).toThrow(RangeError);
  });
});

test('a list has its length in its first byte up to 14, and after it from 15 on', () => {
  const of = (count: number) =>
    written(
      list(
        'i32',
        Array.from({ length: count }, () => i32(1)),
      ),
    );
  expect([...of(14).subarray(0, 2)]).toEqual([0xe5, 2]);
  expect([...of(15).subarray(0, 3)]).toEqual([0xf5, 15, 2]);
  expect([of(0).length, of(14).length, of(15).length]).toEqual([1, 15, 17]);
});

describe('bytes', () => {
  test('come back, whatever the writer had room for', () => {
    const numbers = [0, 1, 127, 128, 16_383, 16_384, 2 ** 32, Number.MAX_SAFE_INTEGER];
    const writer = new ByteWriter(1);
    for (const number of numbers) writer.varint(number);
    for (const number of [0, -1, 1, 2 ** 51, -(2 ** 51)]) writer.zigzag(number);
    for (const number of [0, 2 ** 32 - 1]) writer.uint32(number);
    writer.append(Buffer.from('abc'));
    writer.byte(255);
    const reader = readerOf(writer.bytes.subarray(0, writer.length));
    expect(numbers.map(() => reader.varint())).toEqual(numbers);
    expect([0, 0, 0, 0, 0].map(() => reader.zigzag())).toEqual([0, -1, 1, 2 ** 51, -(2 ** 51)]);
    expect([reader.uint32(), reader.uint32()]).toEqual([0, 2 ** 32 - 1]);
    expect([1, 2, 3, 4].map(() => reader.byte())).toEqual([97, 98, 99, 255]);
    expect(() => reader.byte()).toThrow(RangeError);
  });

  test.each([
    [0, 1],
    [127, 1],
    [128, 2],
    [16_383, 2],
    [16_384, 3],
    [Number.MAX_SAFE_INTEGER, 8],
  ])('of %i, 7 bits in each, are %i', (number, count) => {
    const writer = new ByteWriter();
    writer.varint(number);
    expect(writer.length).toBe(count);
  });

  test('are not copied each time that some are added', () => {
    const writer = new ByteWriter(1);
    const buffers = new Set<Buffer>();
    for (let at = 0; at < 100_000; at++) {
      writer.byte(at);
      buffers.add(writer.bytes);
    }
    expect(buffers.size).toBeLessThan(20);
    expect(writer.bytes.length).toBeLessThanOrEqual(2 * 100_000);
  });

  test('fill the room that there is to the last', () => {
    const writer = new ByteWriter(8);
    const { bytes } = writer;
    writer.uint32(1);
    writer.uint32(2);
    expect(writer.bytes).toBe(bytes);
  });
});
