import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { Reading } from '../../../core/dataset/reading.ts';
import { type Columns, readingAt } from '../../../core/set/columns.ts';
import { compareIdentities } from '../../../core/set/identity.ts';
import type { ColumnsBuilder } from '../../../core/set/row-buffer.ts';
import { mapBounded, pagesOf } from '../../../ports/concurrency.ts';
import { segmentIdOf } from '../../../ports/keys.ts';
import type { SegmentOpener } from '../../../ports/objects.ts';
import { mayHold } from '../../../ports/queries.ts';
import type { Holding } from '../../../ports/records.ts';
import { builderOf, eachReading } from '../object-readings.ts';
import type { RawObject } from '../raw-objects.ts';
import {
  findOlderReadings,
  type OlderPorts,
  type OlderReadings,
  type ReadVersion,
} from './older-readings.ts';

export interface FilePorts extends OlderPorts {
  /** Every version of one key, whether or not it was deleted, from new to old. */
  versionsOf(key: string): AsyncIterable<RawObject>;
  readonly segments: SegmentOpener;
}

/** What versions of one file say about one dataset, and what all other objects say about the same identities. */
export interface ReadingsOfFile {
  readonly dataset: Dataset;
  readonly file: Columns;
  readonly others: Columns;
  /** What earlier withdrawals, and their undoing, say of them. */
  readonly withdrawals: Columns;
  /** Rows of `file` that it has not as it is read today, and others that may be of it. */
  readonly older: OlderReadings;
}

/** There is no such key, or nothing of it that could be withdrawn. */
export class NothingOfFile extends Error {
  override readonly name = 'NothingOfFile';
}

/** A withdrawal is about more readings than its caller has memory for. A retry does not help. */
export class TooManyReadings extends Error {
  override readonly name = 'TooManyReadings';
}

/** @throws {TooManyReadings} */
export function checkReadings(readings: number, most: number): void {
  if (readings > most) throw new TooManyReadings(`it is about more than ${most} readings`);
}

const noneOlder: OlderReadings = { rows: [], doubtful: new Map(), untold: 0 };
const objectsInFlight = 4;
/** A page of the listing; its ledgers are ten calls. */
const objectsPerPage = 1_000;

/**
 * Reads a file's versions, and of all other raw objects the lines of its identities: ledgers tell which ones may have some.
 * Memory: the readings of the file, twice.
 * @param options.most readings of the file, repeats included
 * @param options.vanished only what the key's newest version no longer holds; of a deleted file that is everything
 * @throws {NothingOfFile}
 * @throws {TooManyReadings}
 */
export async function readFile(
  ports: FilePorts,
  {
    key,
    vanished,
    datasets,
    most = Number.POSITIVE_INFINITY,
    tell,
  }: {
    key: string;
    vanished: boolean;
    datasets: readonly Dataset[];
    most?: number | undefined;
    tell: (text: string) => void;
  },
): Promise<ReadingsOfFile[]> {
  const versions = await Array.fromAsync(ports.versionsOf(key));
  if (versions.length === 0)
    throw new NothingOfFile(`There is no object ${key} in the raw bucket, and was none that it remembers.`);
  const taken = versions.filter(({ isCurrent }) => !(vanished && isCurrent));
  if (taken.length === 0)
    throw new NothingOfFile(
      `${key} has one version only: nothing vanished from it. Without --vanished the whole file is taken.`,
    );
  const files = new Map<Dataset, ColumnsBuilder>();
  const read: ReadVersion[] = [];
  for (const object of taken) {
    tell(`reading ${key}`);
    const counts = new Map<Dataset, number>();
    const uploadedMs = await eachReading(ports.segments, object, datasets, (dataset, reading, uploadedMs) => {
      builderOf(files, dataset).add(reading, uploadedMs);
      counts.set(dataset, (counts.get(dataset) ?? 0) + 1);
    });
    read.push({ object, uploadedMs, counts });
    checkReadings(
      [...files.values()].reduce((sum, { length }) => sum + length, 0),
      most,
    );
  }
  tell(`looking for readings of ${key} that it has not as it is read today`);
  const olderOf = new Map<Dataset, OlderReadings>();
  const sets = new Map([...files].map(([dataset, builder]) => [dataset, builder.build()]));
  for (const dataset of datasets) {
    const known = sets.get(dataset);
    const isOfFile = known ? identitiesOf(dataset, known) : () => undefined;
    const older = await findOlderReadings(
      ports,
      { dataset, versions: read },
      (reading) => isOfFile(reading) !== undefined,
    );
    if (older.rows.length + older.doubtful.size + older.untold === 0) continue;
    olderOf.set(dataset, older);
    const builder = builderOf(files, dataset); // also where it is of no reading today
    for (const { reading, uploadedMs } of older.rows) builder.add(reading, uploadedMs);
    sets.set(dataset, builder.build());
  }
  const { others, withdrawals } = await readOthers(ports, { sets, taken, datasets, tell });
  return [...sets].map(([dataset, file]) => ({
    dataset,
    file,
    others: builderOf(others, dataset).build(),
    withdrawals: builderOf(withdrawals, dataset).build(),
    older: olderOf.get(dataset) ?? noneOlder,
  }));
}

async function readOthers(
  ports: FilePorts,
  {
    sets,
    taken,
    datasets,
    tell,
  }: {
    sets: ReadonlyMap<Dataset, Columns>;
    taken: readonly RawObject[];
    datasets: readonly Dataset[];
    tell: (text: string) => void;
  },
): Promise<Record<'others' | 'withdrawals', Map<Dataset, ColumnsBuilder>>> {
  const ids = new Set(taken.map(segmentIdOf));
  const rowOf = new Map([...sets].map(([dataset, columns]) => [dataset, identitiesOf(dataset, columns)]));
  const found = { others: new Map(), withdrawals: new Map() };
  let searched = 0;
  for await (const page of pagesOf(ports.objects(), objectsPerPage)) {
    const ledgers = await ports.ledgers.ledgers(page);
    await mapBounded(page, objectsInFlight, async (object, index) => {
      tell(`looking for the same readings in other objects, ${++searched} so far`);
      if (ids.has(segmentIdOf(object)) || !mayHold(ledgers[index], (held) => meets(held, sets))) return;
      const into = isOwnFile(object.key) ? found.withdrawals : found.others;
      await eachReading(ports.segments, object, datasets, (dataset, reading, uploadedMs) => {
        if (rowOf.get(dataset)?.(reading) !== undefined) builderOf(into, dataset).add(reading, uploadedMs);
      });
    });
  }
  return found;
}

/** The name of a file of changes that `withdraw` uploads. @param digest of its lines, hexadecimal */
export const ownFileName = (digest: string): string => `withdrawals-${digest.slice(0, 16)}.ndjson`;

/** What such a file brings back is said by another object, which is asked itself. */
const isOwnFile = (key: string): boolean => /^landing\/[^/]+\/withdrawals-[0-9a-f]{16}\.ndjson$/.test(key);

/** Whether what an object holds meets one of the sets. */
function meets(
  { dataset: name, fromMs, toMs, sensors }: Holding,
  sets: ReadonlyMap<Dataset, Columns>,
): boolean {
  return [...sets].some(
    ([dataset, { sensors: wanted, timestampMs }]) =>
      dataset.name === name &&
      timestampMs.some((at) => at >= fromMs && at <= toMs) &&
      (sensors === undefined || wanted.some((id) => sensors.includes(id))),
  );
}

/**
 * Finds the row of an identity by bisection of the sorted rows: of a file of a million lines a map of them would take longer to make than the
 * file to read, and more memory than its columns. Who asks in the order of the set finds the next row at once.
 */
export function identitiesOf(dataset: Dataset, columns: Columns): (reading: Reading) => number | undefined {
  const { sensors, sensor, timestampMs, length } = columns;
  const numbers = new Map(sensors.map((id, number) => [id, number]));
  const isEvents = dataset.identityColumns !== undefined;
  /** Whether a row goes before a reading (below 0), is its (0), or comes after it. */
  const compare = (row: number, number: number, reading: Reading): number => {
    const bySensor = (sensor[row] as number) - number; // a row of them
    if (bySensor !== 0) return bySensor;
    const byTime = (timestampMs[row] as number) - reading.timestampMs; // as above
    return byTime !== 0 || !isEvents ? byTime : compareIdentities(dataset, readingAt(columns, row), reading);
  };
  let next = 0;
  return (reading) => {
    const number = numbers.get(reading.sensorId);
    if (number === undefined) return undefined;
    if (next < length && compare(next, number, reading) === 0) return next++;
    let [from, to] = [0, length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (compare(middle, number, reading) < 0) from = middle + 1;
      else to = middle;
    }
    if (from === length || compare(from, number, reading) !== 0) return undefined;
    next = from + 1;
    return from;
  };
}
