import { expect, test } from 'vitest';
import { datasets } from '#datasets';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import { differingSets } from './differing-sets.ts';

const dataset = datasets.find(({ name }) => name === 'water-temperature') as (typeof datasets)[0];

test('two sets differ by what is missing, too much, or another version', () => {
  const set = (...rows: [sensorId: string, timestampMs: number, value: number][]) => {
    const builder = new ColumnsBuilder(dataset);
    for (const [sensorId, timestampMs, value] of rows) {
      builder.add({ sensorId, timestampMs, revision: 0, values: [value, 0], attributes: [] });
    }
    return builder.build();
  };
  const expected = set(['a', 1, 1], ['a', 2, 1], ['b', 1, 1], ['d', 1, 1]);
  expect(differingSets(dataset, expected, expected)).toEqual({ missing: 0, extra: 0, other: 0, example: '' });
  expect(
    differingSets(dataset, expected, set(['a', 1, 1], ['a', 3, 1], ['b', 1, 2], ['c', 1, 1], ['d', 1, 1])),
  ).toEqual({
    missing: 1,
    extra: 2,
    other: 1,
    example: 'a 1970-01-01T00:00:00.002Z',
  });
  expect(differingSets(dataset, set(), set(['a', 0, 1]))).toMatchObject({ extra: 1, missing: 0 });
});
