import { Temporal } from '@js-temporal/polyfill';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  dayBoundsMs,
  dayExtentMs,
  endTimestampMs,
  localDay,
  parseTimestamp,
} from '../../core/time/calendar.ts';
import { parseTime } from '../../core/time/time-format.ts';

/** Zones with half-hour offsets and changes, changes at midnight, and whole days skipped. */
const zones = fc.constantFrom(
  'UTC',
  'Europe/Madrid',
  'America/New_York',
  'America/Sao_Paulo',
  'America/St_Johns',
  'America/Havana',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Pacific/Apia',
  'Pacific/Chatham',
);
const instants = fc.integer({ min: 0, max: endTimestampMs - 1 });
const zoned = (ms: number, zone: string) =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);

/** Instants, half of them within two hours of a change of the zone's clock. */
const placed = fc
  .tuple(zones, instants, fc.boolean(), fc.integer({ min: -7_200_000, max: 7_200_000 }))
  .map(([zone, ms, near, shift]): [string, number] => {
    const change = near ? zoned(ms, zone).getTimeZoneTransition('next') : null;
    const at = change ? change.epochMilliseconds + shift : ms;
    return [zone, at >= 0 && at < endTimestampMs ? at : ms];
  });

test('the local day is the one that Temporal tells', () => {
  fc.assert(
    fc.property(placed, ([zone, ms]) => {
      expect(localDay(zone, ms)).toBe(zoned(ms, zone).toPlainDate().toString());
    }),
    { numRuns: 1_000 },
  );
});

test("a day's bounds are Temporal's starts of it and of the next", () => {
  fc.assert(
    fc.property(placed, ([zone, ms]) => {
      const date = zoned(ms, zone).toPlainDate();
      const { startMs, endMs } = dayBoundsMs(zone, date.toString());
      expect(startMs).toBe(date.toZonedDateTime(zone).startOfDay().epochMilliseconds);
      expect(endMs).toBe(date.add({ days: 1 }).toZonedDateTime(zone).startOfDay().epochMilliseconds);
    }),
    { numRuns: 500 },
  );
});

test('every instant is within the extent of its local day', () => {
  fc.assert(
    fc.property(placed, ([zone, ms]) => {
      const { startMs, endMs } = dayExtentMs(zone, localDay(zone, ms));
      expect(ms).toBeGreaterThanOrEqual(startMs);
      expect(ms).toBeLessThan(endMs);
      expect(localDay(zone, endMs - 1)).toBe(localDay(zone, ms));
    }),
    { numRuns: 1_000 },
  );
});

test('a local time has the instants that Temporal finds: two where the clock showed it twice, none where it skipped it', () => {
  const format = 'yyyy-MM-dd HH:mm:ss.SSS';
  fc.assert(
    fc.property(placed, fc.integer({ min: -7_200_000, max: 7_200_000 }), ([zone, ms], shift) => {
      const plain = zoned(ms, zone).toPlainDateTime().add({ milliseconds: shift });
      const text = plain.toString({ smallestUnit: 'millisecond' }).replace('T', ' ');
      const earlier = plain.toZonedDateTime(zone, { disambiguation: 'earlier' });
      const later = plain.toZonedDateTime(zone, { disambiguation: 'later' });
      const exists = earlier.toPlainDateTime().equals(plain);
      const found = new Set([earlier.epochMilliseconds, later.epochMilliseconds]);
      const expected = exists ? [...found].filter((ms) => ms >= 0 && ms < endTimestampMs) : [];
      expect(parseTime(text, format, zone)).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});

test('a timestamp with an offset is the instant that Temporal reads', () => {
  fc.assert(
    fc.property(instants, fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }), (ms, offset) => {
      const sign = offset < 0 ? '-' : '+';
      const pad = (value: number) => String(Math.trunc(value)).padStart(2, '0');
      const local = new Date(ms + offset * 60_000).toISOString().slice(0, -1);
      const text = `${local}${sign}${pad(Math.abs(offset) / 60)}:${pad(Math.abs(offset) % 60)}`;
      fc.pre(/^\d{4}-/.test(text));
      expect(parseTimestamp(text)).toBe(Temporal.Instant.from(text).epochMilliseconds);
    }),
  );
});
