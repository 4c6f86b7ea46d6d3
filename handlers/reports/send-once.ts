import type { Clock } from '../../ports/clock.ts';
import {
  type ConditionalWriter,
  fromJsonBytes,
  type ObjectLocation,
  type ObjectReader,
  type ObjectWriter,
  toJsonBytes,
} from '../../ports/objects.ts';

/** Another delivery is about to send, or broke off while it was. A retry in a minute helps. */
class NoticeBeingSent extends Error {
  override readonly name = 'NoticeBeingSent';
}

/** Longer than sending takes, and shorter than the minute after which an event is delivered again. */
const leaseMs = 45_000;

type NoticeState = { readonly sentAt: string } | { readonly untilMs: number };

/**
 * Sends what was not sent yet, and writes down that it was. Of deliveries at one time one sends; one that broke off between sending and writing
 * it down is sent again, since nobody knows.
 * @param notice where it is written down
 * @returns whether this call has sent
 * @throws {NoticeBeingSent} while another one may be sending
 * @throws {StoreUnavailable} a retry helps
 */
export async function sendOnce(
  {
    objects,
    clock,
  }: { objects: ObjectReader & ObjectWriter & ConditionalWriter; clock: Pick<Clock, 'nowMs'> },
  notice: ObjectLocation,
  send: () => Promise<void>,
): Promise<boolean> {
  const contentType = 'application/json';
  const written = (state: NoticeState) => ({ ...notice, contentType, bytes: toJsonBytes(state) });
  const known = await objects.read(notice);
  if (known !== undefined) {
    const state = fromJsonBytes<NoticeState>(known.bytes);
    if ('sentAt' in state) return false;
    if (state.untilMs > clock.nowMs()) throw new NoticeBeingSent('another delivery of this event is sending');
  }
  const claimed = await objects.writeIf({
    ...written({ untilMs: clock.nowMs() + leaseMs }),
    metadata: {},
    condition: known === undefined ? { kind: 'absent' } : { kind: 'matches', etag: known.etag },
  });
  if (claimed === 'conflict') throw new NoticeBeingSent('another delivery of this event began to send');
  await send();
  await objects.write(written({ sentAt: new Date(clock.nowMs()).toISOString() }));
  return true;
}
