import { expect, it } from 'vitest';
import { outcomesOf } from '../test/support/file-readings.ts';
import { datasetOf, sampleOf } from '../test/support/format-samples.ts';
import { davisWeatherlink } from './davis-weatherlink.ts';

const format = davisWeatherlink.with({
  match: '{sensorId}.txt',
  zone: '-07:00',
  columns: {
    temperature: { column: 'Temp Out', unit: '°F' },
    high: { column: 'Hi Temp', unit: '°F' },
    wind: { column: 'Wind Speed', unit: 'mph' },
    rain: { column: 'Rain', unit: 'in' },
  },
});
const dataset = datasetOf(format, { temperature: '°C', high: '°C', wind: 'm/s', rain: 'mm' });

it('reads an export of the desktop program, whose names stand on two lines', async () => {
  const { readings, rejected, totals } = await outcomesOf(dataset, 'roof.txt', sampleOf('davis-weatherlink'));
  expect(readings).toEqual([
    {
      sensorId: 'roof',
      at: '2026-05-01T07:10:00.000Z',
      temperature: 10,
      high: 15,
      wind: 4.4704,
      rain: 0.254,
    },
    { sensorId: 'roof', at: '2026-05-01T19:10:00.000Z', wind: 0, rain: 0 },
  ]);
  expect(rejected).toEqual([]);
  expect(totals.dropped).toEqual({ sample: { temperature: { missing: 1 }, high: { missing: 1 } } });
});
