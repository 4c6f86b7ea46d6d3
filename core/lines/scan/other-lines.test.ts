import fc from 'fast-check';
import { expect, test } from 'vitest';
import gadgetTelemetry from '../../../datasets/gadget-telemetry.ts';
import waterTemperature from '../../../datasets/water-temperature.ts';
import { encodeReading } from '../../dataset/reading.ts';
import { findReading, parseSegment } from '../parse-segment.ts';

const datasets = [gadgetTelemetry, waterTemperature];
const hourMs = 3_600_000;
const line = fc.oneof(
  { weight: 6, arbitrary: fc.record({ sensorId: fc.constantFrom('a', 'b', 'c'), hour: fc.nat(3), revision: fc.nat(1) }).map(({ sensorId, hour, revision }) =>
    encodeReading(gadgetTelemetry, { sensorId, timestampMs: hour * hourMs, revision, values: [50, -70, null], attributes: [null] })) },
  { weight: 2, arbitrary: fc.nat(3).map((hour) => encodeReading(waterTemperature, { sensorId: 'a', timestampMs: hour * hourMs, revision: 0, values: [17, null], attributes: [] })) },
  { weight: 2, arbitrary: fc.constantFrom('', 'x', '{"dataset":"gadget-telemetry","sensorId":"a","timestamp":"1970-01-01T01:00:00+00:00", "signal":-70,"battery":50,"temperature":"NA"}', '{"dataset":"gadget-telemetry","sensorId":"a"') },
); // biome-ignore format: a table

test('one identity is found where reading every line finds it, with the same rejected lines, in any chunks', async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 40, size: 'max' }),
      fc.nat(3),
      fc.integer({ min: 1, max: 400 }),
      fc.boolean(),
      async (lines, hour, chunkBytes, isTerminated) => {
        const bytes = Buffer.from(lines.join('\n') + (isTerminated ? '\n' : ''));
        async function* chunks() {
          for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
        }
        const segment = () => ({
          source: { key: 'raw/x', arrivedMs: hourMs * 24 },
          datasets,
          bytes: chunks(),
        });
        const sought = { dataset: gadgetTelemetry, sensorId: 'a', timestampMs: hour * hourMs };
        const collect = () => {
          const told: unknown[] = [];
          const isIt = (name: string, sensorId: string, timestampMs: number) =>
            name === 'gadget-telemetry' && sensorId === 'a' && timestampMs === sought.timestampMs;
          return {
            told,
            sink: {
              reading: (...all: Parameters<Parameters<typeof parseSegment>[1]['reading']>) => {
                if (isIt(all[1].name, all[2].sensorId, all[2].timestampMs))
                  told.push([all[0], all[2], all[3]]);
              },
              rejected: (...all: unknown[]) => void told.push(all),
            },
          };
        };
        const [expected, actual] = [collect(), collect()];
        await parseSegment(segment(), expected.sink);
        await findReading(segment(), sought, actual.sink);
        expect(actual.told).toEqual(expected.told);
        found += actual.told.length;
      },
    ),
    { numRuns: 300 },
  );
  expect(found).toBeGreaterThan(300);
});
