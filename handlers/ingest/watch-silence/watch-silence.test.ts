import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defineDataset } from '../../../core/dataset/dataset.ts';
import { shardOf } from '../../../core/partition/partition.ts';
import type { StoredAlert } from '../../../ports/records.ts';
import { curatedBucket, IngestWorld } from '../../../test/support/ingest-world.ts';
import type { Around } from '../../../test/support/intercepted.ts';
import { intercepted } from '../../../test/support/intercepted.ts';
import { lines, type Probe, probes } from '../../../test/support/probe-dataset.ts';
import { createWatchSilence } from './watch-silence.ts';

const { attributes, measures, missing, name, shards, timeZone } = probes;
const watchedProbes = defineDataset({
  ...{ attributes, measures, missing: [...missing], name, shards, timeZone },
  alerts: {
    silent: { measure: 'temperature', noDataFor: '2 hours' },
    dry: { measure: 'humidity', noDataFor: '1 day', sensors: 'wet-*', since: '2026-03-31' },
  },
});

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** 00:30 of April 1 in Madrid. */
const startMs = Date.parse('2026-03-31T22:30:00Z');

class Watch extends IngestWorld {
  #jobs = 0;
  override nowMs = startMs;

  constructor() {
    super([watchedProbes]);
  }

  async read(...readings: (Omit<Probe, 'at' | 'temperature'> & { agoMs: number; temperature?: number })[]) {
    const given = readings.map(({ agoMs, temperature = 10, ...rest }) => ({
      ...{ ...rest, temperature, at: new Date(this.nowMs - agoMs).toISOString() },
    }));
    const message = this.deliver(`raw/2026/03/31/22/${++this.#jobs}`, lines(...given));
    const { nowMs } = this;
    await this.run(`job-${this.#jobs}`, [message]);
    this.nowMs = nowMs; // the job paused for a while
  }

  async watch(around: Around = (_, make) => make()) {
    const watch = createWatchSilence({
      ...{ objects: intercepted(this.objects, around), curatedBucket, datasets: this.datasets },
      ...{ alerts: intercepted(this.alerts, around), known: intercepted(this.alerts, around) },
      ...{ outbox: intercepted(this.alerts, around), topic: intercepted(this.topic, around) },
      clock: { nowMs: () => this.nowMs, pause: async () => {} },
    });
    return watch({ owner: `watch-${this.#jobs}`, remainingMs: () => 60_000 });
  }

  /** Of the alerts that hold. */
  holding(): [string, StoredAlert['content']][] {
    return [...this.alerts.items.values()]
      .filter(({ content }) => !content.withdrawn)
      .map(({ key, content }): [string, StoredAlert['content']] => [
        `${key.rule} ${key.sensorId} ${key.day}`,
        content,
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

test('a series is silent once it had no value for longer than the time, and somebody is told once', async () => {
  const world = new Watch();
  await world.read({ sensorId: 'a', agoMs: 2 * hourMs }, { sensorId: 'b', agoMs: 2 * hourMs + minuteMs });
  for (let turn = 0; turn < 3; turn++)
    expect(await world.watch()).toEqual(turn === 0 ? { silent: 1, heard: 0, sent: 1 } : none);
  // Of the local day of its last value, 22:29 UTC before: March 31 in Madrid.
  expect(world.holding()).toEqual([
    [
      'silent b 2026-03-31',
      {
        ...{ measure: 'temperature', threshold: 120, count: 1, withdrawn: false },
        ...{ worst: 121, worstAt: startMs - 2 * hourMs - minuteMs },
      },
    ],
  ]);
  expect(world.topic.byKey()).toEqual({ 'probes#b#2026-03-31#silent': 1 });
  expect([...world.alerts.items.values()].map(({ key }) => key.shard)).toEqual([shardOf('b', shards)]);
});

const none = { silent: 0, heard: 0, sent: 0 };

test('a value ends a silence; the next one of another day is told again, one of the same day is not', async () => {
  const world = new Watch();
  await world.read({ sensorId: 'a', agoMs: 3 * hourMs });
  await world.watch();
  await world.read({ sensorId: 'a', agoMs: 0 });
  expect(await world.watch()).toEqual({ silent: 0, heard: 1, sent: 0 });
  expect(world.holding()).toEqual([]);
  world.nowMs += 3 * hourMs;
  expect(await world.watch()).toEqual({ silent: 1, heard: 0, sent: 1 });
  await world.read({ sensorId: 'a', agoMs: 0 });
  await world.watch();
  world.nowMs += 3 * hourMs;
  expect(await world.watch()).toEqual({ silent: 1, heard: 0, sent: 0 });
  expect(world.topic.byKey()).toEqual({ 'probes#a#2026-03-31#silent': 1, 'probes#a#2026-04-01#silent': 1 });
});

test('a value that comes late, and is old itself, ends no silence; one that was withdrawn is none', async () => {
  const world = new Watch();
  await world.read({ sensorId: 'a', agoMs: 3 * hourMs });
  await world.watch();
  await world.read({ sensorId: 'a', agoMs: 4 * hourMs });
  expect(await world.watch()).toEqual(none);
  await world.read({ sensorId: 'a', agoMs: 2.5 * hourMs });
  expect(await world.watch()).toEqual(none);
  expect(world.holding().map(([key, { worst }]) => [key, worst])).toEqual([['silent a 2026-03-31', 150]]);
});

test('what is about other sensors, other measures or days before the first is not told, nor what was silent long before', async () => {
  const world = new Watch();
  await world.read(
    { sensorId: 'wet-1', agoMs: 25 * hourMs, humidity: 50 },
    { sensorId: 'wet-1', agoMs: 0 },
    { sensorId: 'wet-2', agoMs: 0, humidity: 50 },
    { sensorId: 'other', agoMs: 25 * hourMs, humidity: 50 },
    { sensorId: 'gone', agoMs: 26 * hourMs + minuteMs },
  );
  expect(await world.watch()).toEqual({ silent: 1, heard: 0, sent: 1 });
  // The 25 hours ago of `wet-1` are of March 30, and its rule is told since the 31st.
  expect(world.holding().map(([key]) => key)).toEqual(['silent other 2026-03-30']);
  world.nowMs += 24 * hourMs;
  expect((await world.watch()).silent).toBe(2);
  expect(world.holding().map(([key]) => key)).toContain('silent wet-1 2026-04-01');
});

test('whatever the order, the split and the repetition, and whoever looks in between, the same alerts hold', async () => {
  const reading = fc.record({
    sensorId: fc.constantFrom('a', 'wet-b'),
    agoMs: fc.constantFrom(0, 1, 2, 3, 4, 20, 24, 25, 26, 30, 49).map((hours) => hours * hourMs),
    humidity: fc.constantFrom(20, 30),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(reading, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }),
      fc.infiniteStream(fc.nat({ max: 99 })),
      async (segments, chance) => {
        const next = () => chance.next().value ?? 0;
        const [alone, world] = [new Watch(), new Watch()];
        await alone.read(...segments.flat());
        await alone.watch();
        const shuffled = [...segments, ...segments].map((readings) => ({ readings, at: next() }));
        for (const { readings } of shuffled.sort((a, b) => a.at - b.at)) {
          await world.read(...readings.toSorted(() => next() - 50));
          // Some of them die at a call, and some are two at once.
          const dying: Around = async (call, make) => {
            if (next() < 10) throw new Error(`dies at ${call}`);
            return make();
          };
          if (next() < 50) await Promise.allSettled([world.watch(dying), world.watch()]);
        }
        await world.watch();
        await world.watch();
        expect(world.holding()).toEqual(alone.holding());
        expect([...world.alerts.items.values()].every(({ state }) => state === 'sent')).toBe(true);
        expect(Object.keys(world.topic.byKey())).toEqual(
          expect.arrayContaining(Object.keys(alone.topic.byKey())),
        );
      },
    ),
    { numRuns: 100 },
  );
});

test('a partition that can not be read keeps no other dataset from being looked at, and is told', async () => {
  const world = new Watch();
  await world.read({ sensorId: 'b', agoMs: 3 * hourMs });
  const broken = defineDataset({
    ...{ measures, name: 'broken', shards: 1, timeZone },
    alerts: { silent: { measure: 'temperature', noDataFor: '2 hours' } },
  });
  const day = new Date(startMs).toISOString().slice(0, 10);
  world.objects.put(curatedBucket, `curated/dataset=broken/date=${day}/shard=0.parquet`, 'none');
  (world.datasets as unknown[]).unshift(broken);
  await expect(world.watch()).rejects.toThrow();
  expect(world.topic.byKey()).toEqual({ 'probes#b#2026-03-31#silent': 1 });
});
