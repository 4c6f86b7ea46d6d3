import { expect, it } from 'vitest';
import { outcomesOf } from '../test/support/file-readings.ts';
import { datasetOf, sampleOf } from '../test/support/format-samples.ts';
import { noaaIsdLite } from './noaa-isd-lite.ts';

const format = noaaIsdLite.with({
  match: '{sensorId}-20??',
  columns: {
    temperature: { column: 'airTemperature', scale: 0.1 },
    pressure: { column: 'seaLevelPressure', scale: 0.1 },
    rain: { column: 'precipitation1h', scale: 0.1, nothing: [-1] },
  },
});
const dataset = datasetOf(format, { temperature: '°C', pressure: 'hPa', rain: 'mm' });

it('reads hours in UTC, in tenths', async () => {
  const { readings, rejected } = await outcomesOf(dataset, '725300-94846-2025', sampleOf('noaa-isd-lite'));
  expect(readings).toEqual([
    { sensorId: '725300-94846', at: '2025-05-01T00:00:00.000Z', temperature: 12.4, pressure: 1013.2 },
    { sensorId: '725300-94846', at: '2025-05-01T01:00:00.000Z', temperature: 11.8, pressure: 1013.5 },
  ]);
  expect(rejected).toEqual(['3 no-value']);
});
