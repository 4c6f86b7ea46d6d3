import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import {
  readDoubles,
  readIntegers,
  readTimes,
  writeDoubles,
  writeIntegers,
  writeTimes,
} from './page-columns.ts';

/** A column behind one other byte, and as a page that lies among other bytes: to read those would be to read another page. */
const start = 1;
function written(write: (out: ByteWriter) => void): Buffer {
  const out = new ByteWriter(8);
  out.byte(77);
  write(out);
  return Buffer.from(out.bytes.subarray(0, out.length));
}
function readerOf(page: Uint8Array): ByteReader {
  const around = Buffer.concat([Buffer.alloc(64, 1), page, Buffer.alloc(64, 1)]);
  return new ByteReader(new DataView(around.buffer, around.byteOffset + 64, page.length), start);
}

interface Column<Value> {
  readonly write: (out: ByteWriter, values: readonly Value[]) => void;
  readonly read: (reader: ByteReader, length: number, rows: readonly number[]) => readonly Value[];
  readonly values: fc.Arbitrary<Value>;
}

const integers = (kind: 'signed' | 'unsigned', values: fc.Arbitrary<bigint>): Column<bigint> => ({
  write: (out, column) => writeIntegers(out, column, kind),
  read: (reader, length, rows) => readIntegers(reader, length, rows, kind),
  values,
});
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);

const columns = {
  signed: integers('signed', fc.bigInt({ min: -(2n ** 90n), max: 2n ** 90n })),
  unsigned: integers('unsigned', fc.bigInt({ min: 0n, max: 2n ** 90n })),
  doubles: { write: writeDoubles, read: readDoubles, values: finite },
  decimals: {
    write: writeDoubles,
    read: readDoubles,
    values: fc.integer({ min: -(10 ** 9), max: 10 ** 9 }).map((integer) => integer / 1_000 + 0),
  },
  times: { write: writeTimes, read: readTimes, values: fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) }) },
} satisfies Record<string, Column<bigint> | Column<number>>;
const table = Object.entries(columns) as unknown as [string, Column<unknown>][]; // each is a column of its own values

describe.each(table)('a column of %s', (_, { write, read, values }) => {
  test('comes back, all of it or some rows, and the reader is behind it', () => {
    fc.assert(
      fc.property(
        fc.array(values, { maxLength: 12 }),
        fc.array(fc.boolean(), { maxLength: 12 }),
        (column, wanted) => {
          const page = written((out) => write(out, column));
          const all = column.map((__, row) => row);
          for (const rows of [all, all.filter((row) => wanted[row]), []])
            for (const behind of [Buffer.alloc(0), Buffer.from([200, 1])]) {
              const reader = readerOf(Buffer.concat([page, behind]));
              expect(read(reader, column.length, rows)).toEqual(rows.map((row) => column[row]));
              expect(reader.at).toBe(page.length);
            }
        },
      ),
    );
  });

  test('that is cut is refused, whatever lies behind the page', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 2, maxLength: 4 }), fc.nat(), (column, at) => {
        const page = written((out) => write(out, column));
        const cut = page.subarray(0, start + (at % (page.length - start)));
        const all = column.map((__, row) => row);
        expect(() => read(readerOf(cut), column.length, all)).toThrow(RangeError);
      }),
    );
  });
});

test('integers are their lengths, of signed ones twice these and one more where they are negative, and then their bytes', () => {
  const bytesOf = (values: readonly bigint[], kind: 'signed' | 'unsigned') => [
    ...written((out) => writeIntegers(out, values, kind)).subarray(start),
  ];
  expect(bytesOf([0n, 5n, 300n], 'unsigned').slice(0, 4)).toEqual([0, 1, 2, 5]);
  expect(bytesOf([0n, 5n, -5n], 'signed')).toEqual([0, 2, 3, 5, 5]);
});

test('bytes of integers and doubles that are not there are told as such', () => {
  const cut = (write: (out: ByteWriter) => void) => readerOf(written(write).subarray(0, -1));
  const ofIntegers = cut((out) => writeIntegers(out, [1n, 300n], 'unsigned'));
  expect(() => readIntegers(ofIntegers, 2, [0], 'unsigned')).toThrow('the page ends too early');
  const ofDoubles = cut((out) => writeDoubles(out, [Math.PI, Math.E]));
  expect(() => readDoubles(ofDoubles, 2, [0])).toThrow('the page ends too early');
});

test.each([
  [0, [3, -7]],
  [0, [2 ** 51 - 1]],
  [255, [2 ** 51]],
  [2, [20.5, 20.25]],
  [6, [0.000001, 0.5]],
  [255, [0.0000001, 0.5]],
  [255, [1e300]],
])(
  'a column of doubles begins with the places of its decimals, or says that it has doubles: %d of %j',
  (first, values) => {
    expect(written((out) => writeDoubles(out, values))[start]).toBe(first);
  },
);

test('decimals of more places than are written are refused', () => {
  expect(() => readDoubles(readerOf(Buffer.from([0, 7, 2])), 1, [0])).toThrow('decimals of 7 places');
  expect(readDoubles(readerOf(Buffer.from([0, 6, 2])), 1, [0])).toEqual([0.000001]);
});

test('times take a byte or two each where they are multiples of a unit from the first on, in whatever order', () => {
  const times = Array.from(
    { length: 100 },
    (_, index) => Date.UTC(2026, 0, 5, 0, 0, 7) + 600_000 * ((index * 37) % 100),
  );
  const bytes = (values: readonly number[]) => written((out) => writeTimes(out, values)).length - start;
  expect(bytes(times)).toBe(8 + 3 + 100);
  expect(bytes([times[0] as number, times[0] as number])).toBe(8 + 1 + 2);
  expect(bytes([])).toBe(0);
});
