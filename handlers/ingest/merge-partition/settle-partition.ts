import type { Dataset } from '../../../core/dataset/dataset.ts';
import { type PartitionId, partitionKey } from '../../../core/partition/partition.ts';
import {
  decodePartition,
  encodePartition,
  PartitionLayoutChanged,
} from '../../../core/partition/partition-file.ts';
import { pagedOf } from '../../../core/projections/states.ts';
import type { Columns } from '../../../core/set/columns.ts';
import { ColumnsBuilder } from '../../../core/set/row-buffer.ts';
import { union } from '../../../core/set/union.ts';
import { countsOnPage, type PageSeries } from '../../../core/statistics/page-bytes.ts';
import { pageHash } from '../../../core/statistics/pages.ts';
import { PartitionConflict, PartitionMissing, PartitionUnreadable } from '../../../ports/faults.ts';
import {
  addressOf,
  type ConditionalWriter,
  type ObjectDescriber,
  type ObjectLocation,
  type ObjectReader,
  type WriteCondition,
} from '../../../ports/objects.ts';
import { backoffMs, maxAttempts } from './attempts.ts';
import { computeDays } from './day-statistics.ts';
import { storedOnTheWay } from './lay-out.ts';
import { besideOnPages, type DayPorts, settleDays } from './settle-days.ts';

export interface PartitionPorts extends DayPorts {
  objects: ObjectReader & ConditionalWriter & ObjectDescriber;
}

export interface PartitionWork {
  bucket: string;
  dataset: Dataset;
  id: PartitionId;
  readings: Columns;
  /** All pages of the day are compared, not only those that the readings' series are on. */
  isWhole?: boolean;
}

export interface PartitionSettled {
  /** Readings by what they were beside the partition's set: see `Union`. */
  added: number;
  replaced: number;
  superseded: number;
  contested: number;
  /** The partition's set as it stands now. */
  columns: Columns;
  newAlerts: number;
  /** Times that somebody else changed the partition under this merge. */
  conflicts: number;
}

/**
 * Unites readings with a partition's file and makes the statistics and alerts of their sensors say what the file says.
 *
 * Every step can be lost and repeated: the file is written only over the one that was read, a repeated union changes
 * nothing, and what is behind the file is found by comparing. The last look at the file's version closes the one gap that
 * conditions leave: a slow run that computed from version 3 may write where nothing was written since 2, although a run at 4
 * found 2's statistics right (a value corrected twice, back to the first). Whoever wrote looks whether the file has moved
 * on, and if so goes round again; a run at 4 that starts after that look finds what was written.
 *
 * @throws {PartitionConflict} when the file or the statistics kept changing for all attempts
 * @throws {PartitionUnreadable} {PartitionMissing} instead of writing less than there was
 */
export async function settlePartition(
  ports: PartitionPorts,
  { bucket, dataset, id, readings, isWhole = false }: PartitionWork,
): Promise<PartitionSettled> {
  const location = { bucket, key: partitionKey(dataset, id) };
  const settled: PartitionSettled = {
    ...{ added: 0, replaced: 0, superseded: 0, contested: 0 },
    columns: readings,
    newAlerts: 0,
    conflicts: 0,
  };
  let outrankedBy = 0;
  let isCounted = false;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    settled.conflicts = attempt;
    if (attempt > 0) await ports.clock.pause(backoffMs(attempt, ports.clock.random()));

    const file = await readFile(ports.objects, { dataset, id, location });
    const united = union(dataset, file.columns, readings);
    const { columns } = united;
    const touched = isWhole ? columns.sensors : readings.sensors;
    const beside = besideOnPages(dataset, columns.sensors, touched);
    const paged = pagedOf(dataset).map((of) => {
      const compute = (sensorIds: readonly string[]) => computeDays(of, columns, sensorIds);
      return { dataset: of, compute, computing: compute(beside) };
    });
    const computing = Promise.all(paged.map((of) => of.computing));
    const [statistics = new Map()] = file.condition.kind === 'absent' ? await computing : [];
    if (file.condition.kind === 'absent' && (await wouldShrink(ports, { dataset, id }, statistics))) {
      // Unless the file came between the two looks, with the statistics that this run then found.
      if ((await ports.objects.describe(location)) !== undefined) continue;
      throw new PartitionMissing(
        `${addressOf(location)} is not there, and the statistics of its day are of more readings than this merge has. Have it built again from the raw objects: ${rebuildCommand(id)}, or without --stores where they give fewer readings than before`,
      );
    }
    let version = file.version;
    let writing: Promise<'written' | 'conflict'> | undefined;
    // An unchanged set is written again only to get a version above what outranks it: the file was restored or rebuilt
    // with a lower version, or the dataset's rules have changed since the statistics of this version were computed.
    if (columns !== file.columns || file.version <= outrankedBy) {
      version = Math.max(file.version, outrankedBy) + 1;
      writing = ports.objects.writeIf({
        ...location,
        bytes: encodePartition(dataset, id, columns),
        contentType: 'application/vnd.apache.parquet',
        metadata: { version: String(version) },
        condition: file.condition,
      });
    }
    // Computed while the file is on its way; what is stored of them is looked at only once the file is there.
    const [written, computed] = await Promise.all([writing, computing]);
    if (written === 'conflict') continue;
    // Once: in a later round, which somebody else's write made necessary, all of them are there.
    if (!isCounted) {
      isCounted = true;
      for (const kind of ['added', 'replaced', 'superseded', 'contested'] as const)
        settled[kind] += united[kind];
    }

    settled.columns = columns;
    let isEqual = true;
    let isContended = false;
    for (const [index, { dataset: of, compute }] of paged.entries()) {
      const state = { dataset: of, id, sensors: columns.sensors, compute, version };
      const days = await settleDays(ports, { ...state, computed: computed[index] ?? new Map() }, touched);
      if (days.kind === 'equal') continue;
      isEqual = false;
      if (days.kind === 'outranked') {
        outrankedBy = Math.max(outrankedBy, days.version);
        isContended = true;
        continue;
      }
      settled.newAlerts += days.newAlerts;
      isContended ||= days.contended;
    }
    if (isEqual) return settled;
    if (!isContended && versionOf(await ports.objects.describe(location)) === version) return settled;
  }
  throw new PartitionConflict(`${addressOf(location)} kept changing for ${maxAttempts} attempts`);
}

/** What a person types to have a partition removed, if it is there, and built again from the raw objects. */
const rebuildCommand = ({ dataset, day }: PartitionId): string =>
  `npm run caudal -- reconcile --stores --dataset ${dataset} --from ${day} --to ${day} --fix`;

/** Whether the pages that would be written have statistics of more readings of the day than were computed now. */
async function wouldShrink(
  { statistics }: PartitionPorts,
  { dataset, id }: { dataset: Dataset; id: PartitionId },
  computed: PageSeries,
): Promise<boolean> {
  const of = { dataset: dataset.storageName, shard: id.shard, period: id.day };
  const stored = await storedOnTheWay(statistics, of, [...computed.keys()].map(pageHash));
  return [...stored.values()].some((page) => {
    const counts = page === undefined ? [] : [...countsOnPage(page.bytes)];
    return counts.some(([sensorId, count]) => count > (computed.get(sensorId)?.count ?? 0));
  });
}

async function readFile(
  objects: ObjectReader,
  { dataset, id, location }: { dataset: Dataset; id: PartitionId; location: ObjectLocation },
): Promise<{ columns: Columns; version: number; condition: WriteCondition }> {
  const stored = await objects.read(location);
  if (stored === undefined) {
    return { columns: new ColumnsBuilder(dataset).build(), version: 0, condition: { kind: 'absent' } };
  }
  try {
    const { columns } = await decodePartition(dataset, stored.bytes);
    return {
      columns,
      version: versionOf(stored.metadata),
      condition: { kind: 'matches', etag: stored.etag },
    };
  } catch (fault) {
    if (fault instanceof PartitionLayoutChanged) throw fault; // it can be read, and says what to do
    throw new PartitionUnreadable(
      `${addressOf(location)}: ${(fault as Error).message}. Have it built again from the raw objects: ${rebuildCommand(id)}`,
      { cause: fault },
    );
  }
}

/** The version in an object's metadata; 0 for none, as when someone copied the file by hand. */
function versionOf(metadata: Readonly<Record<string, string>> | undefined): number {
  const version = Number(metadata?.version);
  return Number.isSafeInteger(version) && version > 0 ? version : 0;
}
