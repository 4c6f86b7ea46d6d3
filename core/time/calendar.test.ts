import { describe, expect, test } from 'vitest';
import {
  dayBoundsMs,
  dayExtentMs,
  dayName,
  localDay,
  monthBoundsMs,
  monthOf,
  parseDay,
  parseTimestamp,
} from './calendar.ts';

describe('parseTimestamp', () => {
  test.each([
    ['2024-02-29T12:30:15Z', '2024-02-29T12:30:15.000Z'],
    ['2024-02-29T12:30:15.2Z', '2024-02-29T12:30:15.200Z'],
    ['2024-02-29T12:30:15.250000000Z', '2024-02-29T12:30:15.250Z'],
    ['2024-02-29T12:30:15.250999999Z', '2024-02-29T12:30:15.250Z'],
    ['2024-02-29T12:30Z', '2024-02-29T12:30:00.000Z'],
    ['2024-02-29T00:30:00+01:00', '2024-02-28T23:30:00.000Z'],
    ['2024-02-28T23:30:00-05:45', '2024-02-29T05:15:00.000Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
    ['2099-12-31T23:59:59.999Z', '2099-12-31T23:59:59.999Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['2024-02-28T24:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2024-12-31T24:00+01:00', '2024-12-31T23:00:00.000Z'],
  ])('%s', (text, iso) => {
    expect(parseTimestamp(text)).toBe(Date.parse(iso));
  });

  test.each([
    '2024-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2024-04-31T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-00-01T00:00:00Z',
    '2024-01-00T00:00:00Z',
    '2024-01-01T24:00:01Z',
    '2024-01-01T24:00:00.001Z',
    '2024-01-01T25:00:00Z',
    '2024-01-01T00:60:00Z',
    '2016-12-31T23:59:60Z',
    '2024-01-01T00:00:00',
    '2024-01-01',
    '2024-01-01 00:00:00Z',
    '2024-01-01T00:00:00z',
    '2024-01-01T00:00:00+0100',
    '2024-01-01T00:00:00+24:00',
    '2024-01-01T00:00:00+00:60',
    '1969-12-31T23:59:59.999Z',
    '1970-01-01T00:00:00+00:01',
    '2100-01-01T00:00:00Z',
    '+02024-01-01T00:00:00Z',
    ' 2024-01-01T00:00:00Z',
    '2024-01-01T00:00:00Z\n',
    '',
  ])('refuses %j', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });
});

describe('local days', () => {
  test.each([
    ['2024-03-31', 23],
    ['2024-10-27', 25],
    ['2024-01-03', 24],
  ])('%s has %i hours in Madrid', (day, hours) => {
    const { startMs, endMs } = dayBoundsMs('Europe/Madrid', day);
    expect((endMs - startMs) / 3_600_000).toBe(hours);
    expect(localDay('Europe/Madrid', startMs)).toBe(day);
    expect(localDay('Europe/Madrid', startMs - 1)).not.toBe(day);
    expect(localDay('Europe/Madrid', endMs - 1)).toBe(day);
    expect(localDay('Europe/Madrid', endMs)).not.toBe(day);
  });

  test('begin after midnight where the clock skipped it', () => {
    const { startMs, endMs } = dayBoundsMs('America/Sao_Paulo', '2018-11-04');
    expect(new Date(startMs).toISOString()).toBe('2018-11-04T03:00:00.000Z');
    expect((endMs - startMs) / 3_600_000).toBe(23);
  });

  test('may have minutes after the next one has begun, where the clock went back over midnight', () => {
    const zone = 'America/St_Johns';
    const [sixth, seventh] = ['2010-11-06', '2010-11-07'].map((day) => dayExtentMs(zone, day));
    expect(seventh?.startMs).toBe(Date.parse('2010-11-07T02:30:00Z'));
    expect(sixth?.endMs).toBe(Date.parse('2010-11-07T03:30:00Z'));
    expect(localDay(zone, (sixth?.endMs ?? 0) - 1)).toBe('2010-11-06');
    expect(dayExtentMs('Europe/Madrid', '2024-10-27')).toEqual(dayBoundsMs('Europe/Madrid', '2024-10-27'));
  });

  test('are empty where a zone skipped one', () => {
    const { startMs, endMs } = dayBoundsMs('Pacific/Apia', '2011-12-30');
    expect(endMs).toBe(startMs);
    expect(localDay('Pacific/Apia', startMs - 1)).toBe('2011-12-29');
    expect(localDay('Pacific/Apia', startMs)).toBe('2011-12-31');
  });

  test('make months', () => {
    expect(monthOf('2024-10-27')).toBe('2024-10');
    const { startMs, endMs } = monthBoundsMs('Europe/Madrid', '2024-10');
    expect((endMs - startMs) / 3_600_000).toBe(31 * 24 + 1);
    expect(monthBoundsMs('UTC', '2024-12').endMs).toBe(Date.UTC(2025, 0, 1));
  });

  test('refuse a date that does not exist', () => {
    expect(() => dayBoundsMs('UTC', '2024-02-30')).toThrow(RangeError);
    expect(() => monthBoundsMs('UTC', '2024-13')).toThrow(RangeError);
  });

  test('refuse it by its name', () => {
    expect(() => dayBoundsMs('UTC', '2024-02-30')).toThrow(new RangeError('no such day: 2024-02-30'));
    expect(() => monthBoundsMs('UTC', '2024-13')).toThrow(new RangeError('no such month: 2024-13'));
  });

  test.each(['0100-01-01', '1969-12-31', '1970-01-01', '2024-02-29', '9999-12-31'])(
    '%s is the day of its number',
    (day) => {
      const number = parseDay(day) as number;
      expect(number * 86_400_000).toBe(Date.parse(`${day}T00:00:00Z`));
      expect(dayName(number)).toBe(day);
      expect(dayName(number + 1)).not.toBe(day);
    },
  );

  // Of the years before 100 Date.UTC would make others.
  test.each([
    '',
    '2024-01',
    '2024-1-1',
    'x2024-01-01',
    '2024-01-01x',
    '12024-01-01',
    '0099-12-31',
    '2023-02-29',
  ])('%j is none', (day) => {
    expect(parseDay(day)).toBeUndefined();
  });
});
