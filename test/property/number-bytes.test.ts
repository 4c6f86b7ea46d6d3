import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readNumber } from '../../core/lines/scan/number-bytes.ts';

const column = new Float64Array(1);
/** As the scanner reads it: with a byte after it that no number has, and it must end there. */
const buffer = Buffer.alloc(2_048);
function scanned(text: string): number | undefined {
  const length = buffer.write(`${text},`, 'latin1');
  column[0] = 12_345;
  const end = readNumber(buffer, 0, column, 0);
  return end === length - 1 ? column[0] : undefined;
}

function parsed(text: string): number | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'number' ? value + 0 : undefined; // -0 + 0 is 0
  } catch {
    return undefined;
  }
}

/** The first differences, instead of an assertion of each number, since there are millions. */
function differences(texts: Iterable<string>): string[] {
  return Iterator.from(texts)
    .filter((text) => !Object.is(scanned(text), parsed(text)))
    .take(10)
    .toArray();
}

/** xorshift128+, so that a million numbers cost no more than to read them. */
function* words(seed: number, count: number): Generator<[number, number]> {
  let [a, b] = [seed | 1, 0x9e3779b9];
  for (let at = 0; at < count; at++) {
    let next = a ^ (a << 11);
    a = b;
    next ^= next >>> 8;
    b = b ^ (b >>> 19) ^ next;
    yield [a >>> 0, b >>> 0];
  }
}

const view = new DataView(new ArrayBuffer(8));
function doubleOf([high, low]: [number, number]): number {
  view.setUint32(0, high);
  view.setUint32(4, low);
  return view.getFloat64(0);
}

describe('a number read from bytes is the double that JSON.parse gives', () => {
  test('for a million doubles of any bits, in their shortest form', () => {
    const texts = words(1, 1_000_000).map((word) => String(doubleOf(word)));
    expect(differences(texts)).toEqual([]);
  });

  test('for a million decimals as sensors send them', () => {
    const texts = words(2, 1_000_000).map(([a, b]) => {
      return `${a % 3 ? '' : '-'}${((a % 100_000) / 100).toFixed(b % 12)}`;
    });
    expect(differences(texts)).toEqual([]);
  });

  test('for a million of 15 to 19 digits around 2^53, with any scale', () => {
    const texts = words(3, 1_000_000).map(([a, b]) => {
      const digits = `${9_007_199_254_740_000 + (a % 2_000)}${b % 4 ? '' : b % 1_000}`;
      const whole = 1 + (b % digits.length);
      return whole === digits.length ? digits : `${digits.slice(0, whole)}.${digits.slice(whole)}`;
    });
    expect(differences(texts)).toEqual([]);
  });

  test('for half a million with exponents', () => {
    const texts = words(4, 500_000).map(([a, b]) => `${a}.${b}${a % 2 ? 'e' : 'E'}${'+-'[b % 2]}${b % 330}`);
    expect(differences(texts)).toEqual([]);
  });

  test('for halves between two doubles, in all their digits', () => {
    const texts = words(5, 20_000).map(([a, b]) => {
      const bits = (BigInt(a & 0xf_ffff) << 32n) | BigInt(b);
      const half = ((1n << 53n) | (bits << 1n) | 1n) * 5n ** 40n; // (2^52 + bits + 1/2) x 2 x 10^40 / 2^40
      const digits = String(half);
      return `${digits.slice(0, -40)}.${digits.slice(-40)}${a % 3 ? '' : '1'}`;
    });
    expect(differences(texts)).toEqual([]);
  });

  test('for the hard ones', () => {
    const hard = [
      ...['0', '-0', '0.0', '-0.0', '0e5', '-0E-5', '1E5', '1e+5', '1e400', '-1e400', '1e-400', '5e-324', '2.4703282292062327e-324'],
      ...['2.4703282292062328e-324', '2.2250738585072011e-308', '2.2250738585072012e-308', '1.7976931348623157e308'],
      ...['1.7976931348623159e308', '9007199254740993', '9007199254740992.5', '9007199254740991.5', '0.1', '123456789', '1234567890'],
      ...['0.000000001', '0.0000000001', '1e22', '1e23', '8.5e22', '999999999999999999999', '0.30000000000000004', '4.35', '123456789.123456789'],
      ...['100000000000000016777215', '100000000000000016777216', `0.${'0'.repeat(300)}1`, `1${'0'.repeat(300)}`],
    ]; // biome-ignore format: a list
    expect(differences(hard)).toEqual([]);
  });

  test('and none where JSON.parse finds none', () => {
    const wrong = [
      '',
      '-',
      '01',
      '-01',
      '1.',
      '.5',
      '+1',
      '1e',
      '1e+',
      '1.e5',
      '1.5.5',
      '--1',
      'NaN',
      'Infinity',
      '-Infinity',
      '0x10',
      '1_0',
      '00',
      'e5',
      '1e5.5',
      '\u0661',
    ];
    expect(wrong.filter((text) => parsed(text) !== undefined)).toEqual([]);
    expect(wrong.filter((text) => scanned(text) !== undefined)).toEqual([]);
    fc.assert(
      fc.property(fc.stringMatching(/^[-+.eE0-9]{0,14}$/), (text) => {
        expect(scanned(text)).toBe(parsed(text));
      }),
      { numRuns: 20_000 },
    );
  });
});
