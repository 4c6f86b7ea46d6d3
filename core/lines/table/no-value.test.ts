import { describe, expect, test } from 'vitest';
import { outcomesOf } from '../../../test/support/file-readings.ts';
import { readAsInspected } from '../../../test/support/inspected.ts';
import { defineDataset } from '../../dataset/dataset.ts';
import type { DatasetDefinition } from '../../dataset/definition.ts';
import { json } from '../../formats/json-format.ts';
import { text } from '../../formats/text-format.ts';

const measure = { unit: 'm', min: 0, max: 10 };
const reading = (measures: NonNullable<DatasetDefinition['measures']>) =>
  defineDataset({
    ...{ name: 'gauges', timeZone: 'UTC', shards: 1, defaultSensorId: 'g', maxUnreadable: 1 },
    measures,
    formats: [
      text({ match: '*.csv', time: { column: 'time', format: 'iso' }, nothing: [-9] }),
      json({ match: '*.json', time: { path: '@.time', format: 'iso' }, nothing: [-9], fields: { withdrawn: 'withdrawn' } }),
    ],
  }); // biome-ignore format: short
const time = '2026-05-01T00:00:00Z';

describe('a row, or record, that has nothing of the only measure of its dataset', () => {
  const dataset = reading({ level: { ...measure, optional: true } });

  test.each(['', 'NA', '-9', '---', 'NaN'])('is passed over: %j', async (cell) => {
    const { readings, rejected, totals } = await outcomesOf(dataset, 'a.csv', `time,level\n${time},${cell}\n${time},5\n`);
    expect([readings.length, rejected, totals.passedOver]).toEqual([1, [], { 'no-value': 1 }]);
    const value = cell === '-9' ? -9 : cell;
    const records = [{ time, level: value }, { time, level: null }, { time, level: 5 }];
    const file = await outcomesOf(dataset, 'a.json', records.map((record) => JSON.stringify(record)).join('\n'));
    expect([file.readings.length, file.rejected, file.totals.passedOver]).toEqual([1, [], { 'no-value': 2 }]);
  });

  test.each(['x', '5*', '11', '<1'])('is none where there is something that is no value: %j', async (cell) => {
    const { rejected, totals } = await outcomesOf(dataset, 'a.csv', `time,level\n${time},${cell}\n${time},5\n`);
    expect([rejected.length, totals.passedOver]).toEqual([1, undefined]);
  });

  test('is none where not even its name is there, or where it is withdrawn', async () => {
    const { rejected } = await outcomesOf(dataset, 'a.json', `{"time":"${time}"}\n{"time":"${time}","level":5}\n`);
    expect(rejected).toEqual(['1 no-value']);
    for (const [file, bytes] of [['a.json', `{"time":"${time}","level":null,"withdrawn":true}`], ['a.csv', `time,level,withdrawn\n${time},,true\n`]] as const)
      expect((await outcomesOf(dataset, file, bytes)).totals).toMatchObject({ valid: 1 });
  });

  test('is rejected where the measure has to be there, or where there are others', async () => {
    for (const measures of [{ level: measure }, { level: { ...measure, optional: true }, flow: { ...measure, optional: true } }]) {
      const { rejected } = await outcomesOf(reading(measures), 'a.csv', `time,level\n${time},NA\n${time},5\n`);
      expect(rejected).toHaveLength(1);
    }
  });
}); // biome-ignore format: short

test('inspect proposes a dataset that takes no row of nothing for a fault', async () => {
  const rows = Array.from(
    { length: 9 },
    (_, hour) => `A,2026-05-01T0${hour}:00:00Z,${hour % 3 === 1 ? 'NA' : hour}\n`,
  );
  const { totals, found } = await readAsInspected('a.csv', `station,time,temp\n${rows.join('')}`);
  expect(totals).toMatchObject({ valid: 6, rejected: {}, passedOver: { 'no-value': 3 } });
  expect(found.definition.measures).toMatchObject({ temp: { optional: true } });
});

test("IEM's M is no measurement", async () => {
  const file = '#DEBUG: made up\nstation,valid,tmpf,sknt,p01i\nAAA,2025-06-01 00:00,68.00,5.00,0.00\nAAA,2025-06-01 00:05,M,6.00,M\nAAA,2025-06-01 00:10,69.80,M,0.01\n';
  const { readings, rejected } = await readAsInspected('a.csv', file, { zone: 'UTC' });
  expect(rejected).toEqual([]);
  expect(readings.map(([, , ...values]) => values)).toEqual([[68, 5, 0], [null, 6, null], [69.8, null, 0.01]]);
}); // biome-ignore format: short
