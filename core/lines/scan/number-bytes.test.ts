import { describe, expect, test } from 'vitest';
import { readNumber } from './number-bytes.ts';

/** Reads a number that stands in a line: where it ends, relative to its start, and what was written of three rows. */
function read(text: string, after = ',') {
  const column = Float64Array.of(7, 7, 7);
  const end = readNumber(Buffer.from(`"x":${text}${after}`), 4, column, 1);
  return { end: end === -1 ? -1 : end - 4, column: [...column] };
}

// The property of millions is in test/property/number-bytes.test.ts.
describe('a number is the double that JSON.parse gives', () => {
  test.each([
    ...['0', '7', '10', '-1', '12.5', '-12.5', '0.25', '-0.125', '100.00', '0.0', '123456789', '1.23456789', '0.00000001', '-99999.9999'],
    ...['1234567890', '12345678.90', '0.123456789', '9007199254740991', '9007199254740993', '900719925474099.3', '0.1234567890123456789'],
    ...['-1234567890', '-0.1234567890', '1234567890.5', '1e3', '1E3', '1e+3', '1e-3', '-1.5e3', '1.25E-7', '0e5', '1e22', '1e23', '1e400', '5e-324'],
    ...['1.0000000000000000000000', '1.00000000000000000000000', '0.30000000000000004', '999999999999999999999', '4.35', '1e5', '1e9', '1e-19', '0.00000000000000000000001', '0.0000000000000000000001'],
  ])('%s', (text) => {
    for (const after of [',', '}', ' ', '\n']) expect(read(text, after)).toEqual({ end: text.length, column: [7, JSON.parse(text), 7] });
  }); // biome-ignore format: a table

  test.each(['-0', '-0.0', '-0e1', '-0.00000000000'])('%s, as 0', (text) => {
    expect(read(text)).toEqual({ end: text.length, column: [7, 0, 7] });
  });
});

describe('there is none', () => {
  test.each([
    '',
    '-',
    '+1',
    '.5',
    '-.5',
    '1.',
    '1.e5',
    '1e',
    '1e+',
    '1e-',
    '12345678901.',
    'e5',
    'null',
    '"1"',
    '/1',
    ':1',
    '-/',
  ])('in %j', (text) => {
    expect(read(text)).toEqual({ end: -1, column: [7, 7, 7] });
  });

  test.each([
    ['01', 1],
    ['00', 1],
    ['-01', 2],
    ['1.5.5', 3],
    ['0x10', 1],
    ['1_0', 1],
    ['1e5.5', 3],
    ['12f', 2],
  ])('in %s beyond its first %i bytes', (text, length) => {
    expect(read(text).end).toBe(length);
  });

  test('in what is longer than 400 bytes: it is left to JSON.parse', () => {
    expect(read('1'.repeat(400)).end).toBe(400);
    expect(read('1'.repeat(401)).end).toBe(-1);
    expect(read(`1e${'0'.repeat(400)}`).end).toBe(402);
    expect(read(`1e${'0'.repeat(401)}`).end).toBe(-1);
  });
});
