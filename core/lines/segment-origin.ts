import type { Dataset } from '../dataset/dataset.ts';
import { sensorIdPattern } from '../dataset/definition.ts';
import type { Rejected } from '../dataset/reading.ts';
import { rejected, show, unknownDataset } from './rejection.ts';

/** Where a segment came from. */
export interface SegmentSource {
  /** Of the raw bucket: `raw/...`, or `landing/<dataset>/[<sensorId>/]<file>`. */
  readonly key: string;
}

/** What a segment's key says about its lines. */
export interface Origin {
  readonly format: 'csv' | 'ndjson';
  /** Whether the name ends in `.gz`. */
  readonly namedGzip: boolean;
  /** The dataset of every line, of an upload; otherwise each line names its own. */
  readonly dataset: Dataset | undefined;
  /** The series of lines that name none: the folder, or the dataset's `defaultSensorId`. */
  readonly sensorId: string | undefined;
  /** What is wrong with the key: it is the outcome of every line. */
  readonly fault: Rejected | undefined;
}

/** The key under which a file of a dataset lands: what {@link originOf} reads. */
export function landingKey({
  dataset,
  sensorId,
  file,
}: {
  dataset: Dataset;
  /** The series of lines that name none. */
  sensorId: string | undefined;
  /** The file's name, without folders. */
  file: string;
}): string {
  return `landing/${dataset.name}/${sensorId === undefined ? '' : `${sensorId}/`}${file}`;
}

/** Reads a segment's key. Files not named `.csv` or `.csv.gz` are NDJSON. */
export function originOf({ key }: SegmentSource, datasets: readonly Dataset[]): Origin {
  const namedGzip = key.endsWith('.gz');
  const format = /\.csv(\.gz)?$/i.test(key) ? 'csv' : 'ndjson';
  const path = key.split('/');
  const none = { format, namedGzip, dataset: undefined, sensorId: undefined, fault: undefined } as const;
  if (path[0] !== 'landing' || path.length < 3) {
    if (format === 'ndjson') return none;
    const fault = rejected(
      'unknown-dataset',
      `the key is ${show(key)}; accepted for CSV: landing/<dataset>/<file>`,
    );
    return { ...none, fault };
  }
  const dataset = datasets.find(({ name }) => name === path[1]);
  if (dataset === undefined) return { ...none, fault: unknownDataset(path[1], datasets) };
  const folder = path.length === 3 ? undefined : path.slice(2, -1).join('/');
  const sensorId = folder ?? dataset.defaultSensorId;
  if (folder !== undefined && !sensorIdPattern.test(folder)) {
    const detail = `the sensor's folder is ${show(folder)}; accepted: one folder that matches ${sensorIdPattern.source}`;
    return { ...none, dataset, fault: rejected('invalid-sensor-id', detail) };
  }
  return { ...none, dataset, sensorId };
}
