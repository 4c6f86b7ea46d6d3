import type { Dataset } from '../dataset/dataset.ts';
import type { Rejected } from '../dataset/reading.ts';
import { acceptedSensorId, readSensorId } from '../dataset/sensor-id.ts';
import { matchFile } from '../formats/file-pattern.ts';
import type { Format } from '../formats/format.ts';
import type { JsonFormat } from '../formats/json-format.ts';
import type { TextFormat } from '../formats/text-format.ts';
import { defaultMaxUnreadable } from './gate.ts';
import { rejected, show, unknownDataset } from './rejection.ts';

/** Where a segment came from. */
export interface SegmentSource {
  /** Of the raw bucket: `raw/...`, or `landing/<dataset>/[<sensorId>/]<file>`; in the id, `/` is `%2F` and `%` is `%25`. */
  readonly key: string;
  /** UTC ms at which it was uploaded, or written by the stream, as `SegmentOpener` tells. */
  readonly arrivedMs: number;
  /** False for a file that only is to be sent, line by line. See {@link Origin.isStored}. */
  readonly isStored?: boolean;
  /** A person has accepted it as it is: its lines that can be read are taken, however many can't. */
  readonly accepted?: boolean;
}

/** The second part of the rank of a segment's readings, UTC ms: when a file was uploaded; 0 for what came by the stream. */
export function uploadedMsOf({ key, arrivedMs }: Pick<SegmentSource, 'key' | 'arrivedMs'>): number {
  return key.startsWith('landing/') ? arrivedMs : 0;
}

/** What a segment's key says about its lines. */
export interface Origin {
  /** A table, JSON of the own shape by lines, or JSON as a format says. */
  readonly format: 'csv' | 'ndjson' | 'json';
  /** How its table is written, of an upload that is one. */
  readonly table: TextFormat | undefined;
  /** How its JSON is written, of an upload for which a format says it. */
  readonly json: JsonFormat | undefined;
  /** Whether the name ends in `.gz`. */
  readonly namedGzip: boolean;
  /** The dataset of every line, of an upload; otherwise each line names its own. */
  readonly dataset: Dataset | undefined;
  /** The series of lines that name none: the folder, or the dataset's `defaultSensorId`. */
  readonly sensorId: string | undefined;
  /** UTC ms. */
  readonly arrivedMs: number;
  /** Its arrival is kept with it, so that it is the same whenever it is read, and can be the time of lines that have none. */
  readonly isStored: boolean;
  /** See {@link uploadedMsOf}. */
  readonly uploadedMs: number;
  /** The share of its lines up to which it is taken where they can't be read; `undefined` for what came by the stream. */
  readonly maxUnreadable: number | undefined;
  /** Its name has an ending that is neither of CSV nor of JSON. */
  readonly isOfUnknownFormat: boolean;
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
  /** The file's name, without folders where it has a `sensorId`. */
  file: string;
}): string {
  const folder = sensorId === undefined ? '' : `${folderOf(sensorId)}/`;
  // The ending .gz is matched as it is written; .GZ would land as a file that is not known to be compressed.
  return `landing/${dataset.name}/${folder}${file.replace(/\.gz$/i, '.gz')}`;
}

/** Reads a segment's key. Files not named `.csv` or `.csv.gz` are NDJSON. `arrivedMs` may be left out where no line is read by it. */
export function originOf(
  { key, arrivedMs = 0, isStored = true, accepted = false }: Partial<SegmentSource> & { key: string },
  datasets: readonly Dataset[],
): Origin {
  const namedGzip = key.endsWith('.gz');
  const format = /\.csv(\.gz)?$/i.test(key) ? 'csv' : 'ndjson';
  const path = key.split('/');
  const name = (path.at(-1) ?? '').replace(/\.gz$/i, '');
  const isUpload = path[0] === 'landing';
  const named: Omit<Origin, 'dataset' | 'sensorId' | 'fault'> = {
    format,
    table: undefined,
    json: undefined,
    namedGzip,
    arrivedMs,
    isStored,
    uploadedMs: uploadedMsOf({ key, arrivedMs }),
    maxUnreadable: !isUpload ? undefined : accepted ? 1 : defaultMaxUnreadable,
    isOfUnknownFormat:
      isUpload && /\.[a-z][a-z0-9]{0,7}$/i.test(name) && !/\.(?:csv|ndjson|json|jsonl)$/i.test(name),
  };
  const nothing = { ...named, dataset: undefined, sensorId: undefined, fault: undefined } as const;
  if (!isUpload || path.length < 3) {
    if (format === 'ndjson') return nothing;
    const fault = rejected(
      'unknown-dataset',
      `the key is ${show(key)}; accepted for CSV: landing/<dataset>/<file>`,
    );
    return { ...nothing, fault };
  }
  const dataset = datasets.find(({ name }) => name === path[1]);
  if (dataset === undefined) return { ...nothing, fault: unknownDataset(path[1], datasets) };
  const found = formatOf(dataset, path.slice(2).join('/').replace(/\.gz$/i, ''));
  const none = {
    ...nothing,
    ...(found && { ...readBy(found.format), isOfUnknownFormat: false }),
    ...(accepted ? {} : { maxUnreadable: dataset.maxUnreadable ?? defaultMaxUnreadable }),
  };
  const sensorOfFile = found?.format.sensorId ?? dataset.defaultSensorId;
  if (found?.named !== undefined) {
    const read = readFolder([found.named]);
    const folder = path.length === 3 || found.isByFolders ? read : readFolder(path.slice(2, -1));
    const isOne = 'id' in read && 'id' in folder && read.id === folder.id;
    if (isOne) return { ...none, dataset, sensorId: read.id };
    const fault = 'id' in read ? 'its folder says another one' : read.fault;
    const detail = `the sensor in the file's name is ${show(found.named)}: ${fault}; accepted: ${acceptedSensorId}, in one place`;
    return { ...none, dataset, fault: rejected('invalid-sensor-id', detail) };
  }
  if (path.length === 3 || found?.isByFolders) return { ...none, dataset, sensorId: sensorOfFile };
  const folder = readFolder(path.slice(2, -1));
  if ('id' in folder) return { ...none, dataset, sensorId: folder.id };
  const shown = show(path.slice(2, -1).join('/'));
  const detail = `the sensor's folder is ${shown}: ${folder.fault}; accepted: one folder, ${acceptedSensorId}`;
  return { ...none, dataset, fault: rejected('invalid-sensor-id', detail) };
}

const readBy = (format: Format): Pick<Origin, 'format' | 'table' | 'json'> =>
  format.kind === 'text'
    ? { format: 'csv', table: format, json: undefined }
    : { format: 'json', table: undefined, json: format };

/** The format that reads a file, what its name says about the sensor, and whether its folders are part of the pattern. */
function formatOf(
  dataset: Dataset,
  path: string,
): { format: Format; named: string | undefined; isByFolders: boolean } | undefined {
  for (const format of dataset.allFormats)
    for (const pattern of [format.match ?? []].flat()) {
      const found = matchFile(pattern, path);
      if (found) return { format, named: found.sensorId, isByFolders: pattern.includes('/') };
    }
  return undefined;
}

function readFolder([folder = '', ...more]: readonly string[]): ReturnType<typeof readSensorId> {
  if (more.length > 0) return { fault: 'these are several folders; a slash in an id is written as %2F' };
  try {
    return readSensorId(decodeURIComponent(folder));
  } catch {
    return { fault: 'it holds a % that encodes no character; a percent sign is written as %25' };
  }
}

/** A sensor's id as the folder of a key. */
function folderOf(sensorId: string): string {
  return sensorId.replaceAll('%', '%25').replaceAll('/', '%2F');
}
