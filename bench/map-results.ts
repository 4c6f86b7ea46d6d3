import type { SegmentOutcome } from '../handlers/ingest/validate-segment/validate-segment.ts';

/** What the map of an execution leaves of one validated segment, as PlanMerge reads it. */
export function mapResultsOf(
  jobId: string,
  outcome: SegmentOutcome,
  bucket = 'curated',
): { files: { key: string; text: string }[]; request: object } {
  const prefix = `staging/${jobId}/validated`;
  const child = { Input: JSON.stringify({ key: outcome.segmentId }), Output: JSON.stringify(outcome) };
  const result = { key: `${prefix}/SUCCEEDED_0.json`, text: JSON.stringify([child]) };
  const ResultFiles = { SUCCEEDED: [{ Key: result.key, Size: 1 }], FAILED: [], PENDING: [] };
  const manifest = {
    key: `${prefix}/manifest.json`,
    text: JSON.stringify({ DestinationBucket: bucket, ResultFiles }),
  };
  return {
    files: [result, manifest],
    request: { jobId, results: { Bucket: bucket, Key: manifest.key } },
  };
}
