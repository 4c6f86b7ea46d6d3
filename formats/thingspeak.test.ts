import { expect, it } from 'vitest';
import { outcomesOf } from '../test/support/file-readings.ts';
import { datasetOf, sampleOf } from '../test/support/format-samples.ts';
import { thingspeak } from './thingspeak.ts';

const format = thingspeak.with({
  match: '*.csv',
  sensorId: 'greenhouse',
  columns: { temperature: 'field1', humidity: 'field2' },
});
const dataset = datasetOf(format, { temperature: '°C', humidity: '%' });

it('reads the fields of a channel, in UTC or with an offset', async () => {
  const { readings, rejected, totals } = await outcomesOf(dataset, 'feeds.csv', sampleOf('thingspeak'));
  expect(readings).toEqual([
    { sensorId: 'greenhouse', at: '2025-05-01T12:48:11.000Z', temperature: 12.6, humidity: 69.699997 },
    { sensorId: 'greenhouse', at: '2025-05-01T12:49:11.000Z', temperature: 12.7 },
  ]);
  expect(rejected).toEqual([]);
  expect(totals.dropped).toEqual({ sample: { humidity: { empty: 1 } } });
});
