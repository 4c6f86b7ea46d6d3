import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Dataset, DatasetDefinitionError, withTags } from '../core/dataset/dataset.ts';
import { readStations, type Stations, stationsSuffix } from '../core/dataset/stations.ts';
import { reportSuffix } from '../core/report/report-file.ts';

/**
 * Loads every dataset file of a directory, sorted by name. A dataset is the default export of `<name>.ts`; the registry
 * itself and its test are passed over. Adding a file is all that it takes to add a dataset.
 * @throws {DatasetDefinitionError} when a file has no dataset as its default export, or one of another name, or when two take lines
 *   without a name by the same field
 */
export async function loadDatasets(directory: string): Promise<readonly Dataset[]> {
  const files = readdirSync(directory).filter(
    (file) => file.endsWith('.ts') && !file.startsWith('registry.'),
  );
  const loaded = await Promise.all(
    files.map(async (file) => {
      const module: { default?: Dataset } = await import(pathToFileURL(`${directory}/${file}`).href);
      const dataset = module.default;
      if (!dataset?.storageName || `${dataset.name}.ts` !== file) {
        throw new DatasetDefinitionError(
          `${directory}/${file}: accepted is a default export by defineDataset, named as the file`,
        );
      }
      return dataset;
    }),
  );
  for (const dataset of loaded) {
    const { name, sensorIdField } = dataset;
    const isOther = (other: Dataset) =>
      other !== dataset && other.unnamed && other.sensorIdField === sensorIdField;
    if (dataset.unnamed && loaded.some(isOther))
      throw new DatasetDefinitionError(
        `dataset ${JSON.stringify(name)}: unnamed lines with ${sensorIdField} are of another dataset too; accepted: one that takes them`,
      );
  }
  return loaded.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The tables of stations of a directory, `<name>.stations.csv` of the dataset `<name>`.
 * @throws {DatasetDefinitionError} for a table of which there is no dataset, and for one that can't be read, with its line
 */
export function loadStations(directory: string, datasets: readonly Pick<Dataset, 'name'>[]): Stations {
  return Object.fromEntries(
    filesBeside(directory, stationsSuffix, datasets).map(([name, path]) => {
      const read = readStations(readFileSync(path, 'utf8'));
      if ('fault' in read) throw new DatasetDefinitionError(`${path}: ${read.fault}`);
      return [name, read.stations];
    }),
  );
}

/**
 * The files of a directory that are called as a dataset, with an ending of their own: the dataset's name, and the path.
 * @throws {DatasetDefinitionError} for one of which there is no dataset
 */
const filesBeside = (
  directory: string,
  suffix: string,
  datasets: readonly Pick<Dataset, 'name'>[],
): [name: string, path: string][] =>
  readdirSync(directory)
    .filter((file) => file.endsWith(suffix))
    .map((file) => {
      const [name, path] = [file.slice(0, -suffix.length), `${directory}/${file}`];
      if (!datasets.some((dataset) => dataset.name === name))
        throw new DatasetDefinitionError(`${path}: there is no dataset ${JSON.stringify(name)}`);
      return [name, path];
    });

const here = fileURLToPath(new URL('.', import.meta.url));

const loaded = await loadDatasets(here);

/** The stations of the datasets. */
export const stations: Stations = loadStations(here, loaded);

/** The SQL of the month's report, by the name of its dataset. */
export const reports: Readonly<Record<string, string>> = Object.fromEntries(
  filesBeside(here, reportSuffix, loaded).map(([name, path]) => [name, readFileSync(path, 'utf8')]),
);

/** Every dataset of this directory, sorted by name. */
export const datasets: readonly Dataset[] = loaded.map((each) => withTags(each, stations[each.name] ?? []));

/** The dataset of that name, or `undefined`. */
export function datasetNamed(name: string): Dataset | undefined {
  return datasets.find((dataset) => dataset.name === name);
}
