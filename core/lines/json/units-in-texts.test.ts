import { expect, test } from 'vitest';
import { outcomesOf } from '../../../test/support/file-readings.ts';
import { readAsInspected } from '../../../test/support/inspected.ts';
import { defineDataset } from '../../dataset/dataset.ts';
import { json } from '../../formats/json-format.ts';

const at = '2026-05-01T00:00:00Z';
const temperature = { unit: '°C', min: -60, max: 60, optional: true };
const humidity = { unit: '%', min: 0, max: 100, optional: true };
const own = {
  ...{ name: 'texts', timeZone: 'UTC', shards: 1, defaultSensorId: 'a' },
  measures: { temperature, humidity },
};
const time = { path: '@.at', format: 'iso' } as const; // biome-ignore format: short

test('a number may have the unit of its measure behind it, as in cells', async () => {
  const fields = { temperature: { path: '@.t', unit: '°F' } };
  const dataset = defineDataset({ ...own, formats: [json({ match: '*.json', time, fields })] });
  const read = async (record: object) =>
    (await outcomesOf(dataset, 'a.json', JSON.stringify({ at, ...record }))).readings[0];
  expect(await read({ t: '50 °F', humidity: '55.5%' })).toMatchObject({ temperature: 10, humidity: 55.5 });
  expect(await read({ t: '50 °C', humidity: '55.5' })).toBeUndefined();
  expect(await read({ t: '5 0 °F', humidity: 1 })).toBeUndefined();
});

test('also where a record has one value: the unit that it says, or that of the parameter', async () => {
  const long = {
    parameter: '@.p',
    value: '@.v',
    unit: '@.u',
    parameters: { t: 'temperature', h: 'humidity' },
  };
  const dataset = defineDataset({ ...own, formats: [json({ match: '*.json', time, long })] });
  const read = async (record: object) =>
    (await outcomesOf(dataset, 'a.json', JSON.stringify({ at, ...record }))).readings[0];
  expect(await read({ p: 't', v: '50 °F', u: '°F' })).toMatchObject({ temperature: 10 });
  expect(await read({ p: 'h', v: '55 %' })).toMatchObject({ humidity: 55 });
  expect(await read({ p: 't', v: '50 °F', u: '°C' })).toBeUndefined();
  expect(await read({ p: 't', v: '50 °F' })).toBeUndefined();
});

test('inspect sees them, with a decimal comma too', async () => {
  const records = [0, 1, 2].map((hour) => ({
    id: 'a',
    at: `2026-05-01T0${hour}:00:00Z`,
    temp: `${hour + 12},5 °C`,
  }));
  const bytes = records.map((record) => JSON.stringify(record)).join('\n');
  const { found, readings, rejected } = await readAsInspected('a.json', bytes);
  expect(found.measures).toMatchObject([{ column: 'temp', unit: '°C', range: { min: 12.5, max: 14.5 } }]);
  expect([readings.map(([, , value]) => value), rejected]).toEqual([[12.5, 13.5, 14.5], []]);
});
