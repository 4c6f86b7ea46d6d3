import { mapBounded } from '../concurrency.ts';
import type { Clock } from '../ports.ts';
import type { AlertKey, AlertOutbox, NoticePublisher } from '../record-ports.ts';
import { noticeOf } from './notice.ts';

/** A claim outlives the longest run; what a crashed notifier held is free again after it. */
const leaseMs = 120_000;
/** The index of pending alerts lags behind the table, by much less than this as a rule. */
const settleMs = 1_000;
/** Time kept back for the calls under way: SNS and DynamoDB answer within it, with the SDK's retries. */
const reserveMs = 5_000;
/** Alerts taken from the index at a time, and of those in work at once. */
const batchSize = 100;
const inFlight = 10;

export interface NotifyPorts {
  outbox: AlertOutbox;
  topic: NoticePublisher;
  clock: Pick<Clock, 'nowMs' | 'pause'>;
}

export interface Notified {
  sent: number;
  /** Withdrawn before anybody was told: closed without a notice. */
  withdrawn: number;
  /** Time ran out: there may be more, run again. */
  remaining: boolean;
}

/**
 * NotifyAlerts: publishes each pending alert, then marks it sent. The alert is claimed first, so two notifiers at once
 * don't both publish it; a crash between publishing and marking publishes it a second time, with the same key. `owner` is
 * the job: when its run crashed and is repeated, it may go on with its own claims at once. It goes through
 * the index until a pass after a pause finds nothing: alerts of this job's merge may still be on their way there.
 */
export function createNotifyAlerts({ outbox, topic, clock }: NotifyPorts) {
  return async ({ owner, remainingMs }: { owner: string; remainingMs: () => number }): Promise<Notified> => {
    const result: Notified = { sent: 0, withdrawn: 0, remaining: false };
    const timeIsUp = (): boolean => remainingMs() < reserveMs + settleMs;

    const notify = async (key: AlertKey): Promise<void> => {
      if (timeIsUp()) {
        result.remaining = true;
        return;
      }
      const alert = await outbox.claim(key, { owner, nowMs: clock.nowMs(), leaseMs });
      if (alert === undefined) return;
      if (alert.content.withdrawn) {
        await outbox.close(key, { version: alert.version });
        result.withdrawn++;
        return;
      }
      await topic.publish(noticeOf(key, alert.content));
      await outbox.close(key, { sentAt: new Date(clock.nowMs()).toISOString() });
      result.sent++;
    };

    for (let pass = 0; !result.remaining; pass++) {
      const before = result.sent + result.withdrawn;
      for await (const batch of batchesOf(outbox.pending())) {
        await mapBounded(batch, inFlight, notify);
        if (result.remaining) break;
      }
      if (pass > 0 && result.sent + result.withdrawn === before) break;
      if (timeIsUp()) result.remaining = true;
      else await clock.pause(settleMs);
    }
    return result;
  };
}

async function* batchesOf<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
