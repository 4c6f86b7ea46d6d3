import { describe, expect, it, test } from 'vitest';
import { checkColumnName, columnsNamed } from './column-name.ts';

describe('a column by its name', () => {
  const columns = ['time', 'Temp, °F (LGR S/N: 2002, SEN S/N: 31)', 'north T', 'south T', 'rain*'];

  it('is the one that is called so, also where the name has a star', () => {
    expect(columnsNamed('time', columns)).toEqual([{ index: 0 }]);
    expect(columnsNamed('rain*', [...columns, 'rain, mm'])).toEqual([{ index: 4 }]);
    expect(columnsNamed('rain', columns)).toEqual([]);
  });

  it('is each that a pattern fits, with the sensor that it names', () => {
    expect(columnsNamed('Temp, °F (*)', columns)).toMatchObject([{ index: 1 }]);
    expect(columnsNamed('{sensorId} T', columns)).toEqual([
      { index: 2, sensorId: 'north' },
      { index: 3, sensorId: 'south' },
    ]);
    expect(columnsNamed('{sensorId}', ['a (b)', ''])).toEqual([{ index: 0, sensorId: 'a (b)' }]);
  });
});

test.each([[''], [' '], [7], ['{sensorId}'], ['*a*b*c*d*'], ['x'.repeat(1_001)]])('%j is no name of a column', (name) => {
  expect(checkColumnName(name)).toContain('the name of a column');
}); // biome-ignore format: a table

test('a sensor stands once in the name of a column', () => {
  expect(checkColumnName('{sensorId} T', { ofSensors: true })).toBeUndefined();
  expect(checkColumnName('{sensorId} {sensorId}', { ofSensors: true })).toContain('once');
});
