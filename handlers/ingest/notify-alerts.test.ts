import { expect, test } from 'vitest';
import { AlertsPending } from '../../ports/faults.ts';
import type { AlertContent, AlertKey } from '../../ports/records.ts';
import { type Around, intercepted } from '../../test/support/intercepted.ts';
import { MemoryAlerts, MemoryTopic } from '../../test/support/memory-records.ts';
import { createNotifyAlerts } from './notify-alerts.ts';

const content: AlertContent = {
  measure: 'temperature',
  threshold: 30,
  count: 2,
  worst: 35,
  worstAt: 0,
  withdrawn: false,
};
const keyOf = (n: number): AlertKey => ({
  dataset: 'probes',
  shard: 0,
  sensorId: `s${n}`,
  day: '2026-03-02',
  rule: 'hot',
});

const stored = async (book: MemoryAlerts) => (await book.ofDay(keyOf(0)))[0]?.alert;

/** As a merge does that finds no breach any more. */
async function withdraw(book: MemoryAlerts): Promise<void> {
  const read = await stored(book);
  if (!read) throw new Error('there is one');
  const change = { content: { ...content, withdrawn: true }, version: 2, reopen: false };
  await book.revise([{ key: keyOf(0), read, ...change }]);
}

async function filled(count: number) {
  const outbox = new MemoryAlerts();
  const topic = new MemoryTopic();
  let nowMs = 1_000;
  const clock = {
    nowMs: () => nowMs,
    pause: async (ms: number) => {
      nowMs += ms;
    },
  };
  for (let n = 0; n < count; n++) await outbox.create(keyOf(n), { content, version: 1, createdAt: '' });
  const notify = (
    owner: string,
    remainingMs: () => number = () => 60_000,
    around: Around = (_, make) => make(),
  ) =>
    createNotifyAlerts({ outbox: intercepted(outbox, around), topic: intercepted(topic, around), clock })({
      owner,
      remainingMs,
    });
  return { outbox, topic, notify, pass: (ms: number) => clock.pause(ms) };
}

test('each pending alert is told once, and a second run tells none', async () => {
  const { topic, notify } = await filled(250);
  expect(await notify('job-1')).toEqual({ sent: 250, withdrawn: 0 });
  expect(await notify('job-2')).toEqual({ sent: 0, withdrawn: 0 });
  expect(Object.keys(topic.byKey())).toHaveLength(250);
  expect(topic.notices).toHaveLength(250);
});

test('two notifiers at once tell each alert once between them', async () => {
  const { topic, notify } = await filled(50);
  const slow: Around = async (_, make) => {
    await new Promise(setImmediate);
    return make();
  };
  const results = await Promise.all([notify('job-1', undefined, slow), notify('job-2', undefined, slow)]);
  expect(results.reduce((sum, { sent }) => sum + sent, 0)).toBe(50);
  expect(topic.notices).toHaveLength(50);
});

test('an alert that was withdrawn before anybody was told is closed without a notice', async () => {
  const { outbox, topic, notify } = await filled(1);
  await withdraw(outbox);
  expect(await notify('job-1')).toEqual({ sent: 0, withdrawn: 1 });
  expect(topic.notices).toEqual([]);
  expect(await stored(outbox)).toMatchObject({ state: 'sent' });
});

test('an alert that holds again between the look and the closing stays pending, and is told', async () => {
  const { outbox, topic, notify } = await filled(1);
  await withdraw(outbox);
  let interfered = false;
  const between: Around = async (call, make) => {
    if (call === 'close' && !interfered) {
      interfered = true;
      const now = await stored(outbox);
      if (now) await outbox.revise([{ key: keyOf(0), read: now, content, version: 3, reopen: false }]);
    }
    return make();
  };
  await notify('job-1', undefined, between);
  expect(topic.byKey()).toEqual({ 'probes#s0#2026-03-02#hot': 1 });
});

test('a notifier that died leaves its alerts to the same job at once, to others after the lease', async () => {
  const { topic, notify } = await filled(3);
  const dying: Around = async (call, make) => {
    if (call === 'publish') throw new Error('dead');
    return make();
  };
  await expect(notify('job-1', undefined, dying)).rejects.toThrow('dead');
  await expect(notify('job-2')).rejects.toThrow(new AlertsPending('3 alerts are held by another notifier'));
  expect(topic.notices).toHaveLength(0);
  expect(await notify('job-1')).toMatchObject({ sent: 3 });
  expect(topic.notices).toHaveLength(3);

  const other = await filled(3);
  await expect(other.notify('job-1', undefined, dying)).rejects.toThrow('dead');
  await other.pass(121_000);
  expect(await other.notify('job-2')).toMatchObject({ sent: 3 });
});

test('it stops before its time runs out, says so, and goes on where it stopped', async () => {
  const { topic, notify } = await filled(300);
  let left = 6_100;
  await expect(notify('job-1', () => left--)).rejects.toThrow(AlertsPending);
  const told = topic.notices.length;
  expect(told).toBeGreaterThan(0);
  expect(told).toBeLessThan(300);
  expect(await notify('job-1')).toEqual({ sent: 300 - told, withdrawn: 0 });
  expect(topic.notices).toHaveLength(300);
});
