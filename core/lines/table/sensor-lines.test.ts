import { describe, expect, test } from 'vitest';
import { outcomesOf } from '../../../test/support/file-readings.ts';
import { defineDataset } from '../../dataset/dataset.ts';
import { type TextFormat, text } from '../../formats/text-format.ts';

const reading = (format: Partial<Omit<TextFormat, 'kind'>>) =>
  defineDataset({
    ...{ name: 'gauges', timeZone: 'UTC', shards: 1, defaultSensorId: 'default' },
    measures: { level: { unit: 'm', min: 0, max: 10, optional: true } },
    formats: [text({ match: '*.txt', time: { column: 'time', format: 'iso' }, ...format })],
  });

const row = (minute: number) => `2026-05-01T00:0${minute}:00Z,${minute}\n`;
const sensors = async (format: Partial<Omit<TextFormat, 'kind'>>, file: string, name = 'a.txt') => {
  const { readings, rejected } = await outcomesOf(reading(format), name, file);
  return [...readings.map(({ sensorId }) => sensorId), ...rejected];
};

describe('the sensor of rows is on a line above them', () => {
  test('in front of the header, before a folder and a default', async () => {
    const format = { skipLines: 2, sensorLine: 'Station: {sensorId} (*' };
    const file = `Export\nStation: dam 7 (North)\ntime,level\n${row(1)}${row(2)}`;
    expect(await sensors(format, file)).toEqual(['dam 7', 'dam 7']);
    expect(await sensors(format, file, 'folder/a.txt')).toEqual(['dam 7', 'dam 7']);
  });

  test('in remarks, of each part of a file its own; other remarks say nothing', async () => {
    const file = `time,level\n# at p\n${row(1)}# cleaned\n${row(2)}# at q\n${row(3)}`;
    expect(await sensors({ comment: '#', sensorLine: '# at {sensorId}' }, file)).toEqual(['p', 'p', 'q']);
  });

  test('in several lines, which begin anew below rows', async () => {
    const format = { comment: '#', header: ['time', 'level'], sensorLine: ['#S{sensorId}', '#P{sensorId}'] };
    const file = `#Sa\n#Plow\n${row(1)}#Phigh\n#Sa\n${row(2)}#Sb\n${row(3)}`;
    expect(await sensors(format, file)).toEqual(['a-low', 'a-high', '8 missing-field']);
  });

  test('a part whose rows are all broken has a sensor of its own, too', async () => {
    const format = { comment: '#', header: ['time', 'level'], sensorLine: ['#S{sensorId}', '#P{sensorId}'] };
    expect(await sensors(format, `#Sa\n#Plow\nbroken,1\n#Sb\n${row(1)}`)).toEqual(['3 invalid-timestamp', '5 missing-field']);
  });

  test.each(['', '# at \n', '# at a/b\u0000\n'])('rows without one are of no sensor: %j', async (line) => {
    const file = `time,level\n${line}${row(1)}`;
    expect((await sensors({ comment: '#', sensorLine: '# at {sensorId}' }, file)).join()).toContain('missing-field');
  });

  test('also where rows have one value each', async () => {
    const format = {
      ...{ comment: '#', sensorLine: '# at {sensorId}' },
      long: { parameter: 'what', value: 'value', parameters: { level: 'level' } },
    };
    const long = (minute: number) => `2026-05-01T00:0${minute}:00Z,level,${minute}\n`;
    expect(await sensors(format, `time,what,value\n# at p\n${long(1)}# at q\n${long(2)}`)).toEqual(['p', 'q']);
  });
}); // biome-ignore format: short

test.each<[Partial<TextFormat>, string]>([
  [{ comment: '#', sensorLine: '# at' }, 'a text with {sensorId} once'],
  [{ comment: '#', sensorLine: [] }, 'a text with {sensorId} once'],
  [{ sensorLine: '# {sensorId}' }, 'none without lines that are no rows'],
  [{ comment: '#', sensorLine: '# {sensorId}', sensorId: 'x' }, 'one place for the sensor'],
  [{ comment: '#', sensorLine: '# {sensorId}', columns: { sensorId: 'id' } }, 'one place for the sensor'],
  [
    { comment: '#', sensorLine: '# {sensorId}', columns: { level: '{sensorId} m' } },
    'one place for the sensor',
  ],
  [{ comment: '#', sensorLine: '# {sensorId}', match: '{sensorId}.txt' }, 'one place for the sensor'],
])('%j is checked', (format, told) => {
  expect(() => reading(format)).toThrow(told);
});
