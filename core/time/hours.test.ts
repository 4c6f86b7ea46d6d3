import { describe, expect, test } from 'vitest';
import { localHour } from './hours.ts';
import { timeZoneNamed } from './time-zone.ts';

const at = (zone: string, instant: string) => {
  const { name, startMs, endMs } = localHour(timeZoneNamed(zone), Date.parse(instant));
  return [name, new Date(startMs).toISOString().slice(11, 16), (endMs - startMs) / 60_000];
};

describe('a local hour', () => {
  test.each([
    ['Europe/Madrid', '2024-01-05T10:59:59.999Z', ['2024-01-05T11:00+01:00', '10:00', 60]],
    ['Europe/Madrid', '2024-03-31T00:59:00Z', ['2024-03-31T01:00+01:00', '00:00', 60]],
    ['Asia/Kolkata', '2024-01-05T10:40:00Z', ['2024-01-05T16:00+05:30', '10:30', 60]],
    ['America/St_Johns', '2024-01-05T03:29:00Z', ['2024-01-04T23:00-03:30', '02:30', 60]],
    ['Africa/Monrovia', '1971-06-01T12:00:00Z', ['1971-06-01T11:00-00:44:30', '11:44', 60]],
  ])('of %s at %s', (zone, instant, expected) => {
    expect(at(zone, instant)).toEqual(expected);
  });

  test('that the clock skipped is not there: the one before is followed by the one after it', () => {
    expect(at('Europe/Madrid', '2024-03-31T01:00:00Z')).toEqual(['2024-03-31T03:00+02:00', '01:00', 60]);
  });

  test('that the clock showed twice is two, by their offsets', () => {
    expect(at('Europe/Madrid', '2024-10-27T00:30:00Z')).toEqual(['2024-10-27T02:00+02:00', '00:00', 60]);
    expect(at('Europe/Madrid', '2024-10-27T01:30:00Z')).toEqual(['2024-10-27T02:00+01:00', '01:00', 60]);
  });

  test('within which the clock was put back by half an hour is two, the later one of half an hour', () => {
    // Lord Howe, 7 April 2024: at 02:00+11:00 it became 01:30+10:30.
    expect(at('Australia/Lord_Howe', '2024-04-06T14:59:00Z')).toEqual([
      '2024-04-07T01:00+11:00',
      '14:00',
      60,
    ]);
    expect(at('Australia/Lord_Howe', '2024-04-06T15:00:00Z')).toEqual([
      '2024-04-07T01:00+10:30',
      '15:00',
      30,
    ]);
    // And on 6 October forward by half an hour: at 02:00+10:30 it became 02:30+11:00.
    expect(at('Australia/Lord_Howe', '2024-10-05T15:30:00Z')).toEqual([
      '2024-10-06T02:00+11:00',
      '15:30',
      30,
    ]);
  });
});
