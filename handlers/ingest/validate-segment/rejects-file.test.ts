import { describe, expect, test } from 'vitest';
import { datasetMeant } from '../../../ports/rejected-lines.ts';
import { MemoryObjects } from '../../../test/support/memory-objects.ts';
import { RejectsFile } from './rejects-file.ts';

describe('the dataset that a rejected line is for', () => {
  test.each([
    ['landing/stock-ticks/x.csv', 'a,b', 'stock-ticks'],
    ['landing/x.ndjson', '{"dataset":"stock-ticks"', 'stock-ticks'],
    ['raw/2025/01/01/00/x.gz', '{"dataset" : "stock-ticks","a', 'stock-ticks'],
    ['raw/2025/01/01/00/x.gz', 'nothing', undefined],
    ['raw/2025/01/01/00/x.gz', '{"dataset":""}', undefined],
    ['landing//stock-ticks/x.csv', 'a,b', undefined],
  ])('%s %s', (key, text, expected) => {
    expect(datasetMeant({ key, text })).toBe(expected);
  });
});

test('rejected lines are counted by the dataset that they name, however many names there are', () => {
  const objects = new MemoryObjects();
  const file = new RejectsFile(
    objects,
    { bucket: 'b', key: 'k' },
    { bucket: 'raw', key: 'raw/x', versionId: 'v' },
  );
  const add = (name: string | undefined) =>
    file.add(1, 'not-json', 'd', name === undefined ? '?' : `{"dataset":"${name}"`);
  for (const name of ['a', undefined, 'b', 'a', undefined]) add(name);
  expect(file.meant).toEqual([{ dataset: 'a', rejected: 2 }, { rejected: 2 }, { dataset: 'b', rejected: 1 }]);
  for (let number = 0; number < 100; number++) add(`n${number}`);
  expect(file.meant).toHaveLength(32);
  expect(file.meant.reduce((sum, { rejected }) => sum + rejected, 0)).toBe(105);
});
