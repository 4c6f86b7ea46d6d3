import { packLines } from '../../core/lines/packing.ts';
import { factLines } from '../../core/streams/facts.ts';
import { decodeCommit, type Stream } from '../../core/streams/stream.ts';
import { StoreUnavailable, StreamUnknown } from '../../ports/faults.ts';
import type { ReadingStream } from '../../ports/stream.ts';
import type { FactSink } from '../../ports/streams.ts';

/** How long a batch may take: a command's answer waits for less, and the schedule sends what it leaves. */
const timeoutMs = 5_000;

/**
 * Sends events of streams as lines through the delivery stream, as a producer does: the raw log has them, and an ordinary ingestion makes facts
 * of them. What is sent twice is repeated lines, which a set takes once.
 */
export function createFactSink(streams: readonly Stream[], delivery: ReadingStream): FactSink {
  const byName = new Map(streams.map((stream) => [stream.name, stream]));
  return {
    async deliver(entry, commits) {
      const lines = commits.flatMap(({ stream: name, id, text }) => {
        const stream = byName.get(name);
        if (stream === undefined)
          throw new StreamUnknown(
            `commits of ${name}/${id} wait for their log, and this deployment has no such kind of streams: list it in streams/registry.ts until they are published`,
          );
        return factLines(stream, { stream: name, id }, decodeCommit(text), entry);
      });
      // None is too large: the data of an event is bounded where it is committed.
      for (const batch of packLines(lines).batches) {
        const { failed, code } = await delivery.put(batch, timeoutMs);
        if (failed.length > 0) throw new StoreUnavailable(`the delivery stream took not all events: ${code}`);
      }
    },
  };
}
