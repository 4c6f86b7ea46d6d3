import type { SegmentOutcome } from './validate-segment.ts';

/** The alarm `caudal-rejects-high` reads them by these names. */
export const lineMetricNames = {
  lines: 'Lines',
  rejected: 'RejectedLines',
  refused: 'RefusedFiles',
} as const;

/**
 * What a segment's ledger counts, as a line of the log that CloudWatch makes metrics of (embedded metric format). All three are in
 * each line, zeros too, so that a share can be computed of any period that has lines. They have no dimension: each value of one would be
 * billed as metrics of its own, and `status` has the shares by dataset. A segment that is validated again is counted again.
 * @param namespace where CloudWatch keeps them
 */
export function lineMetrics(
  { lines, rejected, state }: Pick<SegmentOutcome, 'lines' | 'rejected' | 'state'>,
  namespace: string,
  nowMs: number,
): string {
  const metrics = Object.values(lineMetricNames).map((name) => ({ Name: name, Unit: 'Count' }));
  return `${JSON.stringify({
    _aws: {
      Timestamp: nowMs,
      CloudWatchMetrics: [{ Namespace: namespace, Dimensions: [[]], Metrics: metrics }],
    },
    [lineMetricNames.lines]: lines,
    [lineMetricNames.rejected]: rejected,
    [lineMetricNames.refused]: state === 'Refused' ? 1 : 0,
  })}\n`;
}
