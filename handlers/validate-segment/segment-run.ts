import type { SegmentTask } from '../plan-ingest/plan-ingest.ts';
import type { Clock } from '../ports.ts';
import type { JobSegments } from '../record-ports.ts';
import type { SegmentOutcome } from './validate-segment.ts';

/**
 * Validates a segment and tells its job. `validate` may answer from memory when the same segment came before, as
 * part of another job: this job's line about it is written all the same.
 */
export function createSegmentRun(ports: {
  validate: (task: SegmentTask) => Promise<SegmentOutcome>;
  jobs: JobSegments;
  clock: Pick<Clock, 'nowMs'>;
}): (task: SegmentTask) => Promise<SegmentOutcome> {
  return async (task) => {
    const outcome = await ports.validate(task);
    const { bucket, key, versionId, segmentId } = task;
    const { lines, valid, rejected } = outcome;
    const updatedAt = new Date(ports.clock.nowMs()).toISOString();
    await ports.jobs.complete(
      task.jobId,
      { bucket, key, versionId, segmentId, lines, valid, rejected },
      updatedAt,
    );
    return outcome;
  };
}
