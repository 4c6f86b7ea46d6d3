import { expect, it } from 'vitest';
import { outcomesOf } from '../test/support/file-readings.ts';
import { datasetOf, sampleOf } from '../test/support/format-samples.ts';
import { readAsInspected } from '../test/support/inspected.ts';
import { hydrasMis } from './hydras-mis.ts';

const sample = sampleOf('hydras-mis').toString();
const dataset = datasetOf(hydrasMis.with({ match: '*.mis', zone: '+01:00', columns: { level: 'value' } }), {
  level: 'm',
});

it('reads the rows under each line of tags for the sensor of that line', async () => {
  const { readings, rejected, totals } = await outcomesOf(dataset, 'a.mis', sample);
  expect(readings).toEqual([
    { sensorId: '0000012345-0001', at: '2026-04-30T23:15:00.000Z', level: 1.204 },
    { sensorId: '0000012345-0001', at: '2026-04-30T23:30:00.000Z', level: 1.21 },
    { sensorId: '0000012345-0002', at: '2026-04-30T23:15:00.000Z', level: 11.5 },
  ]);
  expect([rejected, totals.passedOver]).toEqual([[], { 'no-value': 1 }]);
});

it('gives the rows under a line that does not name both to no sensor', async () => {
  const { readings, rejected } = await outcomesOf(
    dataset,
    'a.mis',
    sample.replace('<SENSOR>0002</SENSOR>', ''),
  );
  expect(readings.map(({ sensorId }) => sensorId)).toEqual(['0000012345-0001', '0000012345-0001']);
  expect(rejected).toEqual(['5 missing-field']);
});

it('is worked out, and the clock is asked for', async () => {
  const { readings, found } = await readAsInspected('a.mis', sample, { zone: '+01:00' });
  expect(found.shipped?.given).toMatchObject({ zone: '+01:00' });
  expect(readings).toContainEqual(['2026-04-30T23:15:00.000Z', '0000012345-0002', 11.5]);
});
