import { expect, it } from 'vitest';
import { outcomesOf } from '../test/support/file-readings.ts';
import { datasetOf, sampleOf } from '../test/support/format-samples.ts';
import { usgsRdb } from './usgs-rdb.ts';

const format = usgsRdb.with({
  match: '*.txt',
  columns: {
    stage: { column: '*_00065', unit: 'ft' },
    discharge: { column: '*_00060', scale: 0.028316846592, flag: { column: '*_00060_cd', in: ['A'] } },
  },
});
const dataset = datasetOf(format, { stage: 'm', discharge: 'm³/s' });

it('reads values of the hour that the clock repeats by the zone beside them, and only approved ones where that is asked for', async () => {
  const { readings, rejected, totals } = await outcomesOf(dataset, 'river.txt', sampleOf('usgs-rdb'));
  expect(readings).toEqual([
    { sensorId: '01646500', at: '2025-11-02T05:30:00.000Z', stage: 3.048, discharge: 3500 * 0.028316846592 },
    { sensorId: '01646500', at: '2025-11-02T07:00:00.000Z', stage: 11 * 0.3048 },
  ]);
  expect(rejected).toEqual([]);
  expect(totals.passedOver).toEqual({ filtered: 1 });
  expect(totals.dropped).toEqual({ sample: { discharge: { missing: 1 } } });
});
