import { expect, it } from 'vitest';
import { outcomesOf } from '../test/support/file-readings.ts';
import { datasetOf, sampleOf } from '../test/support/format-samples.ts';
import { meteostat } from './meteostat.ts';

const format = meteostat.with({
  match: '{sensorId}.csv',
  columns: {
    temperature: { column: 'temp', flag: { column: 'temp_source', notIn: ['dwd_mosmix', 'metno_forecast'] } },
    wind: { column: 'wspd', unit: 'km/h' },
    pressure: 'pres',
  },
});
const dataset = datasetOf(format, { temperature: '°C', wind: 'm/s', pressure: 'hPa' });

it('reads what was observed, and not what a model has filled in', async () => {
  const { readings, rejected, totals } = await outcomesOf(dataset, '10637.csv', sampleOf('meteostat'));
  expect(readings).toEqual([
    { sensorId: '10637', at: '2025-05-01T00:00:00.000Z', temperature: 11.2, wind: 5, pressure: 1013.2 },
    { sensorId: '10637', at: '2025-05-01T13:00:00.000Z', pressure: 1014 },
  ]);
  expect(rejected).toEqual([]);
  expect(totals.dropped).toEqual({ sample: { temperature: { flagged: 1 }, wind: { empty: 1 } } });
});
