import type { PartEntry } from '../../core/partition/parts.ts';
import type { SegmentOutcome } from '../../handlers/ingest/validate-segment/validate-segment.ts';
import type { HotWorld } from './world.ts';

/** What ValidateSegment staged: the object of its parts, and where in it each is. */
export async function stagedBy(
  world: HotWorld,
  { parts, index }: SegmentOutcome,
): Promise<{ bytes: Uint8Array; entries: PartEntry[] }> {
  const bytes = await world.bytesOf(parts ?? '');
  return { bytes, entries: JSON.parse(Buffer.from(bytes.subarray(index?.start, index?.end)).toString()) };
}
