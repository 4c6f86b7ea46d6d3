import { readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Dataset, DatasetDefinitionError } from '../core/dataset/dataset.ts';

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

/** Every dataset of this directory, sorted by name. */
export const datasets: readonly Dataset[] = await loadDatasets(fileURLToPath(new URL('.', import.meta.url)));

/** The dataset of that name, or `undefined`. */
export function datasetNamed(name: string): Dataset | undefined {
  return datasets.find((dataset) => dataset.name === name);
}
