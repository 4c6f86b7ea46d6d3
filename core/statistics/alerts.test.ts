import { expect, test } from 'vitest';
import { defineDataset } from '../dataset/dataset.ts';
import { ColumnsBuilder } from '../set/row-buffer.ts';
import { statisticsByDay } from './statistics.ts';

test('a rule counts the breaches of the sensors that it is for, and of no other', () => {
  const dataset = defineDataset({
    name: 'levels',
    timeZone: 'UTC',
    shards: 1,
    measures: { level: { unit: 'm', min: 0, max: 100 } },
    alerts: {
      all: { measure: 'level', above: 8 },
      some: { measure: 'level', above: 8, sensors: 'weir,river-*' },
    },
  });
  const builder = new ColumnsBuilder(dataset);
  for (const sensorId of ['river-1', 'river-2', 'sea', 'weir']) {
    const reading = {
      sensorId,
      timestampMs: 0,
      revision: 0,
      values: [sensorId === 'river-2' ? 7 : 9],
      attributes: [],
    };
    builder.add(reading);
  }
  const found = [...statisticsByDay(dataset, builder.build())].map(([sensorId, { alerts }]) => [
    sensorId,
    Object.keys(alerts),
  ]);
  expect(found).toEqual([
    ['river-1', ['all', 'some']],
    ['river-2', []],
    ['sea', ['all']],
    ['weir', ['all', 'some']],
  ]);
});
