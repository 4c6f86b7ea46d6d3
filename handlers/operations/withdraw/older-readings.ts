import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { Reading } from '../../../core/dataset/reading.ts';
import { type PartitionId, partitionKey } from '../../../core/partition/partition.ts';
import { decodePartition } from '../../../core/partition/partition-file.ts';
import { type Columns, readingAt } from '../../../core/set/columns.ts';
import { localDay } from '../../../core/time/calendar.ts';
import type { DaySpan } from '../../../core/time/day-span.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import { segmentIdOf } from '../../../ports/keys.ts';
import type { ObjectReader } from '../../../ports/objects.ts';
import { type LedgerReader, mayHold } from '../../../ports/queries.ts';
import type { Holding } from '../../../ports/records.ts';
import type { RawObject } from '../raw-objects.ts';

/** What is stored. */
export interface PartitionPorts {
  readonly curated: ObjectReader;
  readonly curatedBucket: string;
  /** The partitions that there are, in the order of their days. */
  partitions(dataset: Dataset, span: DaySpan): AsyncIterable<PartitionId>;
}

export interface OlderPorts extends PartitionPorts {
  /** Every version of every raw object that is not deleted. */
  objects(): AsyncIterable<RawObject>;
  readonly ledgers: LedgerReader;
}

/** A version of the file, and what it gives today. */
export interface ReadVersion {
  readonly object: RawObject;
  /** The second part of its readings' rank, UTC ms; 0 for what came by the stream. */
  readonly uploadedMs: number;
  /** Readings by dataset, repeats included. */
  readonly counts: ReadonlyMap<Dataset, number>;
}

/** A stored row that says that it was uploaded when the file was. */
interface OlderReading {
  readonly reading: Reading;
  readonly uploadedMs: number;
}

/** What partitions hold of a file that it has not as it is read today: other rules took it, when it was ingested. */
export interface OlderReadings {
  readonly rows: readonly OlderReading[];
  /** Rows that are left, by the key of another object that they may be of: it was uploaded at the same time. */
  readonly doubtful: ReadonlyMap<string, number>;
  /** Readings that the ledger counts and that no row can be told to be: what came by the stream has no time of upload. */
  readonly untold: number;
}

const partitionsInFlight = 4;

/**
 * Looks for a file's readings that today's rules do not find in it: rows of the time and the series that its ledger tells, which say that
 * they were uploaded when it was. Where a replay has read it by today's rules since, its ledger tells of what these have found.
 * @param isOfFile whether the file has an identity today
 */
export async function findOlderReadings(
  ports: OlderPorts,
  { dataset, versions }: { dataset: Dataset; versions: readonly ReadVersion[] },
  isOfFile: (reading: Reading) => boolean,
): Promise<OlderReadings> {
  const entries = await ports.ledgers.ledgers(versions.map(({ object }) => object));
  const taken: { uploadedMs: number; held: Holding }[] = [];
  let untold = 0;
  for (const [index, { uploadedMs, counts }] of versions.entries()) {
    const held = entries[index]?.holds?.find((holding) => holding.dataset === dataset.name);
    if (held === undefined) continue;
    if (uploadedMs === 0) untold += Math.max(0, held.readings - (counts.get(dataset) ?? 0));
    else taken.push({ uploadedMs, held });
  }
  if (taken.length === 0) return { rows: [], doubtful: new Map(), untold };
  const span = {
    from: localDay(dataset.timeZone, Math.min(...taken.map(({ held }) => held.fromMs))),
    to: localDay(dataset.timeZone, Math.max(...taken.map(({ held }) => held.toMs))),
  };
  const ids = await Array.fromAsync(ports.partitions(dataset, span));
  const isTaken = ({ reading, uploadedMs }: OlderReading) =>
    !reading.withdrawn &&
    taken.some((of) => of.uploadedMs === uploadedMs && holds(of.held, reading)) &&
    !isOfFile(reading);
  const found = await mapBounded(ids, partitionsInFlight, async (id) => {
    const file = await ports.curated.read({ bucket: ports.curatedBucket, key: partitionKey(dataset, id) });
    if (file === undefined) return [];
    const { columns } = await decodePartition(dataset, file.bytes);
    return rowsOf(columns, new Set(taken.map(({ uploadedMs }) => uploadedMs)), isTaken);
  });
  return { ...(await told(ports, { dataset, versions, rows: found.flat() })), untold };
}

/** Almost all rows of these uploads are the file's own, as it is read today: none of them is kept on the way. */
function rowsOf(
  columns: Columns,
  uploads: ReadonlySet<number>,
  isTaken: (row: OlderReading) => boolean,
): OlderReading[] {
  const rows: OlderReading[] = [];
  for (let row = 0; row < columns.length; row++) {
    const uploadedMs = columns.uploadedMs[row] as number; // a row of them
    if (!uploads.has(uploadedMs)) continue;
    const older = { reading: readingAt(columns, row), uploadedMs };
    if (isTaken(older)) rows.push(older);
  }
  return rows;
}

/** S3 tells the time of an upload in whole seconds: of another object of that second the rows may be as well. */
async function told(
  ports: OlderPorts,
  {
    dataset,
    versions,
    rows,
  }: { dataset: Dataset; versions: readonly ReadVersion[]; rows: readonly OlderReading[] },
): Promise<Pick<OlderReadings, 'rows' | 'doubtful'>> {
  const doubtful = new Map<string, number>();
  if (rows.length === 0) return { rows, doubtful };
  const own = new Set(versions.map(({ object }) => segmentIdOf(object)));
  const uploads = new Set(rows.map(({ uploadedMs }) => uploadedMs));
  const others: RawObject[] = [];
  for await (const object of ports.objects())
    if (
      object.key.startsWith(`landing/${dataset.name}/`) &&
      uploads.has(object.lastModifiedMs) &&
      !own.has(segmentIdOf(object))
    )
      others.push(object);
  const entries = await ports.ledgers.ledgers(others);
  const kept = rows.filter(({ reading, uploadedMs }) => {
    const other = others.find(
      ({ lastModifiedMs }, index) =>
        lastModifiedMs === uploadedMs &&
        mayHold(entries[index], (held) => held.dataset === dataset.name && holds(held, reading)),
    );
    if (other !== undefined) doubtful.set(other.key, (doubtful.get(other.key) ?? 0) + 1);
    return other === undefined;
  });
  return { rows: kept, doubtful };
}

const holds = ({ fromMs, toMs, sensors }: Holding, { sensorId, timestampMs }: Reading): boolean =>
  timestampMs >= fromMs && timestampMs <= toMs && (sensors === undefined || sensors.includes(sensorId));
