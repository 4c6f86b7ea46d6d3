import { describe, expect, test } from 'vitest';
import { checkFilePattern, matchFile } from './file-pattern.ts';

describe('a pattern takes files by their name', () => {
  test.each([
    ['*.dat', 'met10.dat', undefined],
    ['*.dat', 'mast-1/met10.DAT', undefined],
    ['daily-????.txt', 'daily-2026.txt', undefined],
    ['{sensorId}-*.csv', 'pier-1-2026.csv', 'pier'],
    ['{sensorId}_*.csv', 'pier-1_2026.csv', 'pier-1'],
    ['masts/{sensorId}/*.dat', 'masts/north ridge/a.dat', 'north ridge'],
    ['a+b(1).csv', 'a+b(1).csv', undefined],
  ])('%s takes %s', (pattern, path, sensorId) => {
    expect(matchFile(pattern, path)).toEqual({ sensorId });
  });

  test.each([
    ['*.dat', 'met10.dat.txt'],
    ['*.dat', 'met10xdat'],
    ['daily-????.txt', 'daily-26.txt'],
    ['masts/*.dat', 'a.dat'],
    ['masts/*.dat', 'masts/b/a.dat'],
    ['masts/{sensorId}/*.dat', 'masts/a/b/c.dat'],
  ])('%s does not take %s', (pattern, path) => {
    expect(matchFile(pattern, path)).toBeUndefined();
  });

  test.each([
    '',
    '/a.csv',
    'a//b.csv',
    'a/',
    '*.csv.gz',
    '{sensorId}/{sensorId}.csv',
    '{name}.csv',
    'a\\b',
    7,
  ])('%s is no pattern', (pattern) => {
    expect(checkFilePattern(pattern)).toContain('{sensorId}');
  });
});
