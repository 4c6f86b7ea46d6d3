import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { datasetsModule, writeDatasetsIndex } from './datasets-index.ts';

const made: string[] = [];
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true });
});

/** A repository with these datasets and nothing else. */
function repository(names: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'caudal-datasets-'));
  made.push(root);
  mkdirSync(join(root, 'datasets'));
  writeFileSync(join(root, 'datasets', 'registry.ts'), 'throw new Error("the bundle must not load this")');
  for (const name of names) {
    writeFileSync(join(root, 'datasets', `${name}.ts`), `export default { name: '${name}' };\n`);
  }
  return root;
}
const generated = (root: string) => join(root, '.caudal', 'datasets.generated.ts');

test('the generated module has every dataset of the directory, sorted, and finds them by name', async () => {
  const root = repository(['water-temperature', 'air', 'gadget-2']);
  writeDatasetsIndex(root);
  const module = await import(pathToFileURL(generated(root)).href);
  expect(module.datasets.map(({ name }: { name: string }) => name)).toEqual([
    'air',
    'gadget-2',
    'water-temperature',
  ]);
  expect(module.datasetNamed('air')).toBe(module.datasets[0]);
  expect(module.datasetNamed('none')).toBeUndefined();
});

test('only files that can be datasets are imported', () => {
  const source = datasetsModule([
    'registry.ts',
    'README.md',
    'air.ts',
    'air.test.ts',
    '.hidden.ts',
    'Air.ts',
  ]);
  expect(source.match(/from '.*'/g)).toEqual(["from '../datasets/air.ts'"]);
});

test('a file that would not change is left alone', () => {
  const root = repository(['air']);
  writeDatasetsIndex(root);
  const long = new Date('2020-01-01');
  utimesSync(generated(root), long, long);
  writeDatasetsIndex(root);
  expect(statSync(generated(root)).mtime).toEqual(long);
  writeFileSync(join(root, 'datasets', 'soil.ts'), "export default { name: 'soil' };\n");
  writeDatasetsIndex(root);
  expect(readFileSync(generated(root), 'utf8')).toContain('soil');
});

test('tables of stations are in the module; one that can not be read is told by its line', async () => {
  const root = repository(['air']);
  const table = join(root, 'datasets', 'air.stations.csv');
  writeFileSync(table, 'sensorId,tags\nroof,city\n');
  writeDatasetsIndex(root);
  const module = await import(pathToFileURL(generated(root)).href);
  expect(module.stations).toEqual({ air: [{ sensorId: 'roof', tags: ['city'] }] });
  expect(module.datasets).toEqual([{ name: 'air', sensorsByTag: { city: ['roof'] } }]);
  writeFileSync(table, 'sensorId,latitude\nroof,91\n');
  expect(() => writeDatasetsIndex(root)).toThrow(`${table}: line 2: latitude is "91"`);
});
