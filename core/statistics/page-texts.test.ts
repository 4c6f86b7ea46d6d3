import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { namesOf, readCount, readText, skipText, writeText } from './page-texts.ts';

/** A reader of a page that lies among other bytes: to read those would be to read another page. */
function readerOf(page: Uint8Array, at = 0): ByteReader {
  const around = Buffer.concat([Buffer.alloc(40, 0x61), page, Buffer.alloc(40, 0x62)]);
  return new ByteReader(new DataView(around.buffer, around.byteOffset + 40, page.length), at);
}

const texts = fc.string({ unit: 'grapheme', maxLength: 20 });
const written = (text: string): Buffer => {
  const out = new ByteWriter(8);
  writeText(out, text);
  return Buffer.from(out.bytes.subarray(0, out.length));
};

describe('a text', () => {
  test('comes back from where it lies, and the reader is behind it, whether it was read or passed over', () => {
    fc.assert(
      fc.property(texts, texts, texts, (before, text, behind) => {
        const page = Buffer.concat([before, text, behind].map(written));
        const at = written(before).length;
        const [reader, skipping] = [readerOf(page, at), readerOf(page, at)];
        expect(readText(reader)).toBe(text);
        skipText(skipping);
        for (const each of [reader, skipping]) {
          expect(each.at).toBe(at + written(text).length);
          expect(readText(each)).toBe(behind);
          expect(each.at).toBe(page.length);
        }
      }),
    );
  });

  test('of which the end is missing is refused, whatever lies behind the page', () => {
    const page = written('0123456789');
    for (let length = 1; length < page.length; length++)
      for (const read of [readText, skipText])
        expect(() => read(readerOf(page.subarray(0, length)))).toThrow('the page ends too early');
  });
});

describe('a number of things', () => {
  const counted = (count: number, rest: number) =>
    readerOf(Buffer.from([count, ...Array<number>(rest).fill(7)]));

  test('may be as many as there are bytes behind it', () => {
    for (const count of [0, 1, 9]) expect(readCount(counted(count, count))).toBe(count);
  });

  test('is refused where they have no room, before anything is made for them', () => {
    for (const count of [1, 2, 100])
      expect(() => readCount(counted(count, count - 1))).toThrow('the page ends too early');
  });
});

test('names are those of any record, each once and in order', () => {
  expect(namesOf([{ b: 1, c: 2 }, {}, { a: 1, b: 3 }])).toEqual(['a', 'b', 'c']);
});
