import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineSplitter, maxLineBytes } from './line-splitter.ts';

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

  test('is text unless it is asked for', () => {
    expect(handedOver(['a\rb\nc'])).toEqual([
      [1, 'a\rb', 'whole'],
      [2, 'c', 'cut off'],
    ]);
  });

  test('takes no newline with it but the one after it', () => {
    const expected = ['', 'a', '', 'b', '', 'c'].map((line, index) => [index + 1, line]);
    for (const chunkBytes of [1, 2, 3, 100])
      expect(split('\na\n\nb\r\n\nc', { chunkBytes, returnEnds: true })).toEqual(expected);
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

/** What a splitter hands over, as text: whole lines, the last when nothing ended it, and those that are too long by their starts. */
function handedOver(chunks: readonly string[]): [number, string, 'whole' | 'cut off' | 'too long'][] {
  const told: ReturnType<typeof handedOver> = [];
  const splitter = new LineSplitter({
    line: (number, bytes, terminated) =>
      told.push([number, bytes.toString(), terminated ? 'whole' : 'cut off']),
    tooLong: (number, start) => told.push([number, start.toString(), 'too long']),
  });
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.end();
  return told;
}

/** The text whole, and cut in two and in three at places that matter. */
const waysToCut = (text: string, ...places: number[]): string[][] => [
  [text],
  ...places.map((at) => [text.slice(0, at), text.slice(at)]),
  ...places.map((at) => [text.slice(0, at), text.slice(at, at + 1), text.slice(at + 1)]),
];

describe('a line', () => {
  const longest = 'x'.repeat(maxLineBytes);

  test.each([
    ['of the greatest length', longest],
    ['of the greatest length, with a carriage return', `${longest}\r`],
  ])('%s is handed over, in any chunks', (_, line) => {
    for (const chunks of waysToCut(
      `a\n${line}\nb`,
      2,
      100,
      maxLineBytes + 1,
      maxLineBytes + 2,
      maxLineBytes + 3,
    ))
      expect(handedOver(chunks).map(([number, text, how]) => [number, text.length, how])).toEqual([
        [1, 1, 'whole'],
        [2, maxLineBytes, 'whole'],
        [3, 1, 'cut off'],
      ]);
  });

  test.each([
    ['of one byte more', 1],
    ['of five bytes more', 5],
    ['of many bytes more', 300_000],
  ])('%s is told by its first 1,024 bytes, in any chunks, and costs no other', (_, more) => {
    const line = `${longest}${'y'.repeat(more)}`;
    const length = line.length + 2;
    for (const chunks of waysToCut(`a\n${line}\nb\n`, 2, 100, 1_048_580, 1_048_583, length, length + 1))
      expect(handedOver(chunks)).toEqual([
        [1, 'a', 'whole'],
        [2, 'x'.repeat(1_024), 'too long'],
        [3, 'b', 'whole'],
      ]);
  });

  test('that nothing ends is too long all the same', () => {
    for (const chunks of waysToCut(`${longest}yyyyyy`, 100, 1_048_580))
      expect(handedOver(chunks)).toEqual([[1, 'x'.repeat(1_024), 'too long']]);
  });

  test('that was held is not a part of the next one', () => {
    expect(handedOver(['ab', 'c', 'd\nef', 'g\n', 'h'])).toEqual([
      [1, 'abcd', 'whole'],
      [2, 'efg', 'whole'],
      [3, 'h', 'cut off'],
    ]);
    expect(handedOver(['', 'a', '', '\n', ''])).toEqual([[1, 'a', 'whole']]);
  });

  test('may be empty, or a carriage return alone', () => {
    const empty = [1, 2, 3].map((number) => [number, '', 'whole']);
    for (const chunks of waysToCut('\n\r\n\n', 1, 2, 3)) expect(handedOver(chunks)).toEqual(empty);
  });
});

describe('a byte order mark', () => {
  test.each(['\ufeffa\nb\n', '\ufeff\nb\n', '\ufeffa\r\nb\r\n'])(
    'is no part of the first line: %j',
    (text) => {
      const bytes = Buffer.from(text);
      const first = text.includes('a') ? 'a' : '';
      for (const at of [0, 1, 2, 3, 4]) {
        const lines: [number, string][] = [];
        const splitter = new LineSplitter({
          line: (number, line) => lines.push([number, line.toString()]),
          tooLong: () => {},
        });
        splitter.push(bytes.subarray(0, at));
        splitter.push(bytes.subarray(at));
        expect(lines).toEqual([[1, first], [2, 'b']]); // biome-ignore format: a list
      }
    },
  );

  test.each([
    ['a\n\ufeffb\n', ['a', '\ufeffb']],
    ['\ufeff\ufeffa\n', ['\ufeffa']],
    ['\ufefd\n', ['\ufefd']],
    ['\ufefe\n', ['\ufefe']],
    ['\uffff\n', ['\uffff']],
    ['\u0eff\n', ['\u0eff']],
  ])('elsewhere is text: %j', (text, lines) => {
    expect(handedOver([text]).map(([, line]) => line)).toEqual(lines);
  });
});

describe('a sink that reads a long line in pieces', () => {
  /** Takes of what is held as many whole tens of bytes as there are. */
  function inTens(text: string, chunkBytes: number) {
    const told: (string | number)[] = [];
    let taken = '';
    const splitter = new LineSplitter({
      line: (number, bytes) => told.push(number, taken + bytes.toString()),
      tooLong: (number) => told.push(number, 'too long'),
      overlong: (number, start) => {
        expect(number).toBe(2);
        const length = Math.floor(start.length / 10) * 10;
        taken += start.toString('latin1', 0, length);
        return length;
      },
    });
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += chunkBytes) splitter.push(bytes.subarray(at, at + chunkBytes));
    return { told, isMidLine: splitter.isMidLine, lineNumber: splitter.lineNumber };
  }

  test('gets all of it, in order', () => {
    const line = Array.from({ length: 400_000 }, (_, index) => String(index)).join('');
    for (const chunkBytes of [65_536, 10_000_000]) {
      const { told, isMidLine, lineNumber } = inTens(`a\n${line}\n`, chunkBytes);
      expect([told[0], told[1], told[2], told[3] === line]).toEqual([1, 'a', 2, true]);
      expect([isMidLine, lineNumber]).toEqual([false, 3]);
    }
  });
});

describe('a taker', () => {
  /** Takes lines that begin with `t`, and tells them with those that the sink gets. */
  function told(chunks: readonly Buffer[]): string[] {
    const lines: string[] = [];
    const taker = {
      taken: 0,
      take(bytes: Buffer, start: number, limit: number): number {
        expect([limit > start, bytes[limit - 1]]).toEqual([true, 10]);
        this.taken = 0;
        let at = start;
        while (at < limit && bytes[at] === 116) {
          const end = bytes.indexOf('\n', at);
          lines.push(`taken ${bytes.toString('latin1', at, end)}`);
          this.taken++;
          at = end + 1;
        }
        return at;
      },
    };
    const sink = {
      line: (number: number, bytes: Buffer) => lines.push(`${number} ${bytes}`),
      tooLong: (number: number) => lines.push(`${number} too long`),
    };
    const splitter = new LineSplitter(sink, { taker });
    for (const chunk of chunks) splitter.push(chunk);
    splitter.end();
    return lines;
  }

  test('gets each line that it takes, and the sink each other one by its number, in order and in any chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[ts]?x{0,3}$/)),
        fc.integer({ min: 1, max: 9 }),
        (lines, chunkBytes) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
            bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
          );
          expect(told(chunks)).toEqual(
            lines.map((line, index) => (line.startsWith('t') ? `taken ${line}` : `${index + 1} ${line}`)),
          );
        },
      ),
    );
  });

  test('gets no last line that nothing ended, and none that is too long', () => {
    expect(told([Buffer.from('ta\ntb')])).toEqual(['taken ta', '2 tb']);
    const [start, rest] = [Buffer.from(`t${'x'.repeat(maxLineBytes)}`), Buffer.from('xxxxx\ntb\n')];
    expect(told([start, rest])).toEqual(['1 too long', 'taken tb']);
  });
});
