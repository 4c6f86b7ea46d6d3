import type { Dataset } from '../../../core/dataset/dataset.ts';
import { decodePart } from '../../../core/partition/parts.ts';
import { pagedOf } from '../../../core/projections/states.ts';
import type { Columns } from '../../../core/set/columns.ts';
import { contestedAmong } from '../../../core/set/contested-among.ts';
import { ColumnsBuilder } from '../../../core/set/row-buffer.ts';
import { union } from '../../../core/set/union.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import { StagingMissing, StoreUnavailable } from '../../../ports/faults.ts';
import type { MergeUnit, WaitingParts } from '../../../ports/inbox.ts';
import { addressOf, type RangeReader } from '../../../ports/objects.ts';
import type { PartList, PartRange } from '../state-inputs.ts';
import type { KeptFolds } from './kept-folds.ts';
import { settleMonth } from './settle-months.ts';
import { type PartitionPorts, settlePartition } from './settle-partition.ts';
import { settleUnpagedDays } from './unpaged-days.ts';

/** Partitions in work at once: while one waits for S3 another is decoded. Each holds its set in memory some four times. */
const partitionsInFlight = 4;
/** Ranges of staging objects fetched at once for one partition. */
const rangesInFlight = 8;

export interface MergePorts extends PartitionPorts {
  objects: PartitionPorts['objects'] & RangeReader;
  /** As {@link MonthPorts} has it. */
  folds?: KeptFolds;
}

/**
 * Readings by what they were beside what was there: see `Union`. `added + replaced + repeated + superseded + contested` is the number
 * of readings in the parts.
 */
export interface MergeCounts {
  /** Merged, whether or not their file changed. */
  partitions: number;
  added: number;
  replaced: number;
  repeated: number;
  superseded: number;
  contested: number;
  /** New alerts, now pending. */
  alerts: number;
  /** Times that somebody else changed a partition under this merge. */
  conflicts: number;
}

/** Parts of one job for one unit. Those of another job are left out where they can't be read; those of one's own are a fault then. */
export interface PartsToMerge {
  parts: WaitingParts;
  days: PartList;
  isOwn: boolean;
}

export interface PartsMerged {
  /** The last day that was merged when time ran out; absent when all were. */
  mergedThrough?: string;
  /** Of other jobs. */
  unreadable: ReadonlySet<WaitingParts>;
  /** Readings of the parts that are contested in the partitions' sets as they stand now, whoever contradicts them. */
  contested: ReadonlyMap<WaitingParts, number>;
  /** Time of the newest reading of the parts that is merged, UTC ms; -Infinity without one. */
  newestMs: number;
}

/**
 * Unites parts with the partitions of their unit, day by day, then settles the month. It goes last, so that a month of many
 * days is computed once; a crash before it is repaired by the next run, which checks the month of each
 * sensor in its parts, whether or not it wrote a day.
 *
 * @param task `counts` are added to; once `mayGoOn` says no it has to go on saying so: no further day is begun then
 */
export async function mergeParts(
  ports: MergePorts,
  task: {
    bucket: string;
    dataset: Dataset;
    unit: MergeUnit;
    toMerge: readonly PartsToMerge[];
    counts: MergeCounts;
    mayGoOn: () => boolean;
  },
): Promise<PartsMerged> {
  const { bucket, dataset, unit, toMerge, counts } = task;
  const unreadable = new Set<WaitingParts>();
  const contestedNow = new Map<WaitingParts, number>();
  let newestMs = Number.NEGATIVE_INFINITY;
  const sensors = new Set<string>();
  const days = byDay(toMerge);
  const merged = await mapBounded(days, partitionsInFlight, async ([day, sources]) => {
    if (!task.mayGoOn()) return false;
    const id = { dataset: dataset.name, day, shard: unit.shard };
    const {
      columns: readings,
      bySource,
      rows,
      lost,
    } = await readParts(ports.objects, {
      ...{ bucket, dataset, sources, unreadable },
    });
    const settled = await settlePartition(ports, { bucket, dataset, id, readings });
    const superseded = settled.superseded + lost.superseded;
    const contested = settled.contested + lost.contested;
    counts.partitions++;
    counts.added += settled.added;
    counts.replaced += settled.replaced;
    counts.superseded += superseded;
    counts.contested += contested;
    counts.repeated += rows - settled.added - settled.replaced - superseded - contested;
    counts.alerts += settled.newAlerts;
    counts.conflicts += settled.conflicts;
    newestMs = readings.timestampMs.reduce((newest, ms) => Math.max(newest, ms), newestMs);
    if (settled.columns.contested.includes(1)) {
      for (const [parts, sets] of bySource) {
        const now = contestedAmong(dataset, settled.columns, uniteAll(dataset, sets).columns);
        contestedNow.set(parts, (contestedNow.get(parts) ?? 0) + now);
      }
    }
    for (const sensorId of readings.sensors) sensors.add(sensorId);
    return true;
  });
  const month = { dataset: unit.dataset, shard: unit.shard, period: unit.month };
  const bringDays = (paged: Dataset) => settleUnpagedDays(ports, { bucket, dataset, paged, unit });
  if (sensors.size > 0) {
    const written = days.flatMap(([day], index) => (merged[index] ? [day] : []));
    for (const paged of pagedOf(dataset))
      await settleMonth(ports, {
        ...{ dataset: paged, month: { ...month, dataset: paged.storageName } },
        ...{ sensorIds: [...sensors], days: written, bringDays: () => bringDays(paged) },
      });
  }
  const through = days[merged.lastIndexOf(true)]?.[0] ?? '';
  return {
    unreadable,
    contested: contestedNow,
    newestMs,
    ...(merged.includes(false) ? { mergedThrough: through } : {}),
  };
}

interface Source {
  of: PartsToMerge;
  ranges: readonly PartRange[];
}

/** What is to be merged of each day, in the order of the days. */
function byDay(toMerge: readonly PartsToMerge[]): [day: string, sources: Source[]][] {
  const found = new Map<string, Source[]>();
  for (const of of toMerge) {
    for (const { day, parts: ranges } of of.days) {
      if (of.parts.mergedThrough !== undefined && day <= of.parts.mergedThrough) continue;
      found.set(day, [...(found.get(day) ?? []), { of, ranges }]);
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The parts of a partition, and their union. */
async function readParts(
  objects: RangeReader,
  task: { bucket: string; dataset: Dataset; sources: readonly Source[]; unreadable: Set<WaitingParts> },
): Promise<United & { rows: number; bySource: ReadonlyMap<WaitingParts, Columns[]> }> {
  const { bucket, dataset, sources, unreadable } = task;
  const readRange = async ({ key, start, end }: PartRange): Promise<Columns> => {
    const bytes = await objects.readRange({ bucket, key, start, end });
    if (bytes === undefined) throw new StagingMissing(addressOf({ bucket, key }));
    return decodePart(dataset, bytes);
  };
  const ranges = sources.flatMap(({ of, ranges: some }) => some.map((range) => ({ of, range })));
  const bySource = new Map(sources.map(({ of }) => [of.parts, [] as Columns[]]));
  let rows = 0;
  await mapBounded(ranges, rangesInFlight, async ({ of, range }) => {
    if (unreadable.has(of.parts)) return;
    try {
      const columns = await readRange(range);
      bySource.get(of.parts)?.push(columns);
      rows += range.rows;
    } catch (fault) {
      if (of.isOwn || fault instanceof StoreUnavailable) throw fault;
      unreadable.add(of.parts);
    }
  });
  return { ...uniteAll(dataset, [...bySource.values()].flat()), rows, bySource };
}

interface United {
  columns: Columns;
  /** Readings that others among the sets outrank. */
  lost: { superseded: number; contested: number };
}

/** The union of sets, in pairs like a merge sort: each reading is copied log2(sets) times. */
function uniteAll(dataset: Dataset, parts: readonly Columns[]): United {
  let sets = [...parts];
  const lost = { superseded: 0, contested: 0 };
  while (sets.length > 1) {
    const pairs: Columns[] = [];
    for (let left = 0; left < sets.length; left += 2) {
      const [a, b] = [sets[left] as Columns, sets[left + 1]]; // left < sets.length
      if (b === undefined) pairs.push(a);
      else {
        const { columns, replaced, superseded, contested } = union(dataset, a, b);
        lost.superseded += replaced + superseded; // whichever of the two it is, one was
        lost.contested += contested;
        pairs.push(columns);
      }
    }
    sets = pairs;
  }
  return { columns: sets[0] ?? new ColumnsBuilder(dataset).build(), lost };
}
