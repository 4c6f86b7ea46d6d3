import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { PartEntry } from '../../../core/partition/parts.ts';
import type { Clock } from '../../../ports/clock.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import { DatasetUnknown, StagingMissing } from '../../../ports/faults.ts';
import type { MergeInbox } from '../../../ports/inbox.ts';
import { partListsKey, throttledManifestKey, unitsManifestKey } from '../../../ports/keys.ts';
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
import { type FailedItem, maxNamedFailures } from '../failed-items.ts';
import type { MapResults } from '../map-results.ts';
import { maxDelayMs } from '../merge-delay.ts';
import { roundWaitSeconds } from '../round-wait.ts';
import type { MergeTask, PendingMerges, SegmentTask } from '../state-inputs.ts';
import { holdLayout } from './dataset-layout.ts';
import { groupByUnit, packUnits, type StagedPart } from './pack-units.ts';
import { type CompletedSegment, readSegmentResults, type SegmentResult } from './segment-results.ts';

/** Of the bytes at which Firehose ends an object before its time is over. */
const fullShare = 0.9;
/** Small objects read or written at once. */
const objectsInFlight = 32;

export interface PlanMergePorts {
  objects: ObjectReader & RangeReader & ObjectWriter & ConditionalWriter;
  jobs: JobCounter;
  inbox: Pick<MergeInbox, 'put'>;
  clock: Pick<Clock, 'nowMs'>;
}

export interface PlanMergeRequest {
  jobId: string;
  results: MapResults;
  /** Keys of the same of earlier rounds, in the same bucket. Absent, as the next, in an execution that began before there were rounds. */
  earlier?: string[];
  /** Of the execution, ISO 8601. */
  startedAt?: string;
}

/** Another round of the map, for the segments whose functions were throttled. */
interface ThrottledRound {
  count: number;
  manifest: { bucket: string; key: string };
  /** Keys of the results of all rounds so far. */
  earlier: string[];
  waitSeconds: number;
}

/** Bounds of what the machine waits between two rounds of validation. */
export const validationRoundSeconds = { atLeast: 5, atMost: 300 };

export interface MergePlan {
  jobId: string;
  /** With a count above 0 nothing is planned yet. */
  again: { count: 0 } | ThrottledRound;
  pending: PendingMerges;
  totals: JobTotals;
  /** The first segments that failed; all are in the job's items. */
  failed: FailedItem[];
}

/**
 * PlanMerge: gathers what the segments left, by unit, and puts it in the inbox of the merge. What failed is counted and named,
 * and does not keep the rest from being merged. Parts of an object that the stream filled within a minute say so: the next one is to come as soon. What was throttled is no failure: it gets another round first. Running it
 * again writes the same objects and the same parts.
 *
 * @throws {DatasetLayoutChanged} {DatasetUnknown} {StagingMissing} {InvalidInput}
 */
export function createPlanMerge(
  ports: PlanMergePorts & { curatedBucket: string; bufferBytes: number; datasets: readonly Dataset[] },
): (request: PlanMergeRequest) => Promise<MergePlan> {
  const { curatedBucket: bucket, datasets } = ports;
  return async ({ jobId, results, earlier = [], startedAt }) => {
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
    const throttled: SegmentTask[] = [];
    for await (const { last, result } of readRounds(ports.objects, results, earlier)) {
      if (result.state === 'Throttled') {
        if (last) throttled.push(result.task);
        continue;
      }
      totals.segments++;
      if (result.state === 'Failed') {
        totals.failedSegments++;
        const { item, error, cause } = result;
        if (failed.length < maxNamedFailures) failed.push({ item, error, cause });
        continue;
      }
      totals.lines += result.lines;
      totals.valid += result.valid;
      totals.rejected += result.rejected;
      totals.dropped += result.dropped;
      if (result.state === 'Refused') totals.refused++;
      if (result.notes.unterminated) totals.unterminated++;
      if (result.notes.withoutText > 0)
        totals.withoutText = (totals.withoutText ?? 0) + result.notes.withoutText;
      completed.push(result);
    }

    const contentType = 'application/json';
    const write = (key: string, bytes: Uint8Array) =>
      ports.objects.write({ bucket, key, bytes, contentType });
    const manifest = { bucket, key: unitsManifestKey(jobId) };
    if (throttled.length > 0) {
      const next = { bucket, key: throttledManifestKey(jobId) };
      await write(next.key, toJsonBytes(throttled));
      const again = {
        count: throttled.length,
        manifest: next,
        earlier: [...earlier, results.Key],
        waitSeconds: roundWaitSeconds({ startedAt, nowMs: ports.clock.nowMs() }, validationRoundSeconds),
      };
      return { jobId, again, pending: { units: manifest, count: 0, waitSeconds: 0 }, totals, failed };
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
    const lists = units.map(({ days }) => toJsonBytes(days));
    if (units.length > 0) await write(partListsKey(jobId), Buffer.concat(lists));
    const tasks = packUnits(units).map((some): MergeTask => ({ jobId, bucket, units: some }));
    await write(manifest.key, toJsonBytes(tasks));

    const sinceMs = ports.clock.nowMs();
    const arrivals = completed.flatMap(({ arrivedMs }) => arrivedMs ?? []);
    const arrival = arrivals.length === 0 ? {} : { arrivedMs: arrivals.reduce((a, b) => Math.min(a, b)) };
    const isFull = completed.some(
      ({ gathered }) =>
        gathered !== undefined &&
        gathered.bytes >= ports.bufferBytes * fullShare &&
        gathered.ms <= maxDelayMs,
    );
    const state = { sinceMs, ...arrival, ...(isFull && { isFull }) };
    let end = 0;
    const waiting = units.map(({ unit, rows, days }, index) => {
      const start = end;
      end += lists[index]?.length ?? 0;
      const list = { key: partListsKey(jobId), start, end };
      return { unit, rows, days: days.length, ...state, list };
    });
    await ports.inbox.put(jobId, waiting);
    await ports.jobs.count(jobId, totals, new Date(ports.clock.nowMs()).toISOString());
    return {
      jobId,
      again: { count: 0 },
      pending: { units: manifest, count: units.length, waitSeconds: 0 },
      totals,
      failed,
    };
  };
}

/** What became of the segments, round by round. A segment that was throttled in one has its result in a later one. */
async function* readRounds(
  objects: ObjectReader,
  { Bucket, Key: lastKey }: MapResults,
  earlier: readonly string[],
): AsyncGenerator<{ last: boolean; result: SegmentResult }> {
  for (const Key of [...earlier, lastKey]) {
    for await (const result of readSegmentResults(objects, { Bucket, Key }))
      yield { last: Key === lastKey, result };
  }
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
