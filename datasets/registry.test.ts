import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { datasetNamed, datasets } from '#datasets';
import { DatasetDefinitionError } from '../core/dataset/dataset.ts';
import { partitionKey, splitByPartition } from '../core/partition/partition.ts';
import { decodePartition, encodePartition } from '../core/partition/partition-file.ts';
import { mean, statisticsByDay } from '../core/statistics/statistics.ts';
import { parseBytes, setOf } from '../test/support/parse-bytes.ts';
import { loadDatasets, loadStations } from './registry.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'caudal-datasets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const core = new URL('../core/dataset/dataset.ts', import.meta.url).href;
const source = `import { defineDataset } from '${core}';
export default defineDataset({ name: 'river-levels', timeZone: 'Europe/Lisbon', shards: 1,
  measures: { level: { unit: 'm', min: 0, max: 20 } }, csv: { timestamp: ['day', 'dd/MM/yyyy'], level: 'metres' } });`;

test('the shipped datasets are found, by name', () => {
  expect(datasets.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['gadget-telemetry', 'salon-bookings', 'stock-ticks', 'water-temperature']),
  );
  expect(datasets.map(({ name }) => name)).toEqual(datasets.map(({ name }) => name).toSorted());
  expect(datasetNamed('water-temperature')?.defaultSensorId).toBe('aquasense');
  expect(datasetNamed('constructor')).toBeUndefined();
});

test('a file is all that it takes: from the upload to the statistics', async () => {
  writeFileSync(join(folder, 'river-levels.ts'), source);
  const known = await loadDatasets(folder);
  const dataset = known[0];
  if (!dataset) throw new Error('the dataset is missing');
  const body = 'day,metres\n03/01/2024,2\n04/01/2024,4\n';
  const { outcomes } = await parseBytes(body, { key: 'landing/river-levels/ebro/2024.csv', known });
  const set = setOf(
    dataset,
    outcomes.flatMap(({ reading }) => (reading ? [reading] : [])),
  );
  const [first, second] = splitByPartition(dataset, set);
  if (!first || !second) throw new Error('two partitions are expected');
  expect(partitionKey(dataset, second.id)).toBe(
    'curated/dataset=river-levels/date=2024-01-04/shard=0.parquet',
  );
  const { columns } = await decodePartition(dataset, encodePartition(dataset, second.id, second.columns));
  const level = statisticsByDay(dataset, columns).get('ebro')?.measures.level;
  expect(level && [level.count, mean(level)]).toEqual([1, 4]);
});

test.each([
  ['no default export', 'river-levels.ts', 'export const nothing = 1;'],
  ['another name', 'lake-levels.ts', source],
  ['a wrong definition', 'river-levels.ts', source.replace('Europe/Lisbon', 'Nowhere')],
])('a file with %s is refused', async (_, file, text) => {
  writeFileSync(join(folder, file), text);
  await expect(loadDatasets(folder)).rejects.toThrow(DatasetDefinitionError);
});

test('two datasets that take lines without a name by one field are refused', async () => {
  const unnamed = source.replace('shards: 1,', "shards: 1, sensorIdField: 'gauge', unnamed: true,");
  writeFileSync(join(folder, 'river-levels.ts'), unnamed);
  expect(await loadDatasets(folder)).toHaveLength(1);
  writeFileSync(join(folder, 'lake-levels.ts'), unnamed.replace('river-levels', 'lake-levels'));
  await expect(loadDatasets(folder)).rejects.toThrow('unnamed lines with gauge are of another dataset too');
});

test('a table of stations is that of its dataset; what is wrong with it is told with its file and line', () => {
  const datasets = [{ name: 'river-levels' }];
  expect(loadStations(folder, datasets)).toEqual({});
  const table = join(folder, 'river-levels.stations.csv');
  writeFileSync(table, 'sensorId,name\ntejo-1,Almourol\n');
  expect(loadStations(folder, datasets)).toEqual({
    'river-levels': [{ sensorId: 'tejo-1', name: 'Almourol', tags: [] }],
  });
  expect(() => loadStations(folder, [])).toThrow(DatasetDefinitionError);
  writeFileSync(table, 'sensorId\n..\n');
  expect(() => loadStations(folder, datasets)).toThrow(`${table}: line 2: sensorId is ".."`);
});
