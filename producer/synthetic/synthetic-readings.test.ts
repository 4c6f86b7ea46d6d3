import { describe, expect, it } from 'vitest';
import { datasets } from '#datasets';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { encodeReading } from '../../core/dataset/reading.ts';
import { parseNdjsonLine } from '../../core/lines/json/ndjson.ts';
import waterTemperature from '../../datasets/water-temperature.ts';
import { syntheticReadings } from './synthetic-readings.ts';

const startMs = Date.UTC(2024, 0, 1);

function take(
  count: number,
  options: { dataset?: Dataset; seed?: number; sensors?: number; everyMs?: number } = {},
) {
  const { dataset = waterTemperature, seed = 1, sensors = 5, everyMs = 3_600_000 } = options;
  return syntheticReadings({ dataset, seed, sensors, everyMs, startMs }).take(count).toArray();
}

describe('made-up readings', () => {
  it('are the same bytes for the same seed, and others for another', () => {
    const encode = (seed: number) =>
      take(500, { seed }).map((reading) => encodeReading(waterTemperature, reading));
    expect(encode(7)).toEqual(encode(7));
    expect(encode(7)).not.toEqual(encode(8));
  });

  it('of a sensor do not change when there are more sensors', () => {
    const firstOf = (sensors: number) =>
      take(sensors * 50, { sensors })
        .filter(({ sensorId }) => sensorId === 'sensor-0001')
        .slice(0, 40)
        .map(({ values }) => values);
    expect(firstOf(2)).toEqual(firstOf(9));
  });

  it.each(datasets.map((dataset) => [dataset.name, dataset] as const))(
    'of %s are all valid',
    (_, dataset) => {
      for (const reading of take(3_000, { dataset, sensors: 7 })) {
        expect(
          parseNdjsonLine(
            encodeReading(dataset, reading),
            true,
            { dataset, sensorId: undefined, arrivedMs: Date.now(), isStored: true },
            datasets,
          ),
        ).toEqual({
          kind: 'reading',
          dataset,
          reading,
          dropped: [],
        });
      }
    },
  );

  it('are distinct, on the grid of their series, with gaps', () => {
    const readings = take(20_000, { sensors: 4 });
    const identities = new Set(readings.map(({ sensorId, timestampMs }) => `${sensorId} ${timestampMs}`));
    expect(identities.size).toBe(readings.length);
    const mine = readings
      .filter(({ sensorId }) => sensorId === 'sensor-0003')
      .map(({ timestampMs }) => timestampMs);
    const steps = mine.slice(1).map((timestampMs, index) => (timestampMs - (mine[index] ?? 0)) / 3_600_000);
    expect(steps.every(Number.isInteger)).toBe(true);
    expect(Math.max(...steps)).toBeGreaterThan(1);
    expect(steps.filter((step) => step === 1).length / steps.length).toBeGreaterThan(0.95);
  });

  it('follow the year: a Spanish summer is warmer than its winter', () => {
    const readings = take(366 * 5, { everyMs: 86_400_000 });
    const meanOf = (month: number) => {
      const found = readings.filter(({ timestampMs }) => new Date(timestampMs).getUTCMonth() === month);
      return found.reduce((sum, { values }) => sum + (values[0] ?? 0), 0) / found.length;
    };
    expect(meanOf(7) - meanOf(1)).toBeGreaterThan(5);
  });

  it('fit a dataset that says nothing about them, narrow ranges included', async () => {
    const { defineDataset } = await import('../../core/dataset/dataset.ts');
    const dataset = defineDataset({
      name: 'plain',
      timeZone: 'UTC',
      shards: 1,
      measures: {
        tiny: { unit: 'm', min: 0.00001, max: 0.00002 },
        wide: { unit: 'm', min: -1e12, max: 1e12 },
      },
    });
    const readings = take(500, { dataset });
    const tiny = readings.map(({ values }) => values[0] ?? 0);
    expect(tiny.every((value) => value >= 0.00001 && value <= 0.00002)).toBe(true);
    expect(new Set(tiny).size).toBeGreaterThan(100);
  });
});
