import { expect, test } from 'vitest';
import { RowBuffer } from '../../../core/set/row-buffer.ts';
import { probes } from '../../../test/support/probe-dataset.ts';
import { holdingsOf } from './holdings.ts';

const rows = (series: number) => {
  const buffer = new RowBuffer(probes);
  for (const timestampMs of [5_000, 3_000, 9_000])
    for (let number = series; number > 0; number--)
      buffer.add({
        ...{ sensorId: `s${number}`, timestampMs: timestampMs + number, revision: 0 },
        ...{ values: [1, null], attributes: [null] },
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
