import { describe, expect, test } from 'vitest';
import { BytePredictor } from './byte-predictor.ts';

const place = (text: string) => {
  // At an address that no word is aligned to.
  const bytes = Buffer.concat([Buffer.from('..'), Buffer.from(text), Buffer.from('....')]).subarray(1);
  return {
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    at: 1,
    end: 1 + text.length,
  };
};
const learn = (predictor: BytePredictor, text: string, after: number, outcome: number) => {
  const { view, at, end } = place(text);
  predictor.learn(view, at, end, after, outcome);
};
const miss = (predictor: BytePredictor, text: string, after: number, outcome: number) => {
  const { view, at, end } = place(text);
  predictor.missed(view, at, end, after, outcome);
};
/** How many bytes match where these are. */
const match = (predictor: BytePredictor, text: string, after: number, more = 4) => {
  const { view, at, end } = place(text);
  return predictor.matched(view, at, end + more, after);
};

test('nothing is expected before anything was learned', () => {
  expect(match(new BytePredictor(3), '"sensorId":', 0)).toBe(0);
});

describe.each([4, 5, 6, 7, 8, 9, 12, 119, 120])('what was learned of %i bytes', (length) => {
  const text = Array.from({ length }, (_, index) => String.fromCharCode(97 + (index % 26))).join('');

  test('is expected after the same again, with its outcome', () => {
    const predictor = new BytePredictor(3);
    learn(predictor, 'what else', 0, 2);
    learn(predictor, text, 1, 7);
    learn(predictor, 'and more', 2, 1);
    expect([match(predictor, text, 1), predictor.next(1)]).toEqual([length, 7]);
    expect([match(predictor, text, 0), match(predictor, text, 2)]).toEqual([0, 0]);
  });

  test('is not matched when any of its bytes is another', () => {
    const predictor = new BytePredictor(1);
    learn(predictor, text, 0, 0);
    for (let at = 0; at < length; at++)
      expect(match(predictor, `${text.slice(0, at)}.${text.slice(at + 1)}`, 0)).toBe(0);
  });

  test('is matched up to the limit, and not beyond', () => {
    const predictor = new BytePredictor(1);
    learn(predictor, text, 0, 0);
    expect(match(predictor, text, 0, 0)).toBe(length);
    expect(match(predictor, text, 0, -1)).toBe(0);
  });
});

test.each([
  ['fewer than 4 bytes', 'abc', 0],
  ['more bytes than are expected', 'x'.repeat(41), 0],
  ['what comes after a state that there is none of', 'abcdef', 2],
])('%s are not learned, and change nothing', (_, text, after) => {
  const predictor = new BytePredictor(2, 40);
  learn(predictor, 'known', 0, 1);
  learn(predictor, text, after, 5);
  expect(match(predictor, text, after)).toBe(0);
  expect([match(predictor, 'known', 0), predictor.next(0)]).toEqual([5, 1]);
});

test('as many bytes as are expected at most are learned', () => {
  const predictor = new BytePredictor(2, 40);
  learn(predictor, 'x'.repeat(40), 1, 1);
  expect(match(predictor, 'x'.repeat(40), 1)).toBe(40);
});

describe('what is expected is replaced', () => {
  test('when it has failed three times in a row', () => {
    const predictor = new BytePredictor(1);
    learn(predictor, 'before', 0, 1);
    miss(predictor, 'after it', 0, 2);
    miss(predictor, 'after it', 0, 2);
    expect([match(predictor, 'after it', 0), predictor.next(0)]).toEqual([0, 1]);
    miss(predictor, 'after it', 0, 2);
    expect([match(predictor, 'after it', 0), predictor.next(0)]).toEqual([8, 2]);
    expect(match(predictor, 'before', 0)).toBe(0);
  });

  test('but not when it came true in between', () => {
    const predictor = new BytePredictor(1);
    learn(predictor, 'before', 0, 1);
    for (let round = 0; round < 3; round++) {
      miss(predictor, 'after it', 0, 2);
      miss(predictor, 'after it', 0, 2);
      expect(match(predictor, 'before', 0)).toBe(6);
    }
  });

  test('and the new one has as many chances', () => {
    const predictor = new BytePredictor(1);
    for (let times = 0; times < 3; times++) miss(predictor, 'first', 0, 1);
    miss(predictor, 'second', 0, 2);
    miss(predictor, 'second', 0, 2);
    expect(match(predictor, 'first', 0)).toBe(5);
  });

  test('of each state by what came there', () => {
    const predictor = new BytePredictor(2);
    learn(predictor, 'before', 0, 1);
    learn(predictor, 'before', 1, 1);
    for (let times = 0; times < 2; times++) for (const after of [0, 1]) miss(predictor, 'after it', after, 2);
    expect([match(predictor, 'before', 0), match(predictor, 'before', 1)]).toEqual([6, 6]);
  });
});
