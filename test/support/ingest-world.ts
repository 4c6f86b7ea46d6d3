import type { Dataset } from '../../core/dataset/dataset.ts';
import type { MetricName } from '../../core/metrics.ts';
import { createAwaitMerges } from '../../handlers/ingest/finish-ingest/await-merges.ts';
import { createFinishIngest, type Finish } from '../../handlers/ingest/finish-ingest/finish-ingest.ts';
import type { MapResults } from '../../handlers/ingest/map-results.ts';
import {
  createMergePartition,
  type MergeResult,
} from '../../handlers/ingest/merge-partition/merge-partition.ts';
import { createPlanIngest, type Plan } from '../../handlers/ingest/plan-ingest/plan-ingest.ts';
import { createPlanMerge, type MergePlan } from '../../handlers/ingest/plan-merge/plan-merge.ts';
import type { MergeTask, PendingMerges, SegmentTask } from '../../handlers/ingest/state-inputs.ts';
import { createSegmentRun } from '../../handlers/ingest/validate-segment/segment-run.ts';
import { createValidateSegment } from '../../handlers/ingest/validate-segment/validate-segment.ts';
import { fromJsonBytes } from '../../ports/objects.ts';
import { type Around, intercepted } from './intercepted.ts';
import { MemoryObjects } from './memory-objects.ts';
import {
  MemoryAlerts,
  MemoryEvents,
  MemoryInbox,
  MemoryJobs,
  MemoryStatistics,
  MemoryTopic,
} from './memory-records.ts';

export const rawBucket = 'raw';
export const curatedBucket = 'curated';
/** At which the stream ends an object before its time is over. */
export const bufferBytes = 2 ** 20;

const direct: Around = (_call, make) => make();

export interface Ran {
  plan: Plan;
  merge: MergePlan;
  merged: MergeResult[];
  finish: Finish;
}

/**
 * The ingestion over stores in memory. `run` does what the state machine does: the functions in their order, a failed
 * segment caught and counted, the map's results as Step Functions writes them.
 */
export class IngestWorld {
  nowMs = Date.UTC(2026, 3, 1);
  readonly objects = new MemoryObjects(() => this.nowMs);
  readonly statistics: MemoryStatistics;
  readonly alerts = new MemoryAlerts();
  readonly jobs = new MemoryJobs();
  readonly inbox = new MemoryInbox();
  /** Whether raw objects wait that no job has taken. */
  areObjectsWaiting = false;
  readonly topic = new MemoryTopic();
  readonly events = new MemoryEvents();
  /** The metrics that merges have written. */
  readonly measured: { values: Partial<Record<MetricName, number>>; dataset: string | undefined }[] = [];
  readonly datasets: readonly Dataset[];

  constructor(datasets: readonly Dataset[]) {
    this.datasets = datasets;
    this.statistics = new MemoryStatistics(datasets);
  }

  /** Puts a raw object and answers the message that S3, EventBridge and the queue would deliver for it. */
  deliver(key: string, body: string | Uint8Array): { body: string } {
    const versionId = this.objects.put(rawBucket, key, body);
    return { body: JSON.stringify(objectCreated(rawBucket, key, versionId)) };
  }

  /** The functions with every call of a port going through `around`. */
  functions(around: Around = direct) {
    const objects = intercepted(this.objects, around);
    const [statistics, alerts, jobs, inbox, topic, events] = [
      intercepted(this.statistics, around),
      intercepted(this.alerts, around),
      intercepted(this.jobs, around),
      intercepted(this.inbox, around),
      intercepted(this.topic, around),
      intercepted(this.events, around),
    ];
    const clock = {
      nowMs: () => this.nowMs,
      pause: (ms: number) =>
        around('pause', async () => {
          this.nowMs += ms;
        }),
      random: () => 0.5,
    };
    const incoming = { areWaiting: async () => this.areObjectsWaiting };
    const common = { objects, clock, datasets: this.datasets, rawBucket, curatedBucket };
    return {
      planIngest: createPlanIngest({
        ...common,
        versions: objects,
        uploads: objects,
        jobs,
        inbox,
        ledgers: jobs,
      }),
      validateSegment: createSegmentRun({
        validate: createValidateSegment({ ...common, segments: objects, clock: { cpuMs: () => 0 } }),
        records: jobs,
        clock,
      }),
      planMerge: createPlanMerge({ ...common, jobs, inbox, bufferBytes }),
      mergePartition: createMergePartition({
        ...{ ...common, statistics, alerts, jobs, inbox, incoming },
        meter: { emit: (values, dataset) => void this.measured.push({ values, dataset }) },
      }),
      awaitMerges: createAwaitMerges({ ...common, inbox, incoming }),
      finishIngest: createFinishIngest({ ...common, inbox, incoming, jobs, outbox: alerts, topic, events }),
    };
  }

  /** One execution. Throws what fails the execution; running it again is a redrive. */
  async run(jobId: string, input: unknown, around: Around = direct): Promise<Ran> {
    const { plan, merge } = await this.stage(jobId, input, around);
    const { totals, failed } = merge;
    const merged: MergeResult[] = [];
    for (let { pending } = merge, round = 0; ; round++) {
      let results: MapResults | undefined;
      if (pending.count > 0) {
        const ofRound = await this.mergeRound(pending, around);
        merged.push(...ofRound);
        const children = ofRound.map((result) => ({ Output: JSON.stringify(result), Status: 'SUCCEEDED' }));
        results = this.writeResults(`staging/${jobId}/merged-${round}`, { SUCCEEDED: children });
      }
      const finish = await untilNotPending(() =>
        this.functions(around).finishIngest(
          {
            ...{ jobId, executionArn: `arn:${jobId}`, startedAt: new Date(this.nowMs).toISOString() },
            merge: { totals, failed, ...(results === undefined ? {} : { results }) },
          },
          { remainingMs: () => 60_000 },
        ),
      );
      if (finish.pending === null) return { plan, merge, merged, finish };
      pending = finish.pending;
      this.nowMs += pending.waitSeconds * 1000;
    }
  }

  /** An execution up to the merge: its parts wait in the inbox. */
  async stage(jobId: string, input: unknown, around: Around = direct): Promise<Pick<Ran, 'plan' | 'merge'>> {
    const functions = this.functions(around);
    const plan = await functions.planIngest({
      jobId,
      executionArn: `arn:${jobId}`,
      startedAt: '2026-01-01T00:00:00.000Z',
      input,
    });
    const children = [];
    for (const task of await this.#manifest<SegmentTask>(plan.manifest)) {
      const child = await functions.validateSegment(task).catch((fault: Error) => {
        if (fault.name !== 'SegmentMissing') throw fault;
        return {
          segmentId: task.segmentId,
          key: task.key,
          state: 'Failed',
          error: fault.name,
          cause: fault.message,
        };
      });
      children.push({ Input: JSON.stringify(task), Output: JSON.stringify(child), Status: 'SUCCEEDED' });
    }
    const results = this.writeResults(`staging/${jobId}/validated`, { SUCCEEDED: children });
    return { plan, merge: await functions.planMerge({ jobId, results }) };
  }

  /** The rounds of an execution's merges, until nothing of it waits. */
  async merge(jobId: string, first: PendingMerges, around: Around = direct): Promise<MergeResult[]> {
    const merged: MergeResult[] = [];
    for (let pending = first; pending.count > 0; ) {
      merged.push(...(await this.mergeRound(pending, around)));
      pending = await this.functions(around).awaitMerges({ jobId });
      this.nowMs += pending.waitSeconds * 1000;
    }
    return merged;
  }

  /** One round of the map MergePartitions. */
  async mergeRound(
    { units }: PendingMerges,
    around: Around = direct,
    remainingMs = () => 40_000,
  ): Promise<MergeResult[]> {
    const merged: MergeResult[] = [];
    const { mergePartition } = this.functions(around);
    for (const task of await this.#manifest<MergeTask>(units)) {
      merged.push(await mergePartition(task, { remainingMs }));
    }
    return merged;
  }

  /** What a ResultWriter leaves for children that ended so. */
  writeResults(prefix: string, children: { SUCCEEDED?: unknown[]; FAILED?: unknown[] }) {
    const files = { SUCCEEDED: [] as unknown[], FAILED: [] as unknown[], PENDING: [] as unknown[] };
    for (const status of ['SUCCEEDED', 'FAILED'] as const) {
      const list = children[status] ?? [];
      for (let start = 0; start < list.length; start += 2) {
        const Key = `${prefix}/run/${status}_${start / 2}.json`;
        this.objects.put(curatedBucket, Key, JSON.stringify(list.slice(start, start + 2)));
        files[status].push({ Key, Size: 1 });
      }
    }
    const Key = `${prefix}/run/manifest.json`;
    this.objects.put(
      curatedBucket,
      Key,
      JSON.stringify({ DestinationBucket: curatedBucket, MapRunArn: 'arn:map', ResultFiles: files }),
    );
    return { Bucket: curatedBucket, Key };
  }

  /** Everything that an execution leaves for good, without the times of day and the attempts. */
  state() {
    return {
      partitions: this.objects.fingerprints(curatedBucket, 'curated/'),
      rejects: this.objects.fingerprints(curatedBucket, 'rejects/'),
      statistics: sorted(this.statistics.items),
      alerts: sorted(this.alerts.items, ({ createdAt, sentAt, lease, ...item }) => ({
        ...item,
        told: !!sentAt,
      })),
      ledger: sorted(this.jobs.ledger, ({ attempts, ...account }) => account),
      segments: sorted(this.jobs.segments),
      jobs: sorted(this.jobs.jobs),
    };
  }

  /** Readings, statistics and alerts without the versions, which tell by how many steps they came to be. */
  content() {
    const { partitions } = this.state();
    return {
      partitions: Object.fromEntries(
        Object.entries(partitions).map(([key, object]) => [key, (object as { etag: string }).etag]),
      ),
      statistics: sorted(this.statistics.items, ({ statistics }) => statistics),
      alerts: sorted(this.alerts.items, ({ content }) => content),
    };
  }

  async #manifest<Item>({ bucket, key }: { bucket: string; key: string }): Promise<Item[]> {
    return fromJsonBytes<Item[]>(Buffer.from(this.objects.text(bucket, key) ?? ''));
  }
}

/** As EventBridge passes on what S3 says of a new object. */
export function objectCreated(bucket: string, key: string, versionId: string) {
  return {
    version: '0',
    source: 'aws.s3',
    'detail-type': 'Object Created',
    detail: {
      bucket: { name: bucket },
      object: { key, size: 1, etag: 'e', 'version-id': versionId },
      reason: 'PutObject',
    },
  };
}

function sorted<Value>(map: ReadonlyMap<string, Value>, show: (value: Value) => unknown = (value) => value) {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, show(value)]);
}

/** As the state machine does: while another notifier holds alerts, it is tried again. */
async function untilNotPending<Result>(call: () => Promise<Result>): Promise<Result> {
  for (let left = 10; ; left--) {
    try {
      return await call();
    } catch (fault) {
      if ((fault as Error).name !== 'AlertsPending' || left === 0) throw fault;
    }
  }
}
