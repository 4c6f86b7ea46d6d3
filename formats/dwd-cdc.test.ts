import { expect, it } from 'vitest';
import { outcomesOf } from '../test/support/file-readings.ts';
import { datasetOf, sampleOf } from '../test/support/format-samples.ts';
import { dwdCdc } from './dwd-cdc.ts';

const format = dwdCdc.with({ match: 'produkt_*.txt', columns: { temperature: 'TT_TU', humidity: 'RF_TU' } });
const dataset = datasetOf(format, { temperature: '°C', humidity: '%' });

it('reads padded cells and hours in UTC', async () => {
  const { readings, rejected, totals } = await outcomesOf(
    dataset,
    'produkt_tu_stunde_20250501_20251231_03987.txt',
    sampleOf('dwd-cdc'),
  );
  expect(readings).toEqual([
    { sensorId: '3987', at: '2025-05-01T00:00:00.000Z', temperature: 11.2, humidity: 81 },
    { sensorId: '3987', at: '2025-05-01T01:00:00.000Z', humidity: 82 },
  ]);
  expect(rejected).toEqual([]);
  expect(totals.dropped).toEqual({ sample: { temperature: { missing: 1 } } });
});
