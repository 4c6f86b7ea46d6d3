import { expect, it } from 'vitest';
import { outcomesOf } from '../test/support/file-readings.ts';
import { datasetOf, sampleOf } from '../test/support/format-samples.ts';
import { sensorCommunity } from './sensor-community.ts';

const format = sensorCommunity.with({ match: '*_sensor_*.csv', columns: { pm10: 'P1', pm2_5: 'P2' } });
const dataset = datasetOf(format, { pm10: 'µg/m³', pm2_5: 'µg/m³' });

it('reads times without an offset as UTC', async () => {
  const { readings, rejected, totals } = await outcomesOf(
    dataset,
    '2025-05-01_sds011_sensor_11245.csv',
    sampleOf('sensor-community'),
  );
  expect(readings).toEqual([
    { sensorId: '11245', at: '2025-05-01T00:00:18.000Z', pm10: 5.43, pm2_5: 5.33 },
    { sensorId: '11245', at: '2025-05-01T00:02:45.250Z', pm2_5: 6.1 },
  ]);
  expect(rejected).toEqual([]);
  expect(totals.dropped).toEqual({ sample: { pm10: { missing: 1 } } });
});
