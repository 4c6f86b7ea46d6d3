import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { UsageError } from '../../cli/usage-error.ts';
import { checkNewFile, formatOfFile } from './result-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'caudal-result-'));
afterAll(() => rmSync(folder, { recursive: true }));
const formats = ['table', 'csv', 'json', 'parquet'] as const;

test.each([
  ['a.csv', 'csv'],
  ['a.b/c.CSV', 'csv'],
  ['a.json', 'json'],
  ['a.ndjson', 'json'],
  ['a.Parquet', 'parquet'],
])('%s is %s by its name', (path, format) => {
  expect(formatOfFile(path, { given: undefined, formats })).toBe(format);
});

test('what is said comes before the name', () => {
  expect(formatOfFile('a.csv', { given: 'table', formats })).toBe('table');
  expect(formatOfFile('a.xlsx', { given: 'csv', formats })).toBe('csv');
});

test.each(['a.xlsx', 'a', 'a.csv.gz', '.csv/a', 'csv', 'a.table'])('%s says no format', (path) => {
  const read = () => formatOfFile(path, { given: undefined, formats });
  expect(read).toThrow(UsageError);
  expect(read).toThrow('It ends in .csv, .json, .ndjson, .parquet, or --format says it.');
});

test('a format that is not written here is not taken from a name', () => {
  const read = () => formatOfFile('a.json', { given: undefined, formats: ['parquet', 'csv'] as const });
  expect(read).toThrow('It ends in .csv, .parquet, or --format says it.');
});

test('a file is new, in a folder that is there', () => {
  writeFileSync(join(folder, 'there.csv'), '');
  expect(() => checkNewFile(join(folder, 'new.csv'))).not.toThrow();
  expect(() => checkNewFile('new-one.csv')).not.toThrow();
  expect(() => checkNewFile(join(folder, 'there.csv'))).toThrow('exists already');
  expect(() => checkNewFile(join(folder, 'none', 'new.csv'))).toThrow(
    `there is no folder ${join(folder, 'none')}`,
  );
  expect(() => checkNewFile(join(folder, 'there.csv', 'new.csv'))).toThrow('there is no folder');
});
