import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { inspected } from '../../test/support/inspected.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { defineDataset } from '../dataset/dataset.ts';
import { datasetSource } from './dataset-source.ts';

/** Loads a source as if it lay under `datasets/`. */
async function loaded(source: string): Promise<Dataset> {
  const folder = mkdtempSync(join(tmpdir(), 'caudal-source-'));
  const root = new URL('../../', import.meta.url).href;
  writeFileSync(join(folder, 'x.ts'), source.replaceAll(/'\.\.\//g, `'${root}`));
  try {
    return (await import(pathToFileURL(join(folder, 'x.ts')).href)).default;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const toa5 = `"TOA5","Dam's */ mast","CR1000X","12345","X","Y","1","T"
"TIMESTAMP","RECORD","AirTC_Avg","it's"
"TS","RN","Deg C","%"
"","","Avg","Smp"
"2026-05-01 00:10:00",0,11.5,-7999
`;
const odd = 'time;a "name";ä.b;constructor\n2026-05-01 00:00;1,5;-999;3\n2026-05-01 00:10;1,5;1;ERR\n';

test.each([
  ['of a shipped format', 'm.dat', toa5, { zone: '+01:00' }],
  ['of a table in text', 'a.csv', odd, { zone: 'Europe/Madrid', sensorId: "it's" }],
])('the source %s is the dataset that was found', async (_, file, bytes, answers) => {
  const found = inspected(file, bytes, answers);
  const source = datasetSource(found, { from: `${file} */` });
  expect(await loaded(source)).toEqual(defineDataset(found.definition));
  expect(source.split('\n').every((line) => line.startsWith(' *') || line.length <= 110)).toBe(true);
});

test('the source names what is guessed', () => {
  const found = inspected('m.dat', toa5, { zone: '+01:00' });
  const source = datasetSource(found, { from: 'm.dat' });
  expect(source).toContain("import { toa5 } from '../formats/toa5.ts';");
  expect(source).toContain(' * - days and months: Etc/GMT-1; those of the clock');
});
