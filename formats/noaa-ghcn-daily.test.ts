import { expect, it } from 'vitest';
import { outcomesOf } from '../test/support/file-readings.ts';
import { datasetOf, sampleOf } from '../test/support/format-samples.ts';
import { noaaGhcnDaily } from './noaa-ghcn-daily.ts';

const format = noaaGhcnDaily.with({
  match: '*.csv',
  zone: 'America/New_York',
  parameters: {
    TMAX: { measure: 'maximum', scale: 0.1 },
    TMIN: { measure: 'minimum', scale: 0.1 },
    PRCP: { measure: 'precipitation', scale: 0.1 },
  },
});
const dataset = datasetOf(format, { maximum: '°C', minimum: '°C', precipitation: 'mm' });

it('makes a reading of the elements of a day, without values that failed a check', async () => {
  const { readings, rejected, totals } = await outcomesOf(dataset, '2025.csv', sampleOf('noaa-ghcn-daily'));
  expect(readings).toEqual([
    { sensorId: 'USC00026481', at: '2025-05-01T04:00:00.000Z', maximum: 30.3, minimum: -1.1 },
    { sensorId: 'USC00026481', at: '2025-05-02T04:00:00.000Z', precipitation: 0.3 },
  ]);
  expect(rejected).toEqual([]);
  expect(totals.passedOver).toEqual({ joined: 1, filtered: 1, 'other-parameter': 1 });
  expect(totals.columns).toMatchObject({ parameters: ['SNOW'] });
});
