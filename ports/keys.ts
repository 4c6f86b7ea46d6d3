import { createHash } from 'node:crypto';

/** One version of one raw object: the unit of the fan-out. */
export interface Segment {
  bucket: string;
  key: string;
  /** S3's version id; `null` (the word) in a bucket without versions. */
  versionId: string;
}

/** The segment's id: 32 hexadecimal digits of the SHA-256 of its bucket, key and version. */
export function segmentIdOf({ bucket, key, versionId }: Segment): string {
  return createHash('sha256').update(`${bucket}\n${key}\n${versionId}`).digest('hex').slice(0, 32);
}

/**
 * When the first record came of an object that Firehose wrote, UTC ms, by its name: `<stream>-<version>-yyyy-MM-dd-HH-mm-ss-<uuid>`. `undefined` for one
 * of another name.
 */
export function firstRecordMs(key: string): number | undefined {
  const [, day, hour, minute, second] =
    /^raw\/.*-(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)-(\d\d)-[\da-f]{8}-[^/]*$/.exec(key) ?? [];
  const ms = Date.parse(`${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * The metadata with which an upload is accepted as it is, although many of its lines can't be read. They belong to the object's version, as
 * immutable as its bytes, so that a replay and a recount decide the same.
 */
export const acceptedName = 'accepted';
export const acceptedValue = 'as-it-is';

/*
 * Keys of objects, all in the curated bucket. A job id is at most 80 characters of what Step Functions takes in a name, so it
 * stands in a key as it is.
 */

/** Prefix of everything that a job leaves in the curated bucket for its own later steps; a lifecycle rule expires it. */
const stagingOf = (jobId: string): string => `staging/${jobId}`;

/** The manifest of a job's segments: the input of the map `ValidateSegments`. */
export const segmentsManifestKey = (jobId: string): string => `${stagingOf(jobId)}/segments.json`;

/** The manifest of those of them whose functions were throttled: the input of the map's later rounds. */
export const throttledManifestKey = (jobId: string): string => `${stagingOf(jobId)}/throttled-segments.json`;

/** All parts of one segment. */
export const partsKey = (jobId: string, segmentId: string): string =>
  `${stagingOf(jobId)}/parts/${segmentId}`;

/** The lists of a job's parts, one a unit, one after the other: the inbox says which bytes are whose. */
export const partListsKey = (jobId: string): string => `${stagingOf(jobId)}/part-lists.json`;

/** The manifest of a job's units: the input of the map `MergePartitions`. */
export const unitsManifestKey = (jobId: string): string => `${stagingOf(jobId)}/units.json`;

/** The manifest of those of them that wait to be merged: the input of the map's later rounds. */
export const pendingManifestKey = (jobId: string): string => `${stagingOf(jobId)}/pending-units.json`;

/** The rejected lines of one segment; kept, and overwritten by a re-run. */
export const rejectsKey = (segmentId: string): string => `rejects/${segmentId}.ndjson`;

/** What a dataset's partitions were laid out with. */
export const datasetLayoutKey = (storageName: string): string =>
  `curated/dataset=${storageName}/_layout.json`;

/*
 * Of reports: paths in the folder that the command writes, and keys in the bucket of reports.
 */

/** The folder of the report of a month or year, without a slash at its end. */
export const reportFolder = (dataset: string, period: string): string => `${dataset}/${period}`;

/** The report as the command writes it, file by file. */
export const reportKey = (dataset: string, month: string, path: string): string =>
  `reports/${reportFolder(dataset, month)}/${path}`;

/** What the statements answered, of which all files of the report are made, however often it is begun again. */
export const reportAnswersKey = (dataset: string, month: string): string =>
  `made/${reportFolder(dataset, month)}/answers.json`;

/** Whether people have been told. */
export const reportNoticeKey = (dataset: string, month: string): string =>
  `made/${reportFolder(dataset, month)}/notice.json`;

/** The page of links, which lasts as long as they do: a lifecycle rule expires it. */
export const reportLinksKey = (dataset: string, month: string): string =>
  `links/${reportFolder(dataset, month)}.html`;

/** A page's path in the folder of its report. Ids are up to 128 bytes of anything that is seen; a name of a file has at most 255. */
export function reportPagePath(subject: string): string {
  const name = encodeURIComponent(subject).replaceAll('%', '_');
  const isPlain = name === subject && name.length <= 80;
  const sum = createHash('sha256').update(subject).digest('hex').slice(0, 12);
  return `pages/${isPlain ? name : `${name.slice(0, 80)}-${sum}`}.html`;
}
