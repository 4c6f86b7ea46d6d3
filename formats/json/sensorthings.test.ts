import { expect, it } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { readingsOf } from '../../test/support/file-readings.ts';
import { sensorthings } from './sensorthings.ts';

const observation = (id: number, phenomenonTime: string, result: unknown) => ({
  '@iot.id': id,
  '@iot.selfLink': `https://example.org/v1.1/Observations(${id})`,
  ...{ phenomenonTime, resultTime: null, result },
  Datastream: {
    '@iot.id': 7,
    name: 'oven temperature',
    unitOfMeasurement: { name: 'degree Celsius', symbol: '°C' },
    ObservedProperty: { name: 'temperature' },
  },
});
const page = {
  '@iot.nextLink': 'https://example.org/v1.1/Observations?$skip=2&$expand=Datastream',
  value: [
    observation(1, '2026-05-01T12:00:00.000+02:00', 21.5),
    observation(2, '2026-05-01T10:00:00Z/2026-05-01T10:10:00Z', 22),
  ],
};
const sample = JSON.stringify(page, null, 2);

const base = {
  ...{ name: 'ovens', timeZone: 'Europe/Madrid', shards: 1 },
  measures: { temperature: { unit: '°C', min: 0, max: 500 } },
};
const readings = [
  { sensorId: 'oven temperature', at: '2026-05-01T10:00:00.000Z', temperature: 21.5 },
  { sensorId: 'oven temperature', at: '2026-05-01T10:00:00.000Z', temperature: 22 },
];

it('reads observations by their datastream, an interval by its start', async () => {
  const formats = [sensorthings.with({ match: '*.json', fields: { temperature: '@.result' } })];
  expect(await readingsOf(defineDataset({ ...base, formats }), 'page.json', sample)).toEqual(readings);
});

it('reads several observed properties as values of one reading', async () => {
  const long = {
    ...{ parameter: '@.Datastream.ObservedProperty.name', value: '@.result' },
    ...{ unit: '@.Datastream.unitOfMeasurement.symbol', parameters: { temperature: 'temperature' } },
  };
  const formats = [sensorthings.with({ match: '*.json', long, filter: [{ path: "@['@iot.id']", in: [2] }] })];
  const found = await readingsOf(defineDataset({ ...base, formats }), 'page.json', sample);
  expect(found).toEqual([readings[1]]);
});

it('recognises such pages', () => {
  expect(sensorthings.recognises(sample)).toBe(true);
  expect(sensorthings.recognises('{"value":[{"id":1}]}')).toBe(false);
});
