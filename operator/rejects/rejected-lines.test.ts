import { describe, expect, test } from 'vitest';
import { datasetOf } from './rejected-lines.ts';

describe('the dataset that a rejected line is for', () => {
  test.each([
    ['landing/stock-ticks/x.csv', 'a,b', 'stock-ticks'],
    ['landing/x.ndjson', '{"dataset":"stock-ticks"', 'stock-ticks'],
    ['raw/2025/01/01/00/x.gz', '{"dataset" : "stock-ticks","a', 'stock-ticks'],
    ['raw/2025/01/01/00/x.gz', 'nothing', undefined],
  ])('%s %s', (key, text, expected) => {
    expect(datasetOf({ key, text })).toBe(expected);
  });
});
