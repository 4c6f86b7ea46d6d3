import * as z from 'zod';
import type { Segment } from '../../../ports/keys.ts';

/** An EventBridge event of S3. Unlike S3's own notifications its keys are not URL encoded. */
const objectCreated = z.object({
  source: z.literal('aws.s3'),
  'detail-type': z.literal('Object Created'),
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({
      key: z.string(),
      size: z.number().int().nonnegative().default(0),
      'version-id': z.string().default('null'), // a bucket without versions
    }),
  }),
});

export type SizedSegment = Segment & { size: number };

/** The new object that a message tells of; `undefined` when it tells of something else, or of nothing that can be read. */
export function objectOf(body: string): SizedSegment | undefined {
  let event: unknown;
  try {
    event = JSON.parse(body);
  } catch {
    return undefined; // counted by the caller; a message that never parses would else block its batch for ever
  }
  const parsed = objectCreated.safeParse(event);
  if (!parsed.success) return undefined;
  const { bucket, object } = parsed.data.detail;
  return { bucket: bucket.name, key: object.key, versionId: object['version-id'], size: object.size };
}
