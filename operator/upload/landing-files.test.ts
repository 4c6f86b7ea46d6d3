import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../cli/usage-error.ts';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { text } from '../../core/formats/text-format.ts';
import reservations from '../../datasets/reservations.ts';
import { definitionOf } from '../../test/support/definition-of.ts';
import { probes } from '../../test/support/probe-dataset.ts';
import { landingFiles } from './landing-files.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'caudal-upload-'));
  mkdirSync(join(folder, 'other.csv'));
  mkdirSync(join(folder, 'b'));
  for (const name of [
    'a.csv',
    'b/a.csv',
    'c.NDJSON.GZ',
    'd.json',
    'e.xlsx',
    'f',
    'g.dat',
    `${'x'.repeat(250)}.csv`,
  ])
    writeFileSync(join(folder, name), 'x');
  writeFileSync(join(folder, 'empty.csv'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

const files = (names: readonly string[], sensorId?: string) =>
  landingFiles(
    names.map((name) => join(folder, name)),
    { dataset: probes, sensorId },
  );
const problem = (names: readonly string[], sensorId?: string): string => {
  try {
    files(names, sensorId);
  } catch (fault) {
    if (fault instanceof UsageError) return fault.message;
    throw fault;
  }
  return '';
};

describe('files that land', () => {
  test('go into the folder of their dataset and sensor, under their own name', () => {
    expect(files(['a.csv', 'd.json']).map(({ key }) => key)).toEqual([
      'landing/probes/a.csv',
      'landing/probes/d.json',
    ]);
    expect(files(['b/a.csv'], 'pier-1')).toEqual([
      expect.objectContaining({ key: 'landing/probes/pier-1/a.csv', size: 1, contentType: 'text/csv' }),
    ]);
    expect(files(['b/a.csv'], 'plant/Río 3')).toMatchObject([{ key: 'landing/probes/plant%2FRío 3/a.csv' }]);
  });

  test('are known to be compressed however that is written', () => {
    expect(files(['c.NDJSON.GZ'])).toEqual([
      expect.objectContaining({ key: 'landing/probes/c.NDJSON.gz', contentType: 'application/gzip' }),
    ]);
  });

  test('are those that a format of the dataset takes, too', () => {
    const formats = [text({ match: '*.dat', time: { column: 'at', format: 'iso' } })];
    const dataset = defineDataset({ ...definitionOf(probes), missing: [], formats });
    const named = (name: string) => landingFiles([join(folder, name)], { dataset, sensorId: undefined });
    expect(named('g.dat')).toMatchObject([{ key: 'landing/probes/g.dat', contentType: 'text/plain' }]);
    expect(() => named('e.xlsx')).toThrow('*.dat');
  });

  test.each([
    ['one that is missing', ['a.csv', 'nobody.csv'], undefined, 'nobody.csv: there is no such file'],
    ['a folder', ['other.csv'], undefined, 'other.csv: it is no file'],
    ['an empty one', ['empty.csv'], undefined, 'empty.csv: it is empty'],
    [
      'one of an unknown kind',
      ['e.xlsx'],
      undefined,
      'e.xlsx: files are taken whose names end in .csv, .ndjson',
    ],
    ['one without an ending', ['f'], undefined, 'f: files are taken whose names end in'],
    ['two of one name', ['a.csv', 'b/a.csv'], undefined, 'a.csv has the same name'],
    ['a sensor that none can be', ['a.csv'], 'a\u0007', 'a.csv: '],
  ])('%s is refused, and with it the call', (_, names, sensorId, message) => {
    const said = problem(names, sensorId);
    expect(said).toContain('Nothing was uploaded.');
    expect(said).toContain(message);
  });

  test('of lines that streams send are refused, with the way to a command', () => {
    const land = () => landingFiles([join(folder, 'd.json')], { dataset: reservations, sensorId: undefined });
    expect(land).toThrow('POST /streams/{stream}/{id}/commands');
  });

  test('that are wrong are all named at once', () => {
    const said = problem(['nobody.csv', 'empty.csv', 'e.xlsx']);
    expect(said.split('\n')).toHaveLength(4);
  });
});
