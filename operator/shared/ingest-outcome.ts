import type { ObjectReader } from '../../ports/objects.ts';
import type { JobTotals } from '../../ports/records.ts';
import type { StateVisit } from './timeline.ts';

/** What an execution of `caudal-ingest` did, by what its states answered. */
export interface IngestOutcome {
  /** Absent when it did not come as far as PlanMerge. */
  readonly totals?: JobTotals;
  /** Absent when nothing was merged, or the results have expired. */
  readonly merged?: MergeTotals;
  /** Alerts that were published. */
  readonly sent?: number;
}

/** Readings by what became of them, over all children of the map. */
export interface MergeTotals {
  partitions: number;
  added: number;
  replaced: number;
  repeated: number;
  /** New ones. */
  alerts: number;
}

/** Reads the outcome from an execution's states and from the results that its merge left in staging. */
export async function ingestOutcome(
  objects: ObjectReader,
  visits: readonly StateVisit[],
): Promise<IngestOutcome> {
  const output = (name: string) => visits.findLast((visit) => visit.name === name)?.output;
  const planned = (output('PlanMerge') ?? output('NothingToIngest')) as
    | { merge?: { totals?: JobTotals } }
    | undefined;
  const details = (output('MergePartitions') as { merged?: { Bucket: string; Key: string } } | undefined)
    ?.merged;
  const notified = (output('NotifyAlerts') as { notified?: { sent?: number } } | undefined)?.notified;
  const merged = details === undefined ? undefined : await sumOfResults(objects, details);
  return {
    ...(planned?.merge?.totals === undefined ? {} : { totals: planned.merge.totals }),
    ...(merged === undefined ? {} : { merged }),
    ...(notified?.sent === undefined ? {} : { sent: notified.sent }),
  };
}

/** The files of a Distributed Map's ResultWriter: arrays of child executions, whose output is JSON in a string. */
async function sumOfResults(
  objects: ObjectReader,
  { Bucket: bucket, Key: key }: { Bucket: string; Key: string },
): Promise<MergeTotals | undefined> {
  const manifest = await readJson<{ ResultFiles: { SUCCEEDED?: { Key: string }[] } }>(objects, {
    bucket,
    key,
  });
  if (manifest === undefined) return undefined;
  const sum: MergeTotals = { partitions: 0, added: 0, replaced: 0, repeated: 0, alerts: 0 };
  for (const file of manifest.ResultFiles.SUCCEEDED ?? []) {
    const children = (await readJson<{ Output?: string }[]>(objects, { bucket, key: file.Key })) ?? [];
    for (const child of children) {
      const result = JSON.parse(child.Output ?? '{}') as Partial<MergeTotals>;
      for (const name of Object.keys(sum) as (keyof MergeTotals)[]) sum[name] += result[name] ?? 0;
    }
  }
  return sum;
}

async function readJson<Shape>(
  objects: ObjectReader,
  location: { bucket: string; key: string },
): Promise<Shape | undefined> {
  const stored = await objects.read(location);
  return stored && (JSON.parse(Buffer.from(stored.bytes).toString('utf8')) as Shape); // Step Functions wrote it
}
