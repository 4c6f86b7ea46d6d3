import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeReading } from '../../core/dataset/reading.ts';
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
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 5, arbitrary: near }, anywhere), { maxLength: 50 }),
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
