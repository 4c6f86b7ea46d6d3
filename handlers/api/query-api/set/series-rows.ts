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
  { first, last, ...span }: SeriesSpan & { readonly first: number; readonly last: number },
): Promise<Columns[]> {
  const { startMs, endMs, days } = windowOf(dataset.timeZone, first, last);
  const wanted = {
    sensorId: span.sensorId,
    fromMs: Math.max(span.fromMs, startMs),
    toMs: Math.min(span.toMs, endMs - 1),
  };
  const shard = shardOf(span.sensorId, dataset.shards);
  const found = await mapBounded(days, filesInFlight(dataset), (day) => {
    const key = partitionKey(dataset, { dataset: dataset.name, day, shard });
    return rowsOfFile(ports.objects, dataset, { bucket: ports.curatedBucket, key }, wanted);
  });
  return found.flat();
}

/** As many as have room for a whole row group each. */
function filesInFlight({ measureNames, attributes }: Dataset): number {
  const texts = Object.values(attributes).reduce((sum, { maxLength }) => sum + maxLength, 0);
  const rowBytes = 24 + 8 * measureNames.length + texts;
  return Math.max(1, Math.min(mostFilesInFlight, Math.floor(bytesInFlight / (rowBytes * rowsOfGroup))));
}

async function rowsOfFile(
  objects: PartReader,
  dataset: Dataset,
  location: ObjectLocation,
  span: SeriesSpan,
): Promise<Columns[]> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const end = await endOf(objects, location);
    if (end === undefined) return [];
    const found = end === 'changed' ? end : await rowsBehind(objects, dataset, { ...end, location }, span);
    if (found !== 'changed') return found;
  }
  throw new StoreUnavailable(`${location.key} is overwritten again and again`);
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
  span: SeriesSpan,
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
  }
  return pieces;
}
