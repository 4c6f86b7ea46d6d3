import type { SegmentOutcome } from './validate-segment.ts';

/** Where CloudWatch keeps them; the alarm `caudal-rejects-high` reads them by these names. */
export const lineMetricNames = {
  namespace: 'Caudal',
  lines: 'Lines',
  rejected: 'RejectedLines',
  refused: 'RefusedFiles',
} as const;

/**
 * What a segment's ledger counts, as a line of the log that CloudWatch makes metrics of (embedded metric format). All three are in
 * each line, zeros too, so that a share can be computed of any period that has lines. They have no dimension: each value of one would be
 * billed as metrics of its own, and `status` has the shares by dataset. A segment that is validated again is counted again.
 */
export function lineMetrics(
  { lines, rejected, state }: Pick<SegmentOutcome, 'lines' | 'rejected' | 'state'>,
  nowMs: number,
): string {
  const { namespace, ...names } = lineMetricNames;
  const metrics = Object.values(names).map((name) => ({ Name: name, Unit: 'Count' }));
  return `${JSON.stringify({
    _aws: {
      Timestamp: nowMs,
      CloudWatchMetrics: [{ Namespace: namespace, Dimensions: [[]], Metrics: metrics }],
    },
    [names.lines]: lines,
    [names.rejected]: rejected,
    [names.refused]: state === 'Refused' ? 1 : 0,
  })}\n`;
}
