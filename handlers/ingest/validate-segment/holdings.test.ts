import { expect, test } from 'vitest';
import { RowBuffer } from '../../../core/set/row-buffer.ts';
import { probes } from '../../../test/support/probe-dataset.ts';
import { holdingsOf } from './holdings.ts';

const rows = (series: number, humidity: number | null = 5) => {
  const buffer = new RowBuffer(probes);
  for (const timestampMs of [5_000, 3_000, 9_000])
    for (let number = series; number > 0; number--)
      buffer.add({
        ...{ sensorId: `s${number}`, timestampMs: timestampMs + number, revision: 0 },
        ...{ values: [1, humidity], attributes: [null] },
      });
  return buffer;
};

test('a segment holds readings from the first to the last instant, of series that are named while they are few', () => {
  expect(holdingsOf([rows(2)])).toEqual([
    { dataset: 'probes', readings: 6, fromMs: 3_001, toMs: 9_002, sensors: ['s1', 's2'] },
  ]);
  expect(holdingsOf([rows(33)])).toEqual([{ dataset: 'probes', readings: 99, fromMs: 3_001, toMs: 9_033 }]);
  expect(holdingsOf([rows(32)])[0]?.sensors).toHaveLength(32);
});

test('a segment without readings holds nothing', () => {
  expect(holdingsOf([])).toEqual([]);
  expect(holdingsOf([rows(0)])).toEqual([]);
});

test('optional measures are named that no reading has, one value is enough', () => {
  const buffer = rows(2, null);
  expect(holdingsOf([buffer])).toMatchObject([{ absent: ['humidity'] }]);
  const reading = { sensorId: 'a', timestampMs: 1, revision: 0, values: [1, 0], attributes: [null] };
  buffer.add(reading);
  expect(holdingsOf([buffer])[0]).not.toHaveProperty('absent');
});
