import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalSensorId, maxSensorIdBytes, readSensorId } from './sensor-id.ts';

test.each([
  ['Upper Mill 4'],
  ['Río-2'],
  ['0012'],
  ['^GSPC'],
  ['plant/line 3/temp'],
  ['a#b?c&d=e%20+"quoted"\\'],
  ['__proto__'],
  ['-70'],
  ['東京 第2'],
  ['\u0646\u062c\u0641\u200c\u0622\u0628\u0627\u062f'], // Najafabad, written with a joiner
  ['x'.repeat(maxSensorIdBytes)],
])('%s is an id as it is', (id) => {
  expect(readSensorId(id)).toEqual({ id });
});

test.each<[string | number, string]>([
  ['  R1\t', 'R1'],
  ['\ufeffR1\u00a0', 'R1'],
  ['Ri\u0301o', 'R\u00edo'],
  [12, '12'],
  [-7, '-7'],
  [-0, '0'],
  [9_007_199_254_740_991, '9007199254740991'],
])('%j is the id %j', (given, id) => {
  expect(readSensorId(given)).toEqual({ id });
});

test.each<[string | number, string]>([
  ['', 'empty'],
  [' \t ', 'empty'],
  ['.', 'folder'],
  [' .. ', 'folder'],
  ['x'.repeat(maxSensorIdBytes + 1), `${maxSensorIdBytes + 1} bytes`],
  ['é'.repeat(65), '130 bytes'],
  ['x'.repeat(1_000_000), 'over 128 bytes'],
  ['a\u0000b', 'U+0000'],
  ['a\nb', 'U+000A'],
  ['a\u001b[31m', 'U+001B'],
  ['a\u200bb', 'U+200B'],
  ['a\u202eb', 'U+202E'],
  ['a\u00a0b', 'U+00A0'],
  ['a\u2028b', 'U+2028'],
  ['a\ud800', 'U+D800'],
  ['\ue000', 'U+E000'],
  ['☀\ufe0f', 'U+FE0F'],
  ['🌡', 'U+1F321'],
  ['M\ufffdhl', 'U+FFFD'],
  [1.5, 'not whole'],
  [2 ** 53, 'too large'],
  [1e21, 'too large'],
])('%j is refused: %s', (given, told) => {
  expect(readSensorId(given)).toEqual({ fault: expect.stringContaining(told) });
});

const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 140 }),
  fc.string({ unit: 'binary-ascii', maxLength: 140 }),
);

test('a canonical id is its own canonical form, within its bound, and the same in UTF-8', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const id = canonicalSensorId(text);
      if (id === undefined) return;
      expect(canonicalSensorId(id)).toBe(id);
      expect(Buffer.from(id).toString()).toBe(id);
      expect(Buffer.byteLength(id)).toBeLessThanOrEqual(maxSensorIdBytes);
    }),
    { numRuns: 5_000 },
  );
});

test('ids have one order: by code units, as sets and queries are sorted, and by bytes, as DynamoDB and Parquet are', () => {
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      const [a, b] = [canonicalSensorId(one), canonicalSensorId(other)];
      if (a === undefined || b === undefined) return;
      expect(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
    }),
    { numRuns: 5_000 },
  );
});
