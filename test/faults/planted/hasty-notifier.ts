import { createNotifyAlerts as rightNotifier } from '../../../handlers/ingest/notify-alerts.ts';

/** Marks an alert as sent before it is published: a crash between the two loses it. */
export const createNotifyAlerts: typeof rightNotifier = ({ outbox, topic, clock }) =>
  rightNotifier({
    clock,
    topic,
    outbox: {
      pending: () => outbox.pending(),
      close: (key, closing) => outbox.close(key, closing),
      async claim(key, claim) {
        const alert = await outbox.claim(key, claim);
        if (alert !== undefined && !alert.content.withdrawn) {
          await outbox.close(key, { sentAt: new Date(clock.nowMs()).toISOString() });
        }
        return alert;
      },
    },
  });
