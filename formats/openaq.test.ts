import { expect, it } from 'vitest';
import { outcomesOf } from '../test/support/file-readings.ts';
import { datasetOf, sampleOf } from '../test/support/format-samples.ts';
import { openaq } from './openaq.ts';

const format = openaq.with({ match: 'location-*.csv', parameters: { pm25: 'pm2_5', o3: 'ozone' } });
const dataset = datasetOf(format, { pm2_5: 'µg/m³', ozone: 'ppm' });

it('makes a reading of the parameters of a location and time, with their units', async () => {
  const { readings, rejected, totals } = await outcomesOf(
    dataset,
    'location-2178-20250501.csv',
    sampleOf('openaq'),
  );
  expect(readings).toEqual([{ sensorId: '2178', at: '2025-05-01T08:00:00.000Z', pm2_5: 7.5, ozone: 0.041 }]);
  expect(rejected).toEqual([]);
  expect(totals.passedOver).toEqual({ joined: 1, 'no-value': 1, 'other-parameter': 1 });
  expect(totals.columns).toMatchObject({ unmapped: [], parameters: ['um100'] });
});
