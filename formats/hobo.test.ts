import { expect, it } from 'vitest';
import { outcomesOf } from '../test/support/file-readings.ts';
import { datasetOf, sampleOf } from '../test/support/format-samples.ts';
import { hobo } from './hobo.ts';

const format = hobo.with({
  match: '{sensorId}.csv',
  zone: '-05:00',
  columns: { temperature: { column: 'Temp, °F (*', unit: '°F' } },
});
const dataset = datasetOf(format, { temperature: '°C' });

it('reads what HOBOware exports, by the offset of the logger, and tells of rows that have no value', async () => {
  const { readings, rejected, totals } = await outcomesOf(dataset, 'ford.csv', sampleOf('hobo'));
  expect(readings).toEqual([
    { sensorId: 'ford', at: '2026-05-01T16:30:00.000Z', temperature: 10 },
    { sensorId: 'ford', at: '2026-05-01T17:00:00.000Z', temperature: 15 },
    { sensorId: 'ford', at: '2026-05-02T05:30:00.000Z', temperature: 20 },
  ]);
  expect([rejected, totals.passedOver]).toEqual([[], { 'no-value': 1 }]);
  expect(totals.columns).toMatchObject({
    unmapped: ['Intensity, lum/ft² (LGR S/N: 10360568, SEN S/N: 10360568)'],
  });
});
