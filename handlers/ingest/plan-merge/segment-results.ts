import * as z from 'zod';
import type { ObjectReader } from '../../../ports/objects.ts';
import { type FailedItem, faultMessage } from '../failed-items.ts';
import { type MapChild, type MapResults, readMapResults } from '../map-results.ts';
import type { SegmentTask } from '../state-inputs.ts';

const outcomeShape = z.discriminatedUnion('state', [
  z.object({
    state: z.enum(['Completed', 'Refused']),
    segmentId: z.string(),
    lines: z.number(),
    valid: z.number(),
    rejected: z.number(),
    dropped: z.number().default(0), // of a run before values were dropped
    notes: z
      .object({ unterminated: z.boolean().default(false), withoutText: z.number().default(0) })
      .default({ unterminated: false, withoutText: 0 }), // as above
    arrivedMs: z.number().optional(),
    gathered: z.object({ bytes: z.number(), ms: z.number() }).optional(),
    parts: z.string().nullable(),
    index: z.object({ start: z.number(), end: z.number() }).nullable(),
  }),
  z.object({
    state: z.literal('Failed'),
    error: z.string().default('Unknown'),
    cause: z.string().default(''),
  }),
  z.object({
    state: z.literal('Throttled'),
    task: z.object({
      jobId: z.string(),
      segmentId: z.string(),
      bucket: z.string(),
      key: z.string(),
      versionId: z.string(),
      size: z.number(),
      run: z.string(),
    }),
  }),
]);
const inputShape = z.object({ key: z.string() });

export type CompletedSegment = Extract<z.infer<typeof outcomeShape>, { state: 'Completed' | 'Refused' }>;

/** What became of one segment, as its child execution tells. */
export type SegmentResult =
  | CompletedSegment
  | ({ state: 'Failed' } & FailedItem)
  | { state: 'Throttled'; task: SegmentTask };

/**
 * What became of the segments of one round of ValidateSegments. A child that did not even end (its time ran out) counts as a failed
 * segment like one that said so.
 * @throws {StagingMissing} {InvalidInput} when the files are not there, or not what Step Functions writes
 */
export async function* readSegmentResults(
  objects: ObjectReader,
  results: MapResults,
): AsyncGenerator<SegmentResult> {
  for await (const child of readMapResults(objects, results)) yield resultOf(child);
}

function resultOf(child: MapChild): SegmentResult {
  const outcome = child.output(outcomeShape);
  if (outcome !== undefined && outcome.state !== 'Failed') return outcome;
  const { error, cause } = outcome ?? child;
  return { state: 'Failed', item: child.input(inputShape)?.key ?? '', error, cause: faultMessage(cause) };
}
