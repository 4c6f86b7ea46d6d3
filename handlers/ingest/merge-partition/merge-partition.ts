import type { Dataset } from '../../../core/dataset/dataset.ts';
import { decodePart } from '../../../core/partition/parts.ts';
import type { Columns } from '../../../core/set/columns.ts';
import { ColumnsBuilder } from '../../../core/set/row-buffer.ts';
import { union } from '../../../core/set/union.ts';
import { monthOf } from '../../../core/time/calendar.ts';
import { createGate, mapBounded } from '../../../ports/concurrency.ts';
import { DatasetUnknown, StagingMissing } from '../../../ports/faults.ts';
import { unitIndexOf } from '../../../ports/keys.ts';
import { addressOf, fromJsonBytes, type RangeReader } from '../../../ports/objects.ts';
import type { JobMerges } from '../../../ports/records.ts';
import type { MergeUnit, UnitPartition, UnitPointer } from '../state-inputs.ts';
import { settleMonths, type TouchedMonth } from './settle-months.ts';
import { type PartitionPorts, settlePartition } from './settle-partition.ts';

/** Partitions in work at once: while one waits for S3 another is decoded. Each holds its set in memory some four times. */
const partitionsInFlight = 4;
/** Ranges of staging objects fetched at once for one partition. */
const rangesInFlight = 8;

/** Writes to DynamoDB at once, over all partitions: the SDK's pool has 50 connections, and S3 has one of its own. */
const writesInFlight = 32;

export interface MergePorts extends Omit<PartitionPorts, 'writes'> {
  jobs: JobMerges;
  objects: PartitionPorts['objects'] & RangeReader;
}

/**
 * Readings by what they were beside what was there: see `Union`. `added + replaced + repeated + superseded + contested` is the number
 * of readings in the unit's parts.
 */
export interface MergeResult {
  partitions: number;
  added: number;
  replaced: number;
  repeated: number;
  superseded: number;
  contested: number;
  /** Readings of the parts that are contested in the set as it stands now, those that one segment contradicts by itself included. */
  contestedNow: number;
  /** New alerts, now pending. */
  alerts: number;
}

/**
 * MergePartition: unites the staged parts of one unit with their partitions, then settles the months. The months go last
 * and together, so that a month of many days is computed once; a crash before them is mended by the next run, which
 * checks the month of each sensor in its parts, whether or not it wrote a day.
 *
 * @throws {DatasetUnknown} {StagingMissing} {PartitionConflict} and what core throws for a changed layout
 */
export function createMergePartition(ports: MergePorts & { datasets: readonly Dataset[] }) {
  const writes = createGate(writesInFlight);
  return async ({ jobId, bucket, unit: key }: UnitPointer): Promise<MergeResult> => {
    const unit = await readUnit(ports, { bucket, key });
    const dataset = ports.datasets.find(({ name }) => name === unit.dataset);
    if (dataset === undefined) throw new DatasetUnknown(`${unit.dataset}, in ${addressOf({ bucket, key })}`);

    const months = new Map<string, TouchedMonth>();
    const result: MergeResult = {
      partitions: unit.partitions.length,
      ...{ added: 0, replaced: 0, repeated: 0, superseded: 0, contested: 0 },
      contestedNow: 0,
      alerts: 0,
    };
    await mapBounded(unit.partitions, partitionsInFlight, async (partition) => {
      const { day, shard } = partition;
      const id = { dataset: dataset.name, day, shard };
      const { columns: readings, lost } = await readParts(ports.objects, { bucket, dataset, partition });
      const settled = await settlePartition({ ...ports, writes }, { bucket, dataset, id, readings });
      const staged = partition.parts.reduce((sum, part) => sum + part.rows, 0);
      result.added += settled.added;
      result.replaced += settled.replaced;
      const superseded = settled.superseded + lost.superseded;
      const contested = settled.contested + lost.contested;
      result.superseded += superseded;
      result.contested += contested;
      result.contestedNow += settled.contestedNow;
      result.repeated += staged - settled.added - settled.replaced - superseded - contested;
      result.alerts += settled.newAlerts;
      for (const sensorId of readings.sensors) {
        touch(months, { sensorId, month: monthOf(day), shard, dayWritten: settled.sensors.has(sensorId) });
      }
    });
    await settleMonths(ports.statistics, dataset, [...months.values()]);
    const { contestedNow } = result;
    if (contestedNow > 0) {
      const updatedAt = new Date(ports.clock.nowMs()).toISOString();
      await ports.jobs.contested(jobId, { unit: unitIndexOf(key), readings: contestedNow, updatedAt });
    }
    return result;
  };
}

async function readUnit(ports: MergePorts, location: { bucket: string; key: string }): Promise<MergeUnit> {
  const stored = await ports.objects.read(location);
  if (stored === undefined) throw new StagingMissing(addressOf(location));
  return fromJsonBytes<MergeUnit>(stored.bytes);
}

/** The union of a partition's parts, in pairs like a merge sort: each reading is copied log2(parts) times. */
async function readParts(
  objects: RangeReader,
  { bucket, dataset, partition }: { bucket: string; dataset: Dataset; partition: UnitPartition },
): Promise<{ columns: Columns; lost: { superseded: number; contested: number } }> {
  const lost = { superseded: 0, contested: 0 };
  let sets = await mapBounded(partition.parts, rangesInFlight, async ({ key, start, end }) => {
    const bytes = await objects.readRange({ bucket, key, start, end });
    if (bytes === undefined) throw new StagingMissing(addressOf({ bucket, key }));
    return decodePart(dataset, bytes);
  });
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

function touch(months: Map<string, TouchedMonth>, touched: TouchedMonth): void {
  const key = `${touched.sensorId}#${touched.month}`;
  const known = months.get(key);
  months.set(key, { ...touched, dayWritten: touched.dayWritten || known?.dayWritten === true });
}
