import { expect, it } from 'vitest';
import { outcomesOf, readingsOf } from '../test/support/file-readings.ts';
import { datasetOf, sampleOf } from '../test/support/format-samples.ts';
import { inspected, readAsInspected } from '../test/support/inspected.ts';
import { zrxp } from './zrxp.ts';

const header = ['timestamp', 'value', 'status'];
const columns = { discharge: 'value' };
const dataset = datasetOf(zrxp.with({ match: '*.zrx', zone: '+01:00', header, columns }), {
  discharge: 'm³/s',
});
const sample = sampleOf('zrxp').toString();

it('reads each series under the station and the parameter of its header', async () => {
  const { readings, rejected, totals } = await outcomesOf(dataset, 'a.zrx', sample);
  expect(readings).toEqual([
    { sensorId: '4711-Q', at: '2026-04-30T23:00:00.000Z', discharge: 3.25 },
    { sensorId: '4711-Q', at: '2026-04-30T23:30:00.000Z', discharge: 3.5 },
    { sensorId: '4712-Q', at: '2026-04-30T23:00:00.000Z', discharge: 1.25 },
    { sensorId: '4712-Q', at: '2026-04-30T23:15:00.000Z', discharge: 1.5 },
  ]);
  expect([rejected, totals.passedOver]).toEqual([[], { 'no-value': 1 }]);
});

it('gives rows under a header without a parameter to no series, and least of all to the one before', async () => {
  const { readings, rejected } = await outcomesOf(
    dataset,
    'a.zrx',
    sample.replace('SNAMESchulenberg|*|CNAMEQ', 'SNAMESchulenberg'),
  );
  expect(readings.map(({ sensorId }) => sensorId)).toEqual(['4711-Q', '4711-Q']);
  expect(rejected).toEqual(['10 missing-field', '11 missing-field']);
});

it('has the keyword that its owner says for the sensor', async () => {
  const own = zrxp.with({ match: '*.zrx', zone: 'UTC', columns, sensorLine: '#REXCHANGE{sensorId}|*' });
  const file = '#REXCHANGEdam-1|*|LAYOUT(timestamp,value)|*|\n20260501 1\n202605010030 2\n';
  expect(await readingsOf(datasetOf(own, { discharge: 'm³/s' }), 'a.zrx', file)).toEqual([
    { sensorId: 'dam-1', at: '2026-05-01T00:00:00.000Z', discharge: 1 },
    { sensorId: 'dam-1', at: '2026-05-01T00:30:00.000Z', discharge: 2 },
  ]);
});

it('is worked out with layout, unit, clock and what stands for nothing', async () => {
  const { found, readings } = await readAsInspected('a.zrx', sample.replaceAll('-777', '-9999'));
  expect(found.shipped?.given).toMatchObject({ header, nothing: [-9999], zone: '+01:00' });
  expect(found.questions).toEqual([]);
  expect(found.measures).toMatchObject([{ column: 'value', unit: 'm³/s', range: { min: 1.25, max: 3.5 } }]);
  expect(readings).toContainEqual(['2026-04-30T23:15:00.000Z', '4712-Q', 1.5]);
});

it('is not made one measure of, where its series have several units', () => {
  expect(() => inspected('a.zrx', sample.replace('CUNITm3/s', 'CUNITcm'))).toThrow(
    'several units, cm and m3/s',
  );
});
