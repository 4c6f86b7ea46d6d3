import { describe, expect, test } from 'vitest';
import { ByteWriter } from '../../bytes/byte-writer.ts';
import { type Chunk, type Column, ColumnWriter } from './column-writer.ts';
import { encodings } from './thrift.ts';

const doubles = (values: ArrayLike<number>, isOptional = false): Column => {
  return { name: 'level', type: 'double', isOptional, values: Float64Array.from(values) };
};
const texts = (values: readonly (string | null)[], isOptional = false): Column => {
  return { name: 'note', type: 'text', isOptional, values };
};
const integers = (values: ArrayLike<number>): Column => {
  return { name: 'revision', type: 'integer', isOptional: false, values: Int32Array.from(values) };
};
const timestamps = (values: ArrayLike<number>): Column => {
  return { name: 'timestamp', type: 'timestamp', isOptional: false, values: Float64Array.from(values) };
};
/** `count` values, of which `different` are different. */
const some = (count: number, different: number) => Array.from({ length: count }, (_, at) => at % different);

function write(column: Column): Chunk & { bytes: number } {
  const rows = column.values.length;
  const chunk = new ColumnWriter(new ByteWriter(), rows).write(column, 0, rows);
  return { ...chunk, bytes: chunk.end - chunk.start };
}

describe('numbers have a dictionary', () => {
  test.each([
    ['when half of them are different', 100, 50, true],
    ['but not when more are', 100, 51, false],
    ['of up to 32,768', 65_600, 32_768, true],
    ['but not of more', 65_600, 32_769, false],
  ])('%s', (_, count, different, has) => {
    const { hasDictionary, encoding } = write(doubles(some(count, different)));
    expect([hasDictionary, encoding]).toEqual([has, has ? encodings.rleDictionary : encodings.plain]);
  });

  test('of those that are there, and none when none is', () => {
    const half = some(200, 50).flatMap((value) => [value, Number.NaN]);
    expect(write(doubles(half, true)).hasDictionary).toBe(true);
    expect(write(doubles(half.slice(0, 50), true)).hasDictionary).toBe(false);
    expect(write(doubles([Number.NaN, Number.NaN], true)).hasDictionary).toBe(false);
  });

  test('that keeps 0 and -0 apart', () => {
    expect(write(doubles([0, -0, 0, -0])).bytes).toBe(write(doubles([1, 2, 1, 2])).bytes);
  });
});

describe('texts have a dictionary', () => {
  const named = (count: number, different: number) => some(count, different).map((value) => `text ${value}`);

  test.each([
    ['when there is but one', 1, 1, true],
    ['when one more than half of them are different', 4, 3, true],
    ['but not when more are', 4, 4, false],
    ['of up to 32,768', 65_600, 32_768, true],
    ['but not of more', 65_600, 32_769, false],
  ])('%s', (_, count, different, has) => {
    const { hasDictionary, encoding } = write(texts(named(count, different)));
    expect([hasDictionary, encoding]).toEqual([has, has ? encodings.rleDictionary : encodings.plain]);
  });

  test('of those that are there, and none when none is', () => {
    expect(write(texts([null, 'a', null, 'b', null, 'c'], true)).hasDictionary).toBe(false);
    expect(write(texts([null, 'a', null, 'a', null, 'b'], true)).hasDictionary).toBe(true);
    expect(write(texts([null, null], true)).hasDictionary).toBe(false);
  });
});

describe('a column of 100,000 rows takes', () => {
  const rows = 100_000;

  test.each<[string, Column]>([
    ['one number', doubles(some(rows, 1))],
    ['one number, optional', doubles(some(rows, 1), true)],
    ['no number', doubles(Array.from({ length: rows }, () => Number.NaN), true)],
    ['one text', texts(Array.from({ length: rows }, () => 'Ebro'))],
    ['no text', texts(Array.from({ length: rows }, () => null), true)],
    ['one revision', integers(some(rows, 1))],
    ['one sensor', { name: 'sensorId', type: 'numbered', isOptional: false, values: new Uint32Array(rows), texts: ['a'] }],
    ['one sensor of many', { name: 'sensorId', type: 'numbered', isOptional: false, values: new Uint32Array(rows).fill(7), texts: Array.from({ length: 20 }, (_, at) => `sensor ${at}`) }],
  ])('next to nothing with %s', (_, column) => {
    expect(write(column).bytes).toBeLessThan(120);
  }); // biome-ignore format: a table

  test.each<[string, number, Column]>([
    ['2 bits a row with 4 numbers', 2, doubles(some(rows, 4))],
    ['2 bits a row with 4 texts', 2, texts(some(rows, 4).map(String))],
    ['1 bit a row more where some are absent', 3, doubles(some(rows, 5).map((value) => value || Number.NaN), true)],
    ['64 bits a row with numbers that differ', 64, doubles(some(rows, rows))],
    ['64 bits a row with timestamps far apart', 64, timestamps(some(rows, 2).map((value) => value * 2 ** 33))],
    ['1 bit a row with revisions of which every second is one more', 1, integers(some(rows, 2).map((_, row) => Math.floor(row / 2)))],
    ['no more than its irregularity with timestamps', 10, timestamps(some(rows, 1_000).map((jitter, row) => row * 60_000 + (jitter * 7) % 512))],
    ['32 bits a row with revisions that differ by all there is', 32, integers(some(rows, 2).map((value) => value ? 2 ** 31 - 1 : -(2 ** 31)))],
  ])('%s', (_, bits, column) => {
    const { bytes } = write(column);
    expect(bytes).toBeGreaterThan(0.9 * (bits - 1) * (rows / 8));
    // Blocks of steps have a header of up to 15 bytes each 128.
    expect(bytes).toBeLessThan((bits * rows) / 8 + (column.type === 'timestamp' || column.type === 'integer' ? 15 * (rows / 128) : 0) + 120);
  }); // biome-ignore format: a table
});

test('what is written of a column follows from it alone, not from what the writer wrote before', () => {
  const columns: Column[] = [
    doubles(some(100, 7).map((value) => value || Number.NaN), true),
    texts(some(100, 3).map((value) => (value ? `${value}` : null)), true),
    doubles(some(100, 100)),
    integers(some(100, 9)),
    timestamps(some(100, 100)),
    texts(some(100, 100).map(String)),
    doubles(Array.from({ length: 100 }, () => Number.NaN), true),
  ]; // biome-ignore format: a table
  const alone = columns.map((column) => {
    const writer = new ByteWriter();
    const { start, dataStart, end, ...about } = new ColumnWriter(writer, 100).write(column, 10, 90);
    return { about, dataAt: dataStart - start, bytes: writer.bytes.toString('hex', start, end) };
  });
  const writer = new ByteWriter(1);
  const columnWriter = new ColumnWriter(writer, 100);
  for (const order of [columns, columns.toReversed()]) {
    for (const column of order) {
      const { start, dataStart, end, ...about } = columnWriter.write(column, 10, 90);
      const expected = alone[columns.indexOf(column)];
      expect({ about, dataAt: dataStart - start, bytes: writer.bytes.toString('hex', start, end) }).toEqual(
        expected,
      );
    }
  }
});
