import { expect, test } from 'vitest';
import { datasets } from '#datasets';
import waterTemperature from '../../datasets/water-temperature.ts';
import { definitionOf } from '../../test/support/definition-of.ts';
import { DatasetDefinitionError, defineDataset } from '../dataset/dataset.ts';
import { lakeViews } from './lake-views.ts';

const { csv: _, alerts: __, synthetic: ___, ...definition } = definitionOf(waterTemperature);
const viewOf = (change: Partial<typeof definition>) => {
  const [view] = lakeViews([defineDataset({ ...definition, ...change })]);
  if (view === undefined) throw new Error('one view is expected');
  return view;
};

test('every dataset has a view, with names that need no quotes', () => {
  const views = lakeViews(datasets);
  expect(views.map(({ name }) => name)).toContain('water_temperature');
  for (const { name, files, columns } of views)
    for (const one of [name, files, ...columns.map((column) => column.name)])
      expect(one).toMatch(/^[a-z][a-z0-9_]*$/);
});

test('a measure has its unit and bounds as its comment', () => {
  const { columns } = viewOf({});
  expect(columns.find(({ name }) => name === 'temperature')).toEqual({
    ...{ name: 'temperature', type: 'number', comment: '°C, -5 to 45' },
  });
  expect(columns.find(({ name }) => name === 'local_time')?.comment).toContain('Europe/Madrid');
});

test('names of measures become words, and no two columns have one name', () => {
  const measure = { unit: 'm', min: 0, max: 1 };
  const measures = {
    airTemperature: measure,
    air_temperature: measure,
    PM25: measure,
    windXGust: measure,
    local_date: measure,
  };
  expect([...viewOf({ measures }).fieldOf]).toEqual([
    ['air_temperature', 'airTemperature'],
    ['air_temperature_2', 'air_temperature'],
    ['pm25', 'PM25'],
    ['wind_x_gust', 'windXGust'],
    ['local_date_2', 'local_date'],
  ]);
});

test('two datasets whose relations would have one name are refused', () => {
  const named = (name: string) => defineDataset({ ...definition, name });
  expect(() => lakeViews([named('river'), named('river-files')])).toThrow(DatasetDefinitionError);
  expect(() => lakeViews([named('river'), named('lake-files')])).not.toThrow();
});
