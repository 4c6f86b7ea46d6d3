import type { Dataset } from '../../../core/dataset/dataset.ts';
import { encodeReading, maxRevision, type Reading } from '../../../core/dataset/reading.ts';
import { parseNdjsonLine } from '../../../core/lines/json/ndjson.ts';
import { type PartitionId, partitionKey, partitionOf, shardOf } from '../../../core/partition/partition.ts';
import { decodePartition } from '../../../core/partition/partition-file.ts';
import { type Columns, type ReadingState, readingAt, stateAt } from '../../../core/set/columns.ts';
import { compareRanks } from '../../../core/set/conflict-rule.ts';
import { identityText } from '../../../core/set/identity.ts';
import type { DaySpan } from '../../../core/time/day-span.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import { checkReadings, identitiesOf, type ReadingsOfFile } from './file-readings.ts';
import type { OlderReadings, PartitionPorts } from './older-readings.ts';

/** What is to be said of one identity instead of what is stored. */
export interface Change {
  readonly kind: 'withdraw' | 'restore';
  readonly stored: ReadingState;
  /** Of no rank yet: see {@link lineOf}. */
  readonly reading: Reading;
}

/**
 * A change of a stored row, which is read anew each time that it is asked for: of a file of a million lines as many states and readings,
 * kept as objects, would take several times the memory of its columns.
 */
class RowChange implements Change {
  readonly kind: Change['kind'];
  readonly #columns: Columns;
  readonly #row: number;
  readonly #other: Reading | undefined;

  /** @param other what is stored instead; without it the row is withdrawn */
  constructor(columns: Columns, row: number, other?: Reading) {
    this.kind = other === undefined ? 'withdraw' : 'restore';
    this.#columns = columns;
    this.#row = row;
    this.#other = other;
  }

  get stored(): ReadingState {
    return stateAt(this.#columns, this.#row);
  }

  get reading(): Reading {
    return this.#other ?? { ...readingAt(this.#columns, this.#row), withdrawn: true };
  }
}

/** Changes of one dataset, and the sets of the partitions that they are in, as they are now. */
export interface DatasetChanges {
  readonly dataset: Dataset;
  readonly changes: readonly Change[];
  readonly partitions: readonly { readonly id: PartitionId; readonly columns: Columns }[];
  /** Readings that were meant, and are already as they are to be. */
  readonly unchanged: number;
  /** Of a file: readings that other objects hold too, and that stay. */
  readonly held?: number;
  /** Withdrawn readings that say nothing to bring back: they were withdrawn without their values. */
  readonly withoutValues: number;
  /** Readings that stay as they are, since what would be stored instead is rejected: why, of each. */
  readonly rejected: readonly { readonly reason: string; readonly detail: string }[];
  /** Of a file: what other rules than today's took of it. */
  readonly older?: Pick<OlderReadings, 'doubtful' | 'untold'> & { readonly changes: number };
}

/** How changes are chosen. */
interface Choosing {
  /** What was withdrawn comes back. */
  readonly undo: boolean;
  /** UTC ms at which the lines will say that they were uploaded. */
  readonly uploadedMs: number;
  /** Changes that there may be of one dataset; without it as many as there are. */
  readonly most?: number | undefined;
}

/** The line that makes a change: of the stored revision, or above it where that file says it was uploaded at `uploadedMs` or later. */
export function lineOf(dataset: Dataset, { stored, reading }: Change, uploadedMs: number): string {
  const { revision } = stored.reading;
  const outranks = stored.uploadedMs < uploadedMs;
  return encodeReading(dataset, {
    ...reading,
    revision: Math.min(maxRevision, outranks ? revision : revision + 1),
  });
}

/**
 * Withdraws, or brings back, the readings of one series on the local days of a span, or the one at `atMs` (UTC ms). The days are those of the
 * partitions: a clock that showed midnight twice went back to minutes of the day before.
 */
export async function changesOfSeries(
  ports: PartitionPorts,
  {
    dataset,
    sensorId,
    span,
    atMs,
    ...choosing
  }: { dataset: Dataset; sensorId: string; span: DaySpan; atMs?: number } & Choosing,
): Promise<DatasetChanges> {
  const shard = shardOf(sensorId, dataset.shards);
  const ids: PartitionId[] = [];
  for await (const id of ports.partitions(dataset, span)) if (id.shard === shard) ids.push(id);
  return changesIn(ports, { dataset, ids, ...choosing }, ({ reading: { sensorId: of, timestampMs } }) =>
    of === sensorId && (atMs === undefined || timestampMs === atMs) ? 'withdraw' : undefined,
  );
}

/**
 * Takes a file out of the set: what only it holds is withdrawn, and where another object has the identity too, that one's reading
 * is stored again. With `undo` what was withdrawn of it comes back, and what a withdrawal replaced by another object's reading too.
 */
export async function changesOfFile(
  ports: PartitionPorts,
  { dataset, file, others, withdrawals, older }: ReadingsOfFile,
  { undo, uploadedMs, most }: Choosing,
): Promise<DatasetChanges> {
  const ids = new Map<string, PartitionId>();
  for (let row = 0; row < file.length; row++) {
    const { sensorId, timestampMs } = readingAt(file, row);
    const id = partitionOf(dataset, sensorId, timestampMs);
    ids.set(partitionKey(dataset, id), id);
  }
  const ofFile = identitiesOf(dataset, file);
  const ofOthers = identitiesOf(dataset, others);
  const ofWithdrawals = identitiesOf(dataset, withdrawals);
  /** Whether a withdrawal has put another object's reading in the place of the file's, which would be stored otherwise. */
  const isReplaced = (stored: ReadingState, own: ReadingState): boolean => {
    const by = ofWithdrawals(stored.reading);
    if (by === undefined || compareRanks(rankOf(stored), rankOf(stateAt(withdrawals, by))) !== 0)
      return false;
    if (contentOf(stored) === contentOf(own)) return false;
    const other = ofOthers(stored.reading);
    if (other === undefined) return true;
    const there = stateAt(others, other);
    return (compareRanks(rankOf(own), rankOf(there)) || (contentOf(own) > contentOf(there) ? 1 : -1)) > 0;
  };
  const contentOf = ({ reading }: ReadingState) => encodeReading(dataset, { ...reading, revision: 0 });
  let held = 0;
  const found = await changesIn(
    ports,
    { dataset, ids: [...ids.values()], undo, uploadedMs, most },
    (stored) => {
      const row = ofFile(stored.reading);
      if (row === undefined) return undefined;
      if (undo)
        return stored.reading.withdrawn === true || isReplaced(stored, stateAt(file, row))
          ? readingAt(file, row)
          : 'unchanged';
      const other = ofOthers(stored.reading);
      if (other === undefined) return 'withdraw';
      const isThat =
        stored.uploadedMs === others.uploadedMs[other] &&
        stored.contested === (others.contested[other] === 1) &&
        encodeReading(dataset, stored.reading) === encodeReading(dataset, readingAt(others, other));
      if (!isThat) return readingAt(others, other);
      held++;
      return undefined;
    },
  );
  const identity = (reading: Reading) => identityText(dataset, reading);
  const ofOlder = new Set(older.rows.map(({ reading }) => identity(reading)));
  const changes = found.changes.filter(({ stored }) => ofOlder.has(identity(stored.reading))).length;
  return { ...found, held, older: { doubtful: older.doubtful, untold: older.untold, changes } };
}

const rankOf = ({ reading: { revision }, uploadedMs }: ReadingState) => ({ revision, uploadedMs });

/** Partitions that are read at a time, and in memory: of years of a series there are hundreds. */
const partitionsInFlight = 8;

/** @param choose what a stored row is to become: withdrawn, another reading, or as it is, counted or not */
async function changesIn(
  { curated, curatedBucket }: PartitionPorts,
  {
    dataset,
    ids,
    undo,
    uploadedMs,
    most = Number.POSITIVE_INFINITY,
  }: { dataset: Dataset; ids: readonly PartitionId[] } & Choosing,
  choose: (stored: ReadingState) => 'withdraw' | 'unchanged' | Reading | undefined,
): Promise<DatasetChanges> {
  let changed = 0;
  const found = await mapBounded(ids, partitionsInFlight, async (id) => {
    const file = await curated.read({ bucket: curatedBucket, key: partitionKey(dataset, id) });
    if (file === undefined) return undefined;
    const { columns } = await decodePartition(dataset, file.bytes);
    const changes: Change[] = [];
    const rejected: { reason: string; detail: string }[] = [];
    let [withoutValues, unchanged] = [0, 0];
    const restore = (row: number, reading: Reading) => {
      const change = new RowChange(columns, row, reading);
      const fault = faultOf(dataset, change, uploadedMs);
      if (fault === undefined) changes.push(change);
      else rejected.push(fault);
    };
    for (let row = 0; row < columns.length; row++) {
      const stored = stateAt(columns, row);
      const isWithdrawn = stored.reading.withdrawn === true;
      const chosen = choose(stored);
      if (chosen === undefined) continue;
      if (chosen === 'unchanged') {
        unchanged++;
        continue;
      }
      const { withdrawn: _, ...measured } = chosen === 'withdraw' ? stored.reading : chosen;
      if (undo) {
        if (!isWithdrawn && chosen === 'withdraw') unchanged++;
        else if (lacksValues(dataset, measured)) withoutValues++;
        else restore(row, measured);
      } else if (chosen !== 'withdraw') restore(row, chosen);
      else if (isWithdrawn) unchanged++;
      else changes.push(new RowChange(columns, row));
    }
    changed += changes.length;
    checkReadings(changed, most);
    // Of a partition without a change nothing is kept.
    return {
      changes,
      rejected,
      withoutValues,
      unchanged,
      partition: changes.length > 0 ? [{ id, columns }] : [],
    };
  });
  const read = found.filter((each) => each !== undefined);
  return {
    dataset,
    changes: read.flatMap(({ changes }) => changes),
    partitions: read.flatMap(({ partition }) => partition),
    unchanged: read.reduce((sum, { unchanged }) => sum + unchanged, 0),
    withoutValues: read.reduce((sum, { withoutValues }) => sum + withoutValues, 0),
    rejected: read.flatMap(({ rejected }) => rejected),
  };
}

/** Why the ingestion would not store a reading as it was, by the rules that it reads the line by: bounds may have changed since. */
function faultOf(
  dataset: Dataset,
  change: Change,
  uploadedMs: number,
): { reason: string; detail: string } | undefined {
  const context = { dataset, sensorId: undefined, arrivedMs: uploadedMs, isStored: true };
  const line = parseNdjsonLine(lineOf(dataset, change, uploadedMs), true, context, [dataset]);
  if (line.kind === 'rejected') return { reason: line.reason, detail: line.detail };
  const [dropped] = line.dropped;
  return dropped && { reason: dropped.reason, detail: `${dropped.measure} is ${dropped.value}` };
}

function lacksValues(dataset: Dataset, { values, attributes }: Reading): boolean {
  return (
    (dataset.kind === 'readings' && values.every((value) => value === null)) ||
    dataset.measureNames.some((name, at) => !dataset.measures[name]?.optional && values[at] === null) ||
    dataset.attributeNames.some((name, at) => !dataset.attributes[name]?.optional && attributes[at] === null)
  );
}
