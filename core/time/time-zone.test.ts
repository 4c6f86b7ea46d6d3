import { Temporal } from '@js-temporal/polyfill';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayMs } from './duration.ts';
import { isTimeZone, TimeZone, timeZoneNamed } from './time-zone.ts';

/** Zones with half-hour offsets and changes, changes at midnight, a whole day skipped, and offsets of seconds in the past. */
const names = fc.constantFrom(
  'UTC',
  'Europe/Madrid',
  'America/Sao_Paulo',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Africa/Monrovia',
  'Pacific/Apia',
);
const zoned = (ms: number, name: string) =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(name);
const offsetOf = (ms: number, name: string): number => zoned(ms, name).offsetNanoseconds / 1_000_000;

/** Instants, of which many are at a change of the clock, or a second or a millisecond beside it. */
const placed = fc
  .tuple(
    names,
    fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) - 1 }),
    fc.constantFrom(undefined, -1_000, -1, 0, 1, 1_000),
  )
  .map(([name, ms, beside]): [string, number] => {
    const change = beside === undefined ? null : zoned(ms, name).getTimeZoneTransition('next');
    return [name, change && beside !== undefined ? change.epochMilliseconds + beside : ms];
  });

describe('an offset', () => {
  test('is the one that Temporal tells, at the very millisecond of a change, whatever day was asked before', () => {
    fc.assert(
      fc.property(placed, ([name, ms]) => {
        expect(new TimeZone(name).offsetMs(ms)).toBe(offsetOf(ms, name));
        expect(timeZoneNamed(name).offsetMs(ms)).toBe(offsetOf(ms, name));
      }),
      { numRuns: 600 },
    );
  });

  test('stays until the instant that is told, which is a change or the end of the UTC day, and no sooner', () => {
    fc.assert(
      fc.property(
        placed,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        ([name, ms], share) => {
          const zone = timeZoneNamed(name);
          const untilMs = zone.offsetUntilMs(ms);
          expect(untilMs).toBeGreaterThan(ms);
          const within = ms + Math.floor((untilMs - ms) * share);
          expect(offsetOf(within, name)).toBe(zone.offsetMs(ms));
          expect(offsetOf(untilMs - 1, name)).toBe(zone.offsetMs(ms));
          const isEndOfDay = untilMs % dayMs === 0 && untilMs - ms <= dayMs;
          expect(isEndOfDay || offsetOf(untilMs, name) !== zone.offsetMs(ms)).toBe(true);
        },
      ),
      { numRuns: 600 },
    );
  });
});

test('a name has one zone, which is asked of Intl once', () => {
  expect(timeZoneNamed('Europe/Madrid')).toBe(timeZoneNamed('Europe/Madrid'));
  expect(timeZoneNamed('Europe/Madrid').name).toBe('Europe/Madrid');
  expect(() => timeZoneNamed('Europe/Nowhere')).toThrow(RangeError);
});

test.each([
  ['Europe/Madrid', true],
  ['UTC', true],
  ['Etc/GMT-1', true],
  ['+01:00', false],
  ['-05:00', false],
  ['', false],
  ['Europe/Nowhere', false],
  [' UTC', false],
  [1, false],
  [undefined, false],
  [null, false],
])('%s is a zone: %s', (name, known) => {
  expect(isTimeZone(name)).toBe(known);
});
