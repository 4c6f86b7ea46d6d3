import type { RefusedSegment, SegmentQueries } from '../../../ports/queries.ts';
import type { JobView, JobViewer } from '../../../ports/toons.ts';
import { type Caller, seesJob } from '../contract/jobs.ts';
import type { AnswerOf } from '../contract/routes.ts';
import type { Problem } from '../http/problem.ts';

/** Failed segments that an answer names. */
const maxFailures = 20;
/** A cause is for people: enough to see what it was. */
const maxCause = 1_000;

/**
 * `GET /jobs/{jobId}`: a job of either kind; one that the caller may not know of is unknown. An ingest job's own item has its counts only once all segments have ended;
 * before that its progress is counted from its segments.
 */
export async function getJob(
  ports: { readonly jobs: JobViewer; readonly segments: SegmentQueries },
  jobId: string,
  caller: Caller,
): Promise<AnswerOf<'getJob'> | Problem> {
  const job = await ports.jobs.view(jobId);
  if (job === undefined || !seesJob(caller, job)) {
    return { problem: 'not-found', detail: `unknown job ${JSON.stringify(jobId)}`, parameter: 'jobId' };
  }
  if (job.kind === 'toons') return answer(job);
  if (job.state === 'Completed' && !job.refused) return answer(job, []);
  const { completed, failed, failures, refused, refusals } = await ports.segments.progress(
    jobId,
    maxFailures,
  );
  const processed = Math.min(job.total, Math.max(job.processed, completed + failed));
  return answer({ ...job, processed, failed: Math.max(job.failed, failed), refused }, failures, refusals);
}

function answer(
  job: JobView,
  failures?: readonly { key: string; error: string; cause: string }[],
  refusals: readonly RefusedSegment[] = [],
) {
  const { error, cause, lines, metadata, ...rest } = job;
  const ended = job.state === 'Completed' && job.total === 0;
  return {
    ...rest,
    progress: job.total === 0 ? Number(ended) : job.processed / job.total,
    ...(lines === undefined ? {} : { lines }),
    ...(failures === undefined
      ? {}
      : { failures: failures.map((failure) => ({ ...failure, cause: readable(failure.cause) })) }),
    ...(refusals.length === 0 ? {} : { refusals: [...refusals] }),
    metadata,
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause: readable(cause) }),
  };
}

/** A cause as people read it: of what Lambda reports, the message without the stack trace. */
function readable(cause: string): string {
  let text = cause;
  try {
    const report: unknown = JSON.parse(cause);
    if (typeof report === 'object' && report !== null && 'errorMessage' in report)
      text = String(report.errorMessage);
  } catch {
    // Not a report of Lambda's: the text itself.
  }
  const lines = text.split(/\\n|\n/).filter((line) => !/^\s+at /.test(line));
  return lines
    .join('\n')
    .replace(/,?"(?:trace|stackTrace)":\[.*?\]/gs, '')
    .slice(0, maxCause);
}
