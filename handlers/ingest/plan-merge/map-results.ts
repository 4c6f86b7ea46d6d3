import * as z from 'zod';
import { InvalidInput, StagingMissing } from '../../../ports/faults.ts';
import { addressOf, fromJsonBytes, type ObjectReader } from '../../../ports/objects.ts';
import type { SegmentTask } from '../state-inputs.ts';

/**
 * What a Distributed Map's ResultWriter leaves: `manifest.json` names files of results, each an array of child executions,
 * whose `Input` and `Output` are JSON in a string.
 */
const files = z.array(z.object({ Key: z.string() })).default([]);
const manifestShape = z.object({
  DestinationBucket: z.string(),
  ResultFiles: z.object({ SUCCEEDED: files, FAILED: files, PENDING: files }),
});
const resultsShape = z.array(
  z.object({
    Input: z.string().optional(),
    Output: z.string().optional(),
    Error: z.string().optional(),
    Cause: z.string().optional(),
  }),
);

const outcomeShape = z.discriminatedUnion('state', [
  z.object({
    state: z.enum(['Completed', 'Refused']),
    segmentId: z.string(),
    lines: z.number(),
    valid: z.number(),
    rejected: z.number(),
    dropped: z.number().default(0), // of a run before values were dropped
    notes: z.object({ unterminated: z.boolean().default(false) }).default({ unterminated: false }), // as above
    parts: z.string().nullable(),
    index: z.object({ start: z.number(), end: z.number() }).nullable(),
  }),
  z.object({ state: z.literal('Failed'), error: z.string().default('Unknown') }),
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
  | { state: 'Failed'; key: string; error: string }
  | { state: 'Throttled'; task: SegmentTask };

/**
 * The results of a map, in the order of its files. A child that did not even end (its time ran out) counts as a failed
 * segment like one that said so.
 * @throws {StagingMissing} {InvalidInput} when the files are not there, or not what Step Functions writes
 */
export async function* readMapResults(
  objects: ObjectReader,
  details: { Bucket: string; Key: string },
): AsyncGenerator<SegmentResult> {
  const manifest = await readJson(objects, { bucket: details.Bucket, key: details.Key }, manifestShape);
  const { SUCCEEDED, FAILED, PENDING } = manifest.ResultFiles;
  for (const { Key: key } of [...SUCCEEDED, ...FAILED, ...PENDING]) {
    const location = { bucket: manifest.DestinationBucket, key };
    for (const child of await readJson(objects, location, resultsShape)) {
      const outcome = child.Output === undefined ? undefined : parse(child.Output, outcomeShape, location);
      if (outcome !== undefined && outcome.state !== 'Failed') yield outcome;
      else {
        const input = child.Input === undefined ? undefined : parse(child.Input, inputShape, location);
        yield {
          state: 'Failed',
          key: input?.key ?? '',
          error: outcome?.error ?? child.Error ?? 'Unfinished',
        };
      }
    }
  }
}

async function readJson<Shape extends z.ZodType>(
  objects: ObjectReader,
  location: { bucket: string; key: string },
  shape: Shape,
): Promise<z.infer<Shape>> {
  const stored = await objects.read(location);
  if (stored === undefined) throw new StagingMissing(addressOf(location));
  return check(fromJsonBytes(stored.bytes), shape, location);
}

function parse<Shape extends z.ZodType>(
  text: string,
  shape: Shape,
  location: { bucket: string; key: string },
): z.infer<Shape> {
  return check(JSON.parse(text), shape, location);
}

function check<Shape extends z.ZodType>(
  value: unknown,
  shape: Shape,
  location: { bucket: string; key: string },
): z.infer<Shape> {
  const parsed = shape.safeParse(value);
  if (!parsed.success) throw new InvalidInput(`${addressOf(location)}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
