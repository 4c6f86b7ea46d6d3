import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { readIds, type WantedIds, writeIds } from './page-ids.ts';

function written(ids: readonly string[]): Buffer {
  const out = new ByteWriter(8);
  writeIds(out, ids);
  return Buffer.from(out.bytes.subarray(0, out.length));
}

function read(page: Buffer, length: number, only?: WantedIds) {
  const reader = new ByteReader(new DataView(page.buffer, page.byteOffset, page.length), 0);
  return { ...readIds(reader, page, length, only), at: reader.at };
}

/** Few letters, so that ids share beginnings: some of one byte, some of more that begin alike. */
const id = fc.string({
  unit: fc.constantFrom('a', 'b', '\u007f', 'ä', 'ö', '風'),
  minLength: 1,
  maxLength: 6,
});
/** Equal ones too: what is written comes back. */
const pages = fc.array(id, { maxLength: 12 }).map((ids) => ids.sort());
const behind = Buffer.from('abab');

describe('the ids of a page', () => {
  test('come back, all or those that are wanted, and the reader is behind them', () => {
    fc.assert(
      fc.property(pages, fc.array(id, { maxLength: 3 }), (ids, others) => {
        const bytes = written(ids);
        for (const page of [bytes, Buffer.concat([bytes, behind])]) {
          const all = ids.map((_, row) => row);
          expect(read(page, ids.length)).toEqual({ ids, rows: all, at: bytes.length });
          const some = new Set([...ids.slice(1, 3), ...others]);
          const rows = all.filter((row) => some.has(ids[row] as string));
          expect(read(page, ids.length, some)).toEqual({
            ids: rows.map((row) => ids[row]),
            rows,
            at: bytes.length,
          });
        }
      }),
    );
  });

  test('have the one that is wanted, and none that only begins, ends or goes on as it does', () => {
    fc.assert(
      fc.property(pages, fc.array(id, { maxLength: 3 }), (ids, others) => {
        const page = Buffer.concat([written(ids), behind]);
        for (const wanted of [...ids, ...others]) {
          const rows = ids.flatMap((each, row) => (each === wanted ? [row] : []));
          expect(read(page, ids.length, wanted)).toEqual({
            ids: rows.map(() => wanted),
            rows,
            at: page.length - behind.length,
          });
        }
      }),
      { numRuns: 400 },
    );
  });

  test('that end too early are refused, and never read as others', () => {
    const ids = ['abc', 'abd', 'ä', 'äbc'];
    const page = written(ids);
    for (let length = 0; length < page.length; length++)
      for (const only of [undefined, new Set(ids), 'äbc'])
        expect(() => read(page.subarray(0, length), ids.length, only), String(length)).toThrow(
          /end.* too early/,
        );
  });

  test('of which one is cut are refused as a page that ends too early', () => {
    const page = written(['abc']);
    for (const only of [undefined, 'abc', 'abcd'])
      expect(() => read(page.subarray(0, -1), 1, only)).toThrow('the page ends too early');
  });

  test('that would share more than the one before has are refused', () => {
    // Each a varint of what is shared, one of the length of the rest, and the rest.
    for (const page of [
      Buffer.from([1, 1, 0x61]),
      Buffer.from([0, 1, 0x61, 2, 1, 0x62]),
      Buffer.from([0, 2, 0xc3, 0xa4, 3, 1, 0x62]),
    ])
      for (const only of [undefined, 'a', 'ab'])
        expect(() => read(page, page.length > 3 ? 2 : 1, only)).toThrow('an id shares more than there is');
  });
});
