import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTimestamp } from './calendar.ts';
import { readOffset } from './offset.ts';
import { parseTime } from './time-format.ts';
import { fixedOffsetMs } from './time-zone.ts';

test.each([
  ['Z', 0],
  ['z', 0],
  ['+01', 3_600_000],
  ['+0530', 19_800_000],
  ['-03:30', -12_600_000],
  ['-00:00', -0],
  ['+23:59', 86_340_000],
])('%s', (text, ms) => expect(readOffset(text)).toBe(ms));

test.each([
  '',
  '+',
  '+1',
  '+1:00',
  '+24:00',
  '+01:60',
  '+01:0',
  '+01:000',
  '01:00',
  '+01 00',
  '+01:00 ',
  'UTC',
  '−01:00',
  '+٠١:٠٠',
])('%j is none', (text) => expect(readOffset(text)).toBeUndefined());

test('whoever reads an offset reads the same one', () => {
  const offset = fc.record({ sign: fc.constantFrom('+', '-'), hours: fc.nat(30), minutes: fc.nat(70) });
  fc.assert(
    fc.property(offset, ({ sign, hours, minutes }) => {
      const two = (number: number) => String(number).padStart(2, '0');
      const text = `${sign}${two(hours)}:${two(minutes)}`;
      const ms = readOffset(text);
      const noon = Date.UTC(2026, 0, 2, 12);
      const expected = ms === undefined ? undefined : noon - ms;
      expect(parseTimestamp(`2026-01-02T12:00:00${text}`)).toBe(expected);
      expect(parseTime(`2026-01-02 12:00 ${text}`, 'yyyy-MM-dd HH:mm X', 'UTC')).toEqual(
        expected === undefined ? [] : [expected],
      );
      if (ms !== undefined && Math.abs(ms) <= 14 * 3_600_000) expect(fixedOffsetMs(text)).toBe(ms);
      else expect(fixedOffsetMs(text)).toBeUndefined();
    }),
  );
});
