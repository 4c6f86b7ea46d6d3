import { describe, expect, test } from 'vitest';
import { datasets } from '#datasets';
import { instantOf, means } from './reading-occurrences.ts';

const dataset = datasets.find(({ name }) => name === 'water-temperature') as (typeof datasets)[0];

const sought = {
  dataset,
  sensorId: 's1',
  timestampMs: Date.parse('2025-06-01T10:00:00Z'),
  typed: '2025-06-01T10:00:00Z',
};

describe('a rejected line was meant to be the reading', () => {
  const line = (changes: object) =>
    JSON.stringify({
      dataset: dataset.name,
      sensorId: 's1',
      timestamp: '2025-06-01T12:00:00+02:00',
      ...changes,
    });
  test.each<[string, string, string | undefined, boolean]>([
    ['another spelling of the time', line({ temperature: 99 }), undefined, true],
    ['another sensor', line({ sensorId: 's2' }), undefined, false],
    ['another time', line({ timestamp: '2025-06-01T10:00:00.001Z' }), undefined, false],
    ['another dataset', line({ dataset: 'stock-ticks' }), undefined, false],
    ['the sensor of the folder', line({ sensorId: undefined }), 's1', true],
    ['a time that is none, as it was typed', line({ timestamp: sought.typed }), undefined, true],
    ['JSON that breaks off', line({}).slice(0, -1), undefined, true],
    ['a row of cells', '2025/6/1,x,12', 's1', false],
    ['no object', '[1]', undefined, false],
  ])('%s', (_, text, folder, expected) => {
    expect(means(text, sought, folder)).toBe(expected);
  });

  test('a CSV row by the local time of its dataset', () => {
    const midnight = { ...sought, timestampMs: Date.parse('2025-05-31T22:00:00Z') }; // in Madrid
    expect(means('2025/6/1,abc,0.1', midnight, 's1')).toBe(true);
    expect(means('2025/6/1;abc;0.1', midnight, 's2')).toBe(false);
  });
});

describe('the time that is typed', () => {
  const inApia = { ...dataset, timeZone: 'Pacific/Apia' };
  test.each<[string, number | RegExp]>([
    ['2011-12-29', Date.parse('2011-12-29T10:00:00Z')],
    ['2011-12-30T12:00:00Z', Date.parse('2011-12-30T12:00:00Z')],
    [
      '2011-12-30',
      /^There was no 2011-12-30 in Pacific\/Apia, .* its clock went from 2011-12-29 on to 2011-12-31, so no reading/,
    ],
    ['2025-02-30', /^There is no day 2025-02-30\.$/],
    ['2100-01-02', /1970 to 2099/],
    ['1969-12-31T23:59:59Z', /1970 to 2099/],
    ['yesterday', /takes a time such as/],
    ['2025-01-01T06:00', /takes a time such as/],
  ])('%s is an instant, or there is a reason why not', (typed, expected) => {
    const found = instantOf(typed, inApia);
    if (typeof expected === 'number') expect(found).toBe(expected);
    else expect(found).toMatch(expected);
  });
});
