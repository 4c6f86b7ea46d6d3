import type { Clock } from '../../ports/clock.ts';
import type { ObjectReader, SegmentOpener } from '../../ports/objects.ts';

/** What an answer of the API may take to read: API Gateway waits for 29 s. */
export const readingMs = 20_000;

/** More has to be read for an answer than there is time for. A retry does not help. */
export class TakesTooLong extends Error {
  override readonly name = 'TakesTooLong';
}

/** Ends reading at a time: what is read through it throws {@link TakesTooLong} from then on. */
export interface Deadline {
  check(): void;
  objects(reader: ObjectReader): ObjectReader;
  segments(opener: SegmentOpener): SegmentOpener;
  each<Item>(items: AsyncIterable<Item>): AsyncIterable<Item>;
}

export function deadlineIn(clock: Pick<Clock, 'nowMs'>, ms: number): Deadline {
  const untilMs = clock.nowMs() + ms;
  const check = (): void => {
    if (clock.nowMs() > untilMs) throw new TakesTooLong(`It takes longer than ${ms / 1_000} s.`);
  };
  async function* each<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
    for await (const item of items) {
      check();
      yield item;
    }
  }
  return {
    check,
    each,
    objects: (reader) => ({
      read(location) {
        check();
        return reader.read(location);
      },
    }),
    segments: (opener) => ({
      async open(segment) {
        check();
        const open = await opener.open(segment);
        return { ...open, bytes: each(open.bytes) };
      },
    }),
  };
}
