import * as z from 'zod/mini';
import { failureReasons, type ToonRecord } from '../../../core/toons/record.ts';
import { toonTypes } from '../../../core/toons/toon.ts';
import type { LinkSigner } from '../../../ports/toons.ts';

const about = (description: string) => z.meta({ description });

/** What the results routes answer: the source of their check, their type and their place in the OpenAPI document. */
export const resultsAnswer = z.strictObject({
  jobId: z.string(),
  state: z.enum(['Pending', 'Processing', 'Completed', 'Failed']).check(about('of the job')),
  results: z
    .array(
      z.strictObject({
        toonId: z.string(),
        type: z.enum(toonTypes).check(about('as the caller claimed it')),
        state: z.enum(['Completed', 'Failed']),
        sha256: z
          .optional(z.string())
          .check(about('of its bytes, in hex; left out when they could not be read')),
        bytes: z.optional(z.int()),
        result: z
          .optional(z.record(z.string(), z.unknown()))
          .check(about('by type; an image has a thumbnail with a link that reads it for an hour')),
        reason: z.optional(z.enum(failureReasons)).check(about('only of a failed toon')),
        detail: z.optional(z.string()).check(about('only of a failed toon')),
        durationMs: z.int().check(about('that processing took')),
        processedAt: z.string(),
        metadata: z.optional(z.record(z.string(), z.unknown())),
      }),
    )
    .check(about('by toonId')),
  cursor: z
    .nullable(z.string())
    .check(about('for the next page: the same request with this `cursor`; null after the last page')),
});

export type ResultsAnswer = z.infer<typeof resultsAnswer>;

/** One record as an answer shows it. Members are named one by one: what else the table holds stays there. */
export async function resultOf(
  record: ToonRecord,
  { links, bucket }: { links: Pick<LinkSigner, 'readLink'>; bucket: string },
): Promise<ResultsAnswer['results'][number]> {
  const { toonId, type, state, sha256, bytes, result, reason, detail, durationMs, processedAt, metadata } =
    record;
  let shown: Record<string, unknown> | undefined = result && { ...result };
  if (result !== undefined && 'thumbnail' in result) {
    const { key, ...size } = result.thumbnail;
    shown = { ...result, thumbnail: { ...size, ...(await links.readLink({ bucket, key })) } };
  }
  return {
    toonId,
    type,
    state,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(shown === undefined ? {} : { result: shown }),
    ...(reason === undefined ? {} : { reason }),
    ...(detail === undefined ? {} : { detail }),
    durationMs: Math.round(durationMs),
    processedAt,
    ...(metadata === undefined ? {} : { metadata: { ...metadata } }),
  };
}
