import { describe, expect, test } from 'vitest';
import { defineDataset } from '../../dataset/dataset.ts';
import { bytesAre, FieldTable, fieldKinds } from './field-table.ts';

const dataset = defineDataset({
  name: 'rich',
  timeZone: 'UTC',
  shards: 2,
  sensorIdField: 'probe',
  measures: {
    level: { unit: 'm', min: 0, max: 9 },
    flow: { unit: 'm³/s', min: 0, max: 9, optional: true },
  },
  attributes: { river: { maxLength: 9 }, note: { maxLength: 9, optional: true } },
});

/** Looks up a key that stands among other bytes. */
function find(table: FieldTable, key: string): number {
  const bytes = Buffer.from(`{"${key}":`);
  return table.find(bytes, 2, bytes.length - 2);
}

describe('the fields of a dataset', () => {
  const table = () => new FieldTable(dataset);

  test('are in the order in which a reading is written, each with its kind, its column, and whether it must be there', () => {
    const told = table().fields.map(({ key, kind, column, isRequired }) => [
      `${key}`,
      kind,
      column,
      isRequired,
    ]);
    expect(told).toEqual([
      ['dataset', fieldKinds.dataset, 0, false],
      ['sensorId', fieldKinds.sensor, 0, false],
      ['timestamp', fieldKinds.timestamp, 0, true],
      ['level', fieldKinds.measure, 0, true],
      ['flow', fieldKinds.measure, 1, false],
      ['river', fieldKinds.attribute, 0, true],
      ['note', fieldKinds.attribute, 1, false],
      ['revision', fieldKinds.revision, 0, false],
    ]);
  });

  test('are found by their keys, and the sensor by its other name too', () => {
    const { fields } = table();
    expect(fields.map(({ key }) => find(table(), `${key}`))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(find(table(), 'probe')).toBe(1);
  });

  test.each(['', 'leve', 'levels', 'Level', 'lefel', 'salinity', '__proto__'])('are not %j', (key) => {
    expect(find(table(), key)).toBe(-1);
  });
});

test('bytes are those expected when all of them are there', () => {
  const bytes = Buffer.from('a null b');
  const expected = Buffer.from('null');
  expect([2, 1, 3].map((at) => bytesAre(bytes, at, expected))).toEqual([true, false, false]);
  expect(bytesAre(Buffer.from('a null'), 2, expected)).toBe(true);
  expect(bytesAre(Buffer.from('a nul'), 2, expected)).toBe(false);
  expect(bytesAre(Buffer.from('a nuln'), 2, expected)).toBe(false);
});
