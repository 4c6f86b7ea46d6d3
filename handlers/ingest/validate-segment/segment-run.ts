import type { Clock } from '../../../ports/clock.ts';
import type { JobSegments, SegmentLedger } from '../../../ports/records.ts';
import type { SegmentTask } from '../state-inputs.ts';
import type { SegmentOutcome } from './validate-segment.ts';

/**
 * Validates a segment, records it in its ledger and tells its job. `validate` may answer from memory when the same segment came
 * before: both are written all the same. The job is another one, and the ledger may say Failed, when the state machine did not
 * hear the answer that is remembered. They go last: what they count is there.
 */
export function createSegmentRun(ports: {
  validate: (task: SegmentTask) => Promise<SegmentOutcome>;
  records: SegmentLedger & JobSegments;
  clock: Pick<Clock, 'nowMs'>;
}): (task: SegmentTask) => Promise<SegmentOutcome> {
  return async (task) => {
    const outcome = await ports.validate(task);
    const { jobId, segmentId, bucket, key, versionId } = task;
    const { lines, valid, rejected, reasons, droppedValues, rejects, holds, meant, refusal, notes } = outcome;
    const updatedAt = new Date(ports.clock.nowMs()).toISOString();
    const segment = { bucket, key, versionId };
    const account = {
      ...{ segmentId, segment, lines, valid, rejected: reasons, dropped: droppedValues },
      ...(rejects === null ? {} : { rejectsKey: rejects }),
      ...(holds === undefined ? {} : { holds }),
      ...(meant === undefined ? {} : { meant }),
      ...(refusal === undefined ? {} : { refusal }),
      ...(notes === undefined ? {} : { notes }),
    };
    await ports.records.record(account, { jobId, updatedAt });
    const line = { ...segment, segmentId, lines, valid, rejected };
    await ports.records.complete(jobId, refusal === undefined ? line : { ...line, refusal }, updatedAt);
    return outcome;
  };
}
