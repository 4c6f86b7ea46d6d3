import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { Problem } from '../http/problem.ts';

/** The dataset of that name, or the problem that there is none, with the names that there are. */
export function knownDataset(datasets: readonly Dataset[], name: string): Dataset | Problem {
  const found = datasets.find((dataset) => dataset.name === name);
  if (found) return found;
  const accepted = datasets.map((dataset) => dataset.name);
  const detail = `there is no dataset ${JSON.stringify(name)}; there are ${accepted.join(', ')}`;
  return { kind: 'not-found', detail, parameter: 'dataset', accepted };
}

/** The problem that a dataset has no readings of a sensor. */
export function unknownSeries(dataset: Dataset, sensorId: string): Problem {
  const detail = `${dataset.name} has no sensor ${JSON.stringify(sensorId)}`;
  const accepted = `a sensor that /datasets/${dataset.name}/sensors lists`;
  return { kind: 'not-found', detail, parameter: 'sensor', accepted };
}
