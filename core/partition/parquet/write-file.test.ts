import { parquetMetadata } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { ByteReader } from '../../bytes/byte-reader.ts';
import type { Column } from './column-writer.ts';
import { readParquet, type Target } from './read-file.ts';
import { readIntegers } from './thrift.ts';
import { writeParquet } from './write-file.ts';

/** One more than a row group has. */
const rows = 131_073;
const at = (of: (row: number) => number) => Float64Array.from({ length: rows }, (_, row) => of(row));
const columns: Column[] = [
  { name: 'sensorId', type: 'numbered', isOptional: false, values: Uint32Array.from(at((row) => (row < 131_072 ? 0 : 1))), texts: ['a', 'b'] },
  { name: 'timestamp', type: 'timestamp', isOptional: false, values: at((row) => row * 1_000) },
  { name: 'revision', type: 'integer', isOptional: false, values: new Int32Array(rows) },
  { name: 'level', type: 'double', isOptional: false, values: at((row) => row / 2) },
  { name: 'flow', type: 'double', isOptional: true, values: at((row) => (row % 2 ? row % 5 : Number.NaN)) },
  { name: 'note', type: 'text', isOptional: true, values: Array.from({ length: rows }, () => null) },
]; // biome-ignore format: a table
const write = () => {
  const metadata = { place: 'Ávila', day: '2024-01-03' };
  return writeParquet({ columns, rows, metadata, createdBy: 'a test' });
};
const footerOf = (file: Uint8Array) => parquetMetadata(new Uint8Array(file).buffer);

describe('the footer of a file', () => {
  test('describes each column by the types of Parquet', () => {
    const { version, schema, num_rows } = footerOf(write());
    expect([version, num_rows]).toEqual([1, BigInt(rows)]);
    const [root, ...fields] = schema;
    expect(root).toMatchObject({ name: 'root', num_children: columns.length });
    const described = fields.map(({ name, type, converted_type, repetition_type, logical_type }) => {
      return [name, type, converted_type, repetition_type, logical_type];
    });
    const utc = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' };
    expect(described).toEqual([
      ['sensorId', 'BYTE_ARRAY', 'UTF8', 'REQUIRED', { type: 'STRING' }],
      ['timestamp', 'INT64', 'TIMESTAMP_MILLIS', 'REQUIRED', utc],
      ['revision', 'INT32', undefined, 'REQUIRED', undefined],
      ['level', 'DOUBLE', undefined, 'REQUIRED', undefined],
      ['flow', 'DOUBLE', undefined, 'OPTIONAL', undefined],
      ['note', 'BYTE_ARRAY', 'UTF8', 'OPTIONAL', { type: 'STRING' }],
    ]);
  });

  test('has who wrote it, and what was to be kept with it', () => {
    const { created_by, key_value_metadata } = footerOf(write());
    expect(created_by).toBe('a test');
    expect(key_value_metadata).toEqual([
      { key: 'place', value: 'Ávila' },
      { key: 'day', value: '2024-01-03' },
    ]);
  });

  test('tells of each row group its rows and its bytes, which follow one another without a gap', () => {
    const file = write();
    const { row_groups, metadata_length } = footerOf(file);
    expect(row_groups.map(({ num_rows }) => num_rows)).toEqual([131_072n, 1n]);
    let end = 4n; // after the four bytes that every file begins with
    for (const { columns: chunks, num_rows, total_byte_size } of row_groups) {
      const start = end;
      for (const { meta_data: about, file_offset } of chunks) {
        expect(file_offset).toBe(0n);
        expect(about?.dictionary_page_offset ?? about?.data_page_offset).toBe(end);
        expect(about?.num_values).toBe(num_rows);
        expect(about?.codec).toBe('UNCOMPRESSED');
        expect(about?.total_uncompressed_size).toBe(about?.total_compressed_size);
        end += about?.total_compressed_size ?? 0n;
      }
      expect(total_byte_size).toBe(end - start);
    }
    expect(Number(end) + metadata_length + 8).toBe(file.length);
  });

  test('tells the name, type and encodings of each column of a row group', () => {
    const [group] = footerOf(write()).row_groups;
    const told = group?.columns.map(({ meta_data: about }) => [
      about?.path_in_schema,
      about?.type,
      about?.encodings,
    ]);
    expect(told).toEqual([
      [['sensorId'], 'BYTE_ARRAY', ['RLE', 'PLAIN', 'RLE_DICTIONARY']],
      [['timestamp'], 'INT64', ['RLE', 'DELTA_BINARY_PACKED']],
      [['revision'], 'INT32', ['RLE', 'PLAIN', 'RLE_DICTIONARY']],
      [['level'], 'DOUBLE', ['RLE', 'PLAIN']],
      [['flow'], 'DOUBLE', ['RLE', 'PLAIN', 'RLE_DICTIONARY']],
      [['note'], 'BYTE_ARRAY', ['RLE', 'PLAIN']],
    ]);
  });

  test('leads to page headers that have what the format asks for', () => {
    const file = write();
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const headerAt = (at: bigint | undefined) =>
      Object.fromEntries(readIntegers(new ByteReader(view, Number(at))));
    const about = footerOf(file).row_groups[0]?.columns[4]?.meta_data; // of `flow`, which is optional and has 5 values
    const { 2: size, 3: compressed, ...dictionary } = headerAt(about?.dictionary_page_offset);
    expect([size, compressed]).toEqual([5 * 8, 5 * 8]);
    expect(dictionary).toEqual({ 1: 2, 7.1: 5, 7.2: 0 }); // a dictionary page of 5 values, PLAIN
    const { 2: bytes, 3: same, ...data } = headerAt(about?.data_page_offset);
    expect(bytes).toBe(same);
    expect(data).toEqual({ 1: 0, 5.1: 131_072, 5.2: 8, 5.3: 3, 5.4: 3 }); // a data page, RLE_DICTIONARY, its levels RLE
  });

  test("has each row group's own bounds and nulls, by which engines skip it", () => {
    const [, last] = footerOf(write()).row_groups;
    const told = last?.columns.map(({ meta_data }) => {
      const { min_value, max_value, null_count } = meta_data?.statistics ?? {};
      return [min_value, max_value, null_count];
    });
    expect(told).toEqual([
      ['b', 'b', 0n],
      [new Date(131_072_000), new Date(131_072_000), 0n],
      [undefined, undefined, 0n],
      [65_536, 65_536, 0n],
      [undefined, undefined, 1n],
      [undefined, undefined, 1n],
    ]);
  });
});

test('a column comes back alone, also where a row group begins with another text or has one value', () => {
  const file = write();
  const read = (name: string, target: Target) => {
    readParquet(file, footerOf(file), new Map([[name, target]]));
    return target;
  };
  const sensors = read('sensorId', { type: 'numbered', values: new Uint32Array(rows), texts: [] });
  expect(sensors).toMatchObject({ texts: ['a', 'b'] });
  expect([0, 131_071, 131_072].map((row) => sensors.values[row])).toEqual([0, 0, 1]);
  const revisions = read('revision', { type: 'numbers', values: new Int32Array(rows).fill(9) });
  expect([0, 131_071, 131_072].map((row) => revisions.values[row])).toEqual([0, 0, 0]);
  const flow = read('flow', { type: 'numbers', values: new Float64Array(rows).fill(Number.NaN) });
  expect([0, 1, 2, 131_071, 131_072].map((row) => flow.values[row])).toEqual([
    Number.NaN,
    1,
    Number.NaN,
    1,
    Number.NaN,
  ]);
});

test.each([0, 1, 131_072])('%i rows are in no more row groups than they need', (count) => {
  const values = new Float64Array(count);
  const column: Column = { name: 'level', type: 'double', isOptional: false, values };
  const file = writeParquet({ columns: [column], rows: count, metadata: {}, createdBy: 'a test' });
  expect(footerOf(file).row_groups.map(({ num_rows }) => Number(num_rows))).toEqual(
    count === 0 ? [] : [count],
  );
});

test('equal columns give equal bytes', () => {
  expect(Buffer.from(write()).equals(write())).toBe(true);
});
