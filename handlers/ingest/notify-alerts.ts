import type { Clock } from '../../ports/clock.ts';
import { mapBounded } from '../../ports/concurrency.ts';
import { AlertsPending } from '../../ports/faults.ts';
import type { AlertContent, AlertKey, AlertOutbox, Notice, NoticePublisher } from '../../ports/records.ts';

/** A claim outlives the longest run; what a crashed notifier held is free again after it. */
export const leaseMs = 120_000;
/** The index of pending alerts lags behind the table, by much less than this as a rule. */
const settleMs = 1_000;
/** Passes without progress after which what others hold is not waited for here: a live notifier needs far less than 5 s for an alert. */
const maxIdlePasses = 5;
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
}

/**
 * Publishes each pending alert, then marks it sent. The alert is claimed first, so two notifiers at once
 * don't both publish it; a crash between publishing and marking publishes it a second time, with the same key. `owner` is
 * the job: when its run crashed and is repeated, it may go on with its own claims at once. It goes through
 * the index until a pass after a pause finds nothing: alerts of this job's merge may still be on their way there.
 *
 * It returns only when nothing is pending any more. What another notifier holds may be held by a dead one, and if this is the last
 * execution for a week, nobody else would ever look.
 *
 * @throws {AlertsPending} when its time is up, or others hold alerts
 */
export function createNotifyAlerts({ outbox, topic, clock }: NotifyPorts) {
  return async ({ owner, remainingMs }: { owner: string; remainingMs: () => number }): Promise<Notified> => {
    const result: Notified = { sent: 0, withdrawn: 0 };
    const stopInTime = (): void => {
      if (remainingMs() < reserveMs + settleMs)
        throw new AlertsPending(`no time left after ${result.sent} alerts`);
    };
    let refused = 0;
    const notify = async (key: AlertKey): Promise<void> => {
      stopInTime();
      const alert = await outbox.claim(key, { owner, nowMs: clock.nowMs(), leaseMs });
      if (alert === undefined) {
        refused++; // held by another, or sent meanwhile
        return;
      }
      if (alert.content.withdrawn) {
        await outbox.close(key, { version: alert.version });
        result.withdrawn++;
        return;
      }
      await topic.publish(noticeOf(key, alert.content));
      await outbox.close(key, { sentAt: new Date(clock.nowMs()).toISOString() });
      result.sent++;
    };

    for (let pass = 0, idle = 0; ; pass++) {
      const before = result.sent + result.withdrawn;
      refused = 0;
      for await (const batch of batchesOf(outbox.pending())) await mapBounded(batch, inFlight, notify);
      idle = result.sent + result.withdrawn > before ? 0 : idle + 1;
      if (pass > 0 && idle > 0 && refused === 0) return result;
      if (idle > maxIdlePasses) throw new AlertsPending(`${refused} alerts are held by another notifier`);
      stopInTime();
      await clock.pause(settleMs);
    }
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

/** What subscribers tell alerts apart by: delivery is at least once, and this key the same each time. */
const noticeKey = ({ dataset, sensorId, day, rule }: AlertKey): string =>
  `${dataset}#${sensorId}#${day}#${rule}`;

/** The message for one alert. Values are in the measure's unit, `worstAt` is UTC. */
function noticeOf(key: AlertKey, { measure, threshold, count, worst, worstAt }: AlertContent): Notice {
  const { dataset, sensorId, day, rule } = key;
  return {
    subject: `Caudal: ${rule} at ${sensorId} (${dataset}) on ${day}`,
    message: JSON.stringify({
      key: noticeKey(key),
      dataset,
      sensorId,
      day,
      rule,
      measure,
      threshold,
      count,
      worst,
      worstAt: new Date(worstAt).toISOString(),
    }),
    attributes: { dataset, rule },
  };
}
