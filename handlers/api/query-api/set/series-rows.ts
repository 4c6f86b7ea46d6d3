import type { Dataset } from '../../../../core/dataset/dataset.ts';
import { windowOf } from '../../../../core/partition/day-windows.ts';
import { partitionKey, shardOf } from '../../../../core/partition/partition.ts';
import {
  describeFile,
  type FileDescription,
  footerBytesOf,
  refuseChange,
} from '../../../../core/partition/partition-file.ts';
import { groupsWith, rowsOfSeries, type SeriesSpan } from '../../../../core/partition/series-of-file.ts';
import type { Columns } from '../../../../core/set/columns.ts';
import { endTimestampMs, minTimestampMs } from '../../../../core/time/calendar.ts';
import { mapBounded } from '../../../../ports/concurrency.ts';
import { StoreUnavailable } from '../../../../ports/faults.ts';
import type { ObjectEnd, ObjectLocation, PartReader } from '../../../../ports/objects.ts';

/** Where the set is read. */
export interface SetPorts {
  readonly objects: PartReader;
  readonly curatedBucket: string;
}

/** Bytes of a partition's end that are read at first: all of most partitions, and the footer of one of millions of rows. */
const endBytes = 65_536;
/** Bytes of row groups that are in memory at once, as far as their rows are no longer than is usual. */
const bytesInFlight = 64 * 2 ** 20;
const mostFilesInFlight = 16;
const rowsOfGroup = 131_072;
/** A merge overwrites a partition every few seconds at the most. */
const attempts = 4;

/** An answer would take more rows than are read for one. Never leaves the API: it becomes the problem `too-many-readings`. */
export class TooManyRows extends Error {
  override readonly name = 'TooManyRows';
}

/** Most rows that are decoded for an answer of statistics, with those of other series in the same row groups: some seconds. */
const mostDecoded = 30_000_000;

/**
 * The rows of one series from the day numbered `first` to `last`, both included, as pieces: each is in order of time, and none
 * overlaps another but where a clock went back over midnight. Withdrawn readings are among them. Reads of each partition the
 * footer, and of those that have the series the row groups that it may be in.
 * @throws {PartitionLayoutChanged} when the dataset's definition no longer fits a file
 * @throws {StoreUnavailable} a retry helps
 */
export async function rowsOfWindow(
  ports: SetPorts,
  dataset: Dataset,
  window: {
    readonly sensorId: string;
    readonly fromMs: number;
    readonly toMs: number;
    readonly first: number;
    readonly last: number;
  },
): Promise<Columns[]> {
  const { sensorId } = window;
  const { startMs, endMs, days } = windowOf(dataset.timeZone, window.first, window.last);
  const span: SeriesSpan = {
    sensors: { ids: new Set([sensorId]), has: (id) => id === sensorId },
    fromMs: Math.max(window.fromMs, startMs),
    toMs: Math.min(window.toMs, endMs - 1),
  };
  const shard = shardOf(sensorId, dataset.shards);
  const found = await mapBounded(days, filesInFlight(dataset), (day) =>
    rowsOfPartition(ports, dataset, { day, shard, span }),
  );
  return found.flat();
}

/**
 * Gives the rows of some series in the partitions of some days and shards to `take`, a piece at a time, in no order; withdrawn ones too.
 * @throws {TooManyRows} as soon as there are more than `most` of them, or 30,000,000 with those of other series beside them
 * @throws {PartitionLayoutChanged} when the dataset's definition no longer fits a file
 * @throws {StoreUnavailable} a retry helps
 */
export async function takeRowsOfDays(
  ports: SetPorts,
  dataset: Dataset,
  wanted: {
    readonly days: readonly string[];
    readonly shards: readonly number[];
    readonly sensors: SeriesSpan['sensors'];
    readonly most: number;
  },
  take: (day: string, rows: Columns) => void,
): Promise<void> {
  const span: SeriesSpan = { sensors: wanted.sensors, fromMs: minTimestampMs, toMs: endTimestampMs };
  const read = { wanted: 0, decoded: 0, most: wanted.most };
  const places = wanted.days.flatMap((day) => wanted.shards.map((shard) => ({ day, shard })));
  await mapBounded(places, filesInFlight(dataset), async ({ day, shard }) => {
    for (const rows of await rowsOfPartition(ports, dataset, { day, shard, span, read })) take(day, rows);
  });
}

/** As many as have room for a whole row group each. */
function filesInFlight({ measureNames, attributes }: Dataset): number {
  const texts = Object.values(attributes).reduce((sum, { maxLength }) => sum + maxLength, 0);
  const rowBytes = 24 + 8 * measureNames.length + texts;
  return Math.max(1, Math.min(mostFilesInFlight, Math.floor(bytesInFlight / (rowBytes * rowsOfGroup))));
}

interface PartitionSpan {
  readonly day: string;
  readonly shard: number;
  readonly span: SeriesSpan;
  /** Is added to, and bounded. */
  readonly read?: { wanted: number; decoded: number; readonly most: number };
}

async function rowsOfPartition(
  { objects, curatedBucket }: SetPorts,
  dataset: Dataset,
  { day, shard, ...wanted }: PartitionSpan,
): Promise<Columns[]> {
  const key = partitionKey(dataset, { dataset: dataset.name, day, shard });
  const location = { bucket: curatedBucket, key };
  for (let attempt = 0; attempt < attempts; attempt++) {
    const end = await endOf(objects, location);
    if (end === undefined) return [];
    const found = end === 'changed' ? end : await rowsBehind(objects, dataset, { ...end, location }, wanted);
    if (found !== 'changed') return found;
  }
  throw new StoreUnavailable(`${key} is overwritten again and again`);
}

/** The end of a file with its whole footer. */
async function endOf(
  objects: PartReader,
  location: ObjectLocation,
): Promise<(ObjectEnd & { readonly file: FileDescription }) | 'changed' | undefined> {
  const end = await objects.readEnd({ ...location, length: endBytes });
  if (end === undefined) return undefined;
  let { bytes } = end;
  const footerBytes = footerBytesOf(bytes);
  if (footerBytes > bytes.length) {
    const { size, etag } = end;
    const more = await objects.readPart({ ...location, start: size - footerBytes, end: size, etag });
    if (more === 'changed') return more;
    bytes = more;
  }
  return { ...end, bytes, file: describeFile(bytes) };
}

async function rowsBehind(
  objects: PartReader,
  dataset: Dataset,
  end: ObjectEnd & { readonly file: FileDescription; readonly location: ObjectLocation },
  { span, read }: Pick<PartitionSpan, 'span' | 'read'>,
): Promise<Columns[] | 'changed'> {
  const { file, location, size, etag } = end;
  refuseChange(dataset, file);
  const endStart = size - end.bytes.length;
  const pieces: Columns[] = [];
  for (const place of groupsWith(file, span)) {
    const bytes =
      place.start >= endStart
        ? end.bytes.subarray(place.start - endStart)
        : await objects.readPart({ ...location, start: place.start, end: place.end, etag });
    if (bytes === 'changed') return bytes;
    const rows = await rowsOfSeries(dataset, file, { ...place, bytes, span });
    if (rows !== undefined) pieces.push(rows);
    if (read !== undefined) {
      read.wanted += rows?.length ?? 0;
      read.decoded += Number(place.group.num_rows);
      if (read.wanted > read.most || read.decoded > mostDecoded) throw new TooManyRows(location.key);
    }
  }
  return pieces;
}
