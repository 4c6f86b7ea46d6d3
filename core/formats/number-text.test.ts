import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asciiNumber, numberOf } from './number-text.ts';

describe('a number is read by the notation of its file', () => {
  test.each([
    ['14.5', '.', undefined, 14.5],
    ['+.5e-3', '.', undefined, 0.0005],
    ['14,5', ',', undefined, 14.5],
    ['1.234,5', ',', '.', 1234.5],
    ['12.500', ',', '.', 12_500],
    ['950', ',', '.', 950],
    ['1,234.5', '.', ',', 1234.5],
    ['1 234 567', '.', ' ', 1_234_567],
    ['1\u00a0234,5', ',', ' ', 1234.5],
    ["1'234.5", '.', "'", 1234.5],
    ['-inf', '.', undefined, Number.NEGATIVE_INFINITY],
    ['NaN', ',', '.', Number.NaN],
  ] as const)('%s with %s and %s', (text, decimal, thousands, value) => {
    expect(numberOf(text, { decimal, thousands })).toBe(value);
  });

  test.each([
    ['14,5', '.', undefined],
    ['14.5', ',', undefined],
    ['14.5', ',', '.'],
    ['1.23', ',', '.'],
    ['1.2345', ',', '.'],
    ['.500', ',', '.'],
    ['1,2,3', '.', ','],
    ['1 234', '.', undefined],
    ['', '.', undefined],
    ['.', '.', undefined],
    ['1e', '.', undefined],
    ['0x10', '.', undefined],
  ] as const)('%s is none with %s and %s', (text, decimal, thousands) => {
    expect(numberOf(text, { decimal, thousands })).toBe(text);
  });

  test('any number comes back whose signs and digits are wide, and of no other text one is made', () => {
    const widened = (text: string, isWide: boolean) =>
      text.replace(/[-+.,\d]/g, (sign) => {
        if (sign === '-') return '\u2212';
        return isWide ? String.fromCharCode(sign.charCodeAt(0) + 0xfee0) : sign;
      });
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), (value, isWide) => {
        expect(numberOf(widened(String(value), isWide), { decimal: '.' })).toBe(Number(String(value))); // -0 is written as 0
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const read = numberOf(text, { decimal: '.' });
        expect(typeof read === 'number' || read === text).toBe(true);
        expect(numberOf(asciiNumber(text), { decimal: '.' })).toEqual(
          typeof read === 'number' ? read : asciiNumber(text),
        );
      }),
    );
  });

  test('any number comes back that is written with groups and a comma', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e12, max: 1e12 }),
        fc.integer({ min: 0, max: 999 }),
        (whole, thousandths) => {
          const sign = whole < 0 ? '-' : '';
          const fraction = String(thousandths).padStart(3, '0');
          const grouped = String(Math.abs(whole)).replace(/\B(?=(\d{3})+$)/g, '.');
          const read = numberOf(`${sign}${grouped},${fraction}`, { decimal: ',', thousands: '.' });
          expect(read).toBe(Number(`${sign}${Math.abs(whole)}.${fraction}`));
        },
      ),
    );
  });
});
