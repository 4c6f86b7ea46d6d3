import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { mergeStatistics, type PeriodStatistics } from '../../core/statistics/statistics.ts';
import { IngestWorld } from '../support/ingest-world.ts';
import type { Around } from '../support/intercepted.ts';
import { lines, type Probe, probes } from '../support/probe-dataset.ts';

/** With a rule of which a late reading may make an alert, and take it away: what `lines` writes is the same. */
const { alerts, measures, name, shards, timeZone } = probes;
const { attributes, missing } = probes;
const warm = defineDataset({
  ...{ attributes, measures, missing: [...missing], name, shards, timeZone },
  alerts: { ...alerts, warm: { measure: 'temperature', above: 20, lasting: '1 hour', maxGap: '1 hour' } },
});

const probe: fc.Arbitrary<Probe> = fc
  .record({
    sensorId: fc.constantFrom('a', 'b'),
    hour: fc.constantFrom('2026-03-01T10:00', '2026-03-01T10:30', '2026-03-01T11:00', '2026-03-31T23:00'),
    temperature: fc.constantFrom(-5, 10, 31, 40),
    revision: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ hour, ...rest }) => ({ ...rest, at: `${hour}:00Z` }));
const minuteMs = 60_000;
const segment = fc.array(probe, { minLength: 1, maxLength: 5 });

/** Every call of a port waits for its turn, and the scheduler gives the turns in any order. */
const scheduled = (scheduler: fc.Scheduler): Around => {
  return async (call, make) => {
    await scheduler.schedule(Promise.resolve(), call);
    return make();
  };
};

test('executions at once leave what one after the other leaves, in any interleaving of their calls', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(segment, { minLength: 2, maxLength: 3 }),
      fc.infiniteStream(fc.boolean()),
      fc.constantFrom('2026-03-30', '2026-03-31', '2026-04-01'),
      async (scheduler, segments, behind, today) => {
        const world = new IngestWorld([warm]);
        world.nowMs = Date.parse(`${today}T23:59:00Z`);
        // At some time of the run it is the next day, and leases have lapsed.
        void scheduler.schedule(Promise.resolve(), 'midnight').then(() => {
          world.nowMs += minuteMs;
        });
        world.statistics.isBehind = () => behind.next().value ?? true;
        const alone = new IngestWorld([warm]);
        const around = scheduled(scheduler);
        const running = segments.map((readings, index) => {
          const message = world.deliver(`raw/2026/03/02/13/${index}`, lines(...readings));
          return world.run(`job-${index}`, [message], around);
        });
        await scheduler.waitFor(Promise.all(running));
        await alone.run('job', [alone.deliver('raw/2026/03/02/13/all', lines(...segments.flat()))]);

        const { partitions, statistics, alerts } = world.content();
        const expected = alone.content();
        expect(partitions).toEqual(expected.partitions);
        expect(statistics).toEqual(expected.statistics);
        monthsSayWhatTheirDaysSay(world);
        // Alerts that no longer hold stay, withdrawn; those that hold are what the readings say, and were told once.
        const holding = alerts.filter(([, content]) => !(content as { withdrawn: boolean }).withdrawn);
        expect(holding).toEqual(expected.alerts);
        const told = world.topic.byKey();
        expect(Object.values(told).every((times) => times === 1)).toBe(true);
        expect(Object.keys(told)).toEqual(expect.arrayContaining(Object.keys(alone.topic.byKey())));
        expect([...world.alerts.items.values()].every(({ state }) => state === 'sent')).toBe(true);
      },
    ),
    { numRuns: 150 },
  );
});

test('whatever the order, the split and the repetition of the readings, the same is left', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(segment, { minLength: 1, maxLength: 4 }),
      fc.infiniteStream(fc.nat()),
      async (segments, chance) => {
        const world = new IngestWorld([warm]);
        const alone = new IngestWorld([warm]);
        const shuffled = [...segments, ...segments].map((readings) => ({
          readings,
          at: chance.next().value ?? 0,
        }));
        shuffled.sort((a, b) => a.at - b.at);
        for (const [index, { readings }] of shuffled.entries()) {
          await world.run(`job-${index}`, [world.deliver(`raw/2026/03/02/13/${index}`, lines(...readings))]);
        }
        await alone.run('job', [alone.deliver('raw/2026/03/02/13/all', lines(...segments.flat().reverse()))]);
        const { partitions, statistics } = world.content();
        expect({ partitions, statistics }).toEqual({
          partitions: alone.content().partitions,
          statistics: alone.content().statistics,
        });
        monthsSayWhatTheirDaysSay(world);
      },
    ),
    { numRuns: 60 },
  );
});

function monthsSayWhatTheirDaysSay(world: IngestWorld): void {
  const months = [...world.statistics.items].filter(([key]) => /#\d{4}-\d\d$/.test(key));
  expect(months.length).toBeGreaterThan(0);
  for (const [key, month] of months) {
    const days = [...world.statistics.items].filter(([day]) => day.startsWith(`${key}-`));
    const statistics: PeriodStatistics[] = days.map(([, item]) => item.statistics);
    expect(month.statistics).toEqual(mergeStatistics(warm, statistics));
  }
  const pages = [...world.statistics.pages.values()];
  for (const { of, page } of pages.filter(({ of: { period } }) => period.length === 7)) {
    const days = pages
      .filter((day) => day.of.shard === of.shard && day.of.period.startsWith(`${of.period}-`))
      .filter((day) => page.openFrom === undefined || day.of.period < page.openFrom)
      .map((day) => `${day.of.period.slice(8)}:0:${day.page.version}`);
    expect(page.foldedFrom).toBe(days.sort().join(' '));
  }
}
