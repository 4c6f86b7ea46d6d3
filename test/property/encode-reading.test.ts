import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeReading } from '../../core/dataset/reading.ts';
import salonBookings from '../../datasets/salon-bookings.ts';
import waterTemperature from '../../datasets/water-temperature.ts';

const lineAt = (timestampMs: number): string =>
  encodeReading(waterTemperature, {
    sensorId: 'a',
    timestampMs,
    revision: 0,
    values: [1.5, null],
    attributes: [],
  });

test('timestamps are written as Date writes them, in whatever order they come', () => {
  const anywhere = fc.integer({ min: 0, max: Date.UTC(2100, 0) - 1 });
  // Most within a few minutes of each other, so that the minute that is kept is used, left and come back to.
  const near = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2026, 0) + 200_000 });
  const thatDay = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2026, 0, 2) - 1 });
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 5, arbitrary: near }, { weight: 2, arbitrary: thatDay }, anywhere), {
        maxLength: 50,
      }),
      (moments) => {
        for (const timestampMs of moments) {
          expect(lineAt(timestampMs)).toBe(
            `{"dataset":"water-temperature","sensorId":"a","timestamp":"${new Date(timestampMs).toISOString()}","temperature":1.5}`,
          );
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('texts and numbers of events are written as JSON writes them', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('"', '\\', '\u007f', '\ud800', '\u2028'),
  );
  const { measureNames, attributeNames } = salonBookings;
  const row = fc.record({
    sensorId: text,
    timestampMs: fc.constant(0),
    revision: fc.constant(0),
    values: fc.array(fc.oneof(fc.constant(0), fc.maxSafeInteger()), {
      minLength: measureNames.length,
      maxLength: measureNames.length,
    }),
    attributes: fc.array(text, { minLength: attributeNames.length, maxLength: attributeNames.length }),
  });
  fc.assert(
    fc.property(row, (event) => {
      const named = (names: readonly string[], of: readonly unknown[]) =>
        names.map((name, at) => [name, of[at]]);
      const fields = {
        dataset: 'salon-bookings',
        sensorId: event.sensorId,
        timestamp: '1970-01-01T00:00:00.000Z',
        ...Object.fromEntries([
          ...named(measureNames, event.values),
          ...named(attributeNames, event.attributes),
        ]),
      };
      expect(encodeReading(salonBookings, event)).toBe(JSON.stringify(fields));
    }),
    { numRuns: 500 },
  );
});
