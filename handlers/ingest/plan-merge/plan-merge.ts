import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { PartEntry } from '../../../core/partition/parts.ts';
import type { Clock } from '../../../ports/clock.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import { DatasetUnknown, StagingMissing } from '../../../ports/faults.ts';
import type { MergeInbox } from '../../../ports/inbox.ts';
import { partListsKey, unitsManifestKey } from '../../../ports/keys.ts';
import {
  addressOf,
  type ConditionalWriter,
  fromJsonBytes,
  type ObjectReader,
  type ObjectWriter,
  type RangeReader,
  toJsonBytes,
} from '../../../ports/objects.ts';
import type { JobCounter, JobTotals } from '../../../ports/records.ts';
import type { MergeTask, PendingMerges } from '../state-inputs.ts';
import { holdLayout } from './dataset-layout.ts';
import { type CompletedSegment, readMapResults } from './map-results.ts';
import { groupByUnit, packUnits, type StagedPart } from './pack-units.ts';

/** Small objects read or written at once. */
const objectsInFlight = 32;
/** Failed segments that are named in the state; all are in the job's items. 20 keys of 1,024 bytes stay far below 256 KiB. */
const maxNamedFailures = 20;

export interface PlanMergePorts {
  objects: ObjectReader & RangeReader & ObjectWriter & ConditionalWriter;
  jobs: JobCounter;
  inbox: Pick<MergeInbox, 'put'>;
  clock: Pick<Clock, 'nowMs'>;
}

export interface PlanMergeRequest {
  jobId: string;
  /** `ResultWriterDetails` of the map: where its `manifest.json` is. */
  results: { Bucket: string; Key: string };
}

export interface MergePlan {
  jobId: string;
  pending: PendingMerges;
  totals: JobTotals;
  failed: { key: string; error: string }[];
}

/**
 * PlanMerge: gathers what the segments left, by unit, and puts it in the inbox of the merge. What failed is counted and named,
 * and does not keep the rest from being merged. Running it again writes the same objects and the same parts.
 *
 * @throws {DatasetLayoutChanged} {DatasetUnknown} {StagingMissing} {InvalidInput}
 */
export function createPlanMerge(
  ports: PlanMergePorts & { curatedBucket: string; datasets: readonly Dataset[] },
): (request: PlanMergeRequest) => Promise<MergePlan> {
  const { curatedBucket: bucket, datasets } = ports;
  return async ({ jobId, results }) => {
    const totals: JobTotals = {
      segments: 0,
      failedSegments: 0,
      lines: 0,
      valid: 0,
      rejected: 0,
      dropped: 0,
      refused: 0,
      unterminated: 0,
    };
    const failed: MergePlan['failed'] = [];
    const completed: CompletedSegment[] = [];
    for await (const result of readMapResults(ports.objects, results)) {
      totals.segments++;
      if (result.state === 'Failed') {
        totals.failedSegments++;
        if (failed.length < maxNamedFailures) failed.push({ key: result.key, error: result.error });
        continue;
      }
      totals.lines += result.lines;
      totals.valid += result.valid;
      totals.rejected += result.rejected;
      totals.dropped += result.dropped;
      if (result.state === 'Refused') totals.refused++;
      if (result.notes.unterminated) totals.unterminated++;
      completed.push(result);
    }

    const parts = await readIndexes(ports.objects, bucket, completed);
    const storageNames = new Map<string, string>();
    for (const name of new Set(parts.map(({ dataset }) => dataset))) {
      const dataset = datasets.find((candidate) => candidate.name === name);
      if (dataset === undefined) throw new DatasetUnknown(`${name}, among the parts of job ${jobId}`);
      await holdLayout(ports.objects, bucket, dataset);
      storageNames.set(name, dataset.storageName);
    }

    const units = groupByUnit(parts, (name) => storageNames.get(name) ?? name);
    const contentType = 'application/json';
    const write = (key: string, bytes: Uint8Array) =>
      ports.objects.write({ bucket, key, bytes, contentType });
    const lists = units.map(({ days }) => toJsonBytes(days));
    if (units.length > 0) await write(partListsKey(jobId), Buffer.concat(lists));
    const tasks = packUnits(units).map((some): MergeTask => ({ jobId, bucket, units: some }));
    const manifest = { bucket, key: unitsManifestKey(jobId) };
    await write(manifest.key, toJsonBytes(tasks));

    const sinceMs = ports.clock.nowMs();
    let end = 0;
    const waiting = units.map(({ unit, rows }, index) => {
      const start = end;
      end += lists[index]?.length ?? 0;
      return { unit, rows, sinceMs, list: { key: partListsKey(jobId), start, end } };
    });
    await ports.inbox.put(jobId, waiting);
    await ports.jobs.count(jobId, totals, new Date(ports.clock.nowMs()).toISOString());
    return { jobId, pending: { units: manifest, count: units.length, waitSeconds: 0 }, totals, failed };
  };
}

/** The parts of all segments. The index of each is the tail of its parts object. */
async function readIndexes(
  objects: RangeReader,
  bucket: string,
  segments: readonly CompletedSegment[],
): Promise<StagedPart[]> {
  const indexes = await mapBounded(segments, objectsInFlight, async ({ parts: key, index }) => {
    if (key === null || index === null) return [];
    const bytes = await objects.readRange({ bucket, key, ...index });
    if (bytes === undefined) throw new StagingMissing(addressOf({ bucket, key }));
    return fromJsonBytes<PartEntry[]>(bytes).map((entry) => ({ ...entry, key }));
  });
  return indexes.flat();
}
