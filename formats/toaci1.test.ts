import { expect, it } from 'vitest';
import { defineDataset } from '../core/dataset/dataset.ts';
import { readingsOf } from '../test/support/file-readings.ts';
import { formatSamples } from '../test/support/format-samples.ts';
import { toaci1 } from './toaci1.ts';

const dataset = defineDataset({
  ...{ name: 'masts', timeZone: 'America/Denver', shards: 1, defaultSensorId: 'ridge' },
  measures: { airTemperature: { unit: '°C', min: -60, max: 60, optional: true }, wind: { unit: 'm/s', min: 0, max: 75, optional: true } },
  formats: [
    toaci1.with({
      match: '*.dat',
      zone: '-07:00',
      columns: { airTemperature: { column: 'temp_degf_AVG', unit: '°F' }, wind: { column: 'ws_ms_AVG', nothing: [-6999] } },
    }),
  ],
}); // biome-ignore format: short

it('reads a table of a logger, whose clock is never changed', async () => {
  expect(await readingsOf(dataset, 'ridge.dat', formatSamples.get('toaci1') ?? '')).toEqual([
    { sensorId: 'ridge', at: '2026-07-01T19:10:00.000Z', airTemperature: 20, wind: 3.5 },
    { sensorId: 'ridge', at: '2026-07-01T19:20:00.000Z', airTemperature: 25 },
    { sensorId: 'ridge', at: '2026-07-01T19:30:00.250Z', wind: 3.25 },
  ]);
});
