import * as z from 'zod';
import { InvalidInput } from '../../../ports/faults.ts';
import type { Segment } from '../../../ports/keys.ts';

/** What PlanIngest is called with. `startedAt` and `executionArn` are the execution's own. */
export interface PlanRequest {
  jobId: string;
  executionArn: string;
  startedAt: string;
  input: unknown;
}

/** What an execution's input asks for. */
export type IngestInput =
  | { kind: 'events'; bodies: string[] }
  | { kind: 'segments'; segments: Segment[] }
  | ({ kind: 'replay' } & ReplayRequest);

/** Which objects are ingested again; of one dataset where it is given. */
export type ReplayRequest = { dataset?: string } & (ArrivalSpan | ReadingsSpan);

/** Objects that arrived from `fromMs` (UTC ms) up to, not including, `toMs`. */
interface ArrivalSpan {
  by: 'arrival';
  fromMs: number;
  toMs: number;
}

/** Objects that have readings from `from` to `to`: local days `YYYY-MM-DD`, or instants in ISO 8601. */
interface ReadingsSpan {
  by: 'readings';
  from: string;
  to: string;
}

/** The last day that a key of `raw/` can name. */
export const endOfTimeMs = Date.UTC(9999, 11, 31);

const instant = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);
const inputs = z.union([
  z.array(z.object({ body: z.string() })),
  z.strictObject({
    segments: z.array(z.object({ bucket: z.string(), key: z.string().min(1), versionId: z.string().min(1) })),
  }),
  z.strictObject({
    replay: z.strictObject({
      from: instant,
      to: instant,
      by: z.enum(['arrival', 'readings']).default('arrival'),
      dataset: z.string().optional(),
    }),
  }),
  z.strictObject({ replay: z.strictObject({ dataset: z.string() }) }),
]);

/**
 * Reads an execution's input. Of a replay, a date stands for its whole day (UTC by arrival, local by readings), so `to` is included;
 * a time is exact, and `to` excluded. With a dataset alone, all objects that arrived are meant.
 * @throws {InvalidInput} for any other shape: nobody would see a request that is silently ignored
 */
export function parseInput(input: unknown): IngestInput {
  const parsed = inputs.safeParse(input);
  if (!parsed.success) {
    throw new InvalidInput(
      `the input is neither SQS messages, nor {"replay": {"from", "to", "by"?, "dataset"?}}, nor {"replay": {"dataset"}}, nor {"segments": [{"bucket", "key", "versionId"}]}: ${z.prettifyError(parsed.error)}`,
    );
  }
  if (Array.isArray(parsed.data)) return { kind: 'events', bodies: parsed.data.map(({ body }) => body) };
  if ('segments' in parsed.data) return { kind: 'segments', segments: parsed.data.segments };
  const { dataset } = parsed.data.replay;
  const ofDataset = dataset === undefined ? {} : { dataset };
  if (!('from' in parsed.data.replay)) {
    return { kind: 'replay', by: 'arrival', fromMs: 0, toMs: endOfTimeMs, ...ofDataset };
  }
  const { from, to, by } = parsed.data.replay;
  const fromMs = Date.parse(from);
  const toMs = Date.parse(to) + (to.length === 'YYYY-MM-DD'.length ? 86_400_000 : 0);
  if (toMs <= fromMs) throw new InvalidInput(`replay: from ${from} is not before to ${to}`);
  return by === 'arrival'
    ? { kind: 'replay', by, fromMs, toMs, ...ofDataset }
    : { kind: 'replay', by, from, to, ...ofDataset };
}

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
