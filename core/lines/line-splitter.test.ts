import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

function split(text: string, { chunkBytes = 1_000, returnEnds = false } = {}): [number, string][] {
  const lines: [number, string][] = [];
  const splitter = new LineSplitter(
    { line: (number, bytes) => lines.push([number, bytes.toString()]), tooLong: () => {} },
    { returnEnds },
  );
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkBytes) splitter.push(bytes.subarray(at, at + chunkBytes));
  splitter.end();
  return lines;
}

describe('a carriage return', () => {
  test('alone ends a line only where it is asked to', () => {
    expect(split('a\rb\rc')).toEqual([[1, 'a\rb\rc']]);
    expect(split('a\rb\rc', { returnEnds: true })).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
  });

  test('before a newline ends the same line, also where a chunk ends between them', () => {
    for (const chunkBytes of [1, 2, 3, 100]) {
      expect(split('a\r\nb\r\n\r\nc\r\n', { chunkBytes, returnEnds: true })).toEqual([
        [1, 'a'],
        [2, 'b'],
        [3, ''],
        [4, 'c'],
      ]);
    }
  });
});

test('lines come back from any mixture of CR, LF and CRLF, in any chunks', () => {
  const ends = fc.constantFrom('\r', '\n', '\r\n');
  const line = fc.tuple(fc.stringMatching(/^[a-c;]{1,6}$/), ends);
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 1, max: 9 }), (lines, chunkBytes) => {
      const text = lines.map(([content, end]) => content + end).join('');
      expect(split(text, { chunkBytes, returnEnds: true })).toEqual(
        lines.map(([content], index) => [index + 1, content]),
      );
    }),
  );
});
