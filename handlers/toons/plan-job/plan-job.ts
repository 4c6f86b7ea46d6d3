import { planToons, type ToonSource } from '../../../core/toons/toon.ts';
import type { Clock } from '../../../ports/clock.ts';
import { InvalidInput, StagingMissing } from '../../../ports/faults.ts';
import type { ObjectReader, ObjectWriter } from '../../../ports/objects.ts';
import type { JobMarker, JobRequest } from '../../../ports/toons.ts';

export interface PlanJobPorts {
  readonly objects: ObjectReader & ObjectWriter;
  readonly jobs: JobMarker;
  readonly clock: Pick<Clock, 'nowMs'>;
}

export interface PlanJobInput {
  readonly jobId: string;
  readonly executionArn: string;
  readonly request: Pick<ToonSource, 'bucket' | 'key'>;
}

/** Pointers only: the state stays small whatever the number of toons. */
export interface PlannedJob {
  readonly jobId: string;
  readonly total: number;
  readonly manifest: { readonly bucket: string; readonly key: string };
  /** Prefix under which the map leaves what its children answered. */
  readonly resultsPrefix: string;
}

/**
 * Marks the job as Processing and writes the manifest of the map: one entry a toon. Running it again writes the same.
 * Throws `StagingMissing` when the request object has expired, `JobMissing` when nobody submitted the job.
 */
export function createPlanJob(ports: PlanJobPorts): (input: PlanJobInput) => Promise<PlannedJob> {
  return async ({ jobId, executionArn, request }) => {
    const stored = await ports.objects.read(request);
    if (stored === undefined) throw new StagingMissing(`no request object '${request.key}'`);
    const { jobId: requested, toons } = JSON.parse(Buffer.from(stored.bytes).toString()) as JobRequest; // SubmitJob wrote it
    if (requested !== jobId)
      throw new InvalidInput(`'${request.key}' is the request of job '${requested}', not '${jobId}'`);
    const planned = planToons(jobId, toons);
    const manifest = { bucket: request.bucket, key: request.key.replace(/[^/]+$/, 'manifest.json') };
    await ports.objects.write({
      ...manifest,
      bytes: Buffer.from(JSON.stringify(planned)),
      contentType: 'application/json',
    });
    await ports.jobs.begin({ jobId, executionArn, updatedAt: new Date(ports.clock.nowMs()).toISOString() });
    return {
      jobId,
      total: planned.length,
      manifest,
      resultsPrefix: request.key.replace(/[^/]+$/, 'results/'),
    };
  };
}
