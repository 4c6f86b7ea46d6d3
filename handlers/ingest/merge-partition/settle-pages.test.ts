import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defineDataset } from '../../../core/dataset/dataset.ts';
import { ColumnsBuilder } from '../../../core/set/row-buffer.ts';
import type { PageSeries } from '../../../core/statistics/page-bytes.ts';
import { decodePage } from '../../../core/statistics/page-bytes.ts';
import { pageAt, pageHash, seriesOnPage } from '../../../core/statistics/pages.ts';
import { mergeStatistics, statisticsByDay } from '../../../core/statistics/statistics.ts';
import type { PageStore } from '../../../ports/pages.ts';
import { MemoryAlerts, MemoryStatistics } from '../../../test/support/memory-records.ts';
import { computeDays } from './day-statistics.ts';
import { besideOnPages, settleDays } from './settle-days.ts';
import { settleMonth } from './settle-months.ts';

/** So many measures that a page has few series. */
const measureNames = Array.from({ length: 220 }, (_, index) => `m${index}`);
const wide = defineDataset({
  ...{ name: 'wide', timeZone: 'UTC', shards: 1 },
  measures: Object.fromEntries(
    measureNames.map((name) => [name, { unit: '°C', min: -90, max: 90, optional: true }]),
  ),
});

const noon = (day: string): number => Date.parse(`${day}T12:00:00Z`);
/** The month is over, if a test does not say otherwise: it is folded from all of its days. */
const clockAt = (day = '2026-04-02') => ({
  nowMs: () => noon(day),
  pause: async () => {},
  random: () => 0.5,
});
const clock = clockAt();
const writes = <Result>(work: () => Promise<Result>) => work();
const values = (value: number) => measureNames.map((_, index) => (index === 0 ? value : null));

function columnsOf(day: string, readings: Readonly<Record<string, number>>) {
  const builder = new ColumnsBuilder(wide);
  for (const [sensorId, value] of Object.entries(readings)) {
    const timestampMs = Date.parse(`${day}T06:00:00Z`);
    builder.add({ sensorId, timestampMs, revision: 0, values: values(value), attributes: [] });
  }
  return builder.build();
}

/** Settles a day whose set these readings are, as a merge that brought those of `touched`. */
async function settle(
  statistics: PageStore,
  {
    day,
    readings,
    touched,
    version,
  }: {
    day: string;
    readings: Readonly<Record<string, number>>;
    touched: readonly string[];
    version: number;
  },
) {
  const columns = columnsOf(day, readings);
  const compute = (ids: readonly string[]) => computeDays(wide, columns, ids);
  const { sensors } = columns;
  const computed = await compute(besideOnPages(wide, sensors, touched));
  const id = { dataset: 'wide', day, shard: 0 };
  const ports = { statistics, alerts: new MemoryAlerts(), clock, writes };
  return settleDays(ports, { dataset: wide, id, sensors, computed, compute, version }, touched);
}

const month = { dataset: 'wide', shard: 0, period: '2026-03' };
const settleAll = (
  statistics: PageStore,
  sensors: readonly string[],
  days: readonly string[],
  today?: string,
) =>
  settleMonth(
    { statistics, clock: clockAt(today), writes },
    { dataset: wide, month, sensorIds: sensors, days, bringDays: async () => {} },
  );

/** What a day or month should be, of each series. */
const expectedDay = (day: string, readings: Readonly<Record<string, number>>) =>
  statisticsByDay(wide, columnsOf(day, readings));

function storedOf(statistics: MemoryStatistics, period: string): PageSeries {
  const found = [...statistics.items].filter(([key]) => key.endsWith(`#${period}`));
  return new Map(found.map(([key, item]) => [key.split('#')[1] as string, item.statistics]));
}

const ids = fc.array(
  fc.integer({ min: 0, max: 60 }).map((n) => `s${n}`),
  { minLength: 1, maxLength: 25 },
);
const histories = fc.array(
  fc.record({
    day: fc.constantFrom('2026-03-01', '2026-03-02', '2026-03-31'),
    ids,
    value: fc.integer({ min: 0, max: 9 }),
    // Clocks of machines differ, and late readings come at any time.
    today: fc.constantFrom('2026-03-01', '2026-03-02', '2026-03-31', '2026-04-01'),
  }),
  { minLength: 1, maxLength: 8 },
);

test('this dataset has few series on a page', () => {
  expect(seriesOnPage(wide)).toBe(5);
});

test('after any merges each day has what its set says, each month what its days say, in any number of pages, however far other days are behind', async () => {
  await fc.assert(
    fc.asyncProperty(histories, fc.infiniteStream(fc.boolean()), async (history, behind) => {
      const statistics = new MemoryStatistics([wide]);
      statistics.isBehind = () => behind.next().value ?? true;
      const days = new Map<string, Record<string, number>>();
      for (const [index, { day, ids: touched, value, today }] of history.entries()) {
        const readings = { ...days.get(day) };
        for (const id of touched) readings[id] = value;
        days.set(day, readings);
        await settle(statistics, { day, readings, touched, version: index + 1 });
        await settleAll(statistics, touched, [day], today);
      }
      for (const [day, readings] of days)
        expect(storedOf(statistics, day)).toEqual(expectedDay(day, readings));
      const parts = [...days].flatMap(([day, readings]) => [...expectedDay(day, readings)]);
      const months = new Map(
        [...Map.groupBy(parts, ([id]) => id)].map(([id, of]) => [
          id,
          mergeStatistics(
            wide,
            of.map(([, is]) => is),
          ),
        ]),
      );
      expect(storedOf(statistics, '2026-03')).toEqual(months);
      for (const { page } of statistics.pages.values()) {
        const series = decodePage(page.bytes);
        expect(series.size).toBeLessThanOrEqual(5);
        for (const id of series.keys()) expect(pageAt(pageHash(id), page.depth)).toBe(page.n);
      }
    }),
    { numRuns: 150 },
  );
});

test('pages are cut at the same places whatever order the series came in', async () => {
  const all = Array.from({ length: 40 }, (_, index) => `s${index}`);
  const day = '2026-03-01';
  const readings = Object.fromEntries(all.map((id) => [id, 1]));
  const cut = async (batches: readonly string[][]) => {
    const statistics = new MemoryStatistics([wide]);
    const known: Record<string, number> = {};
    for (const [index, touched] of batches.entries()) {
      for (const id of touched) known[id] = 1;
      await settle(statistics, { day, readings: known, touched, version: index + 1 });
    }
    return [...statistics.pages.values()].map(({ page }) => `${page.n} of ${page.depth}`).sort();
  };
  const once = await cut([all]);
  expect(once.length).toBeGreaterThan(8);
  expect(await cut(all.map((id) => [id]))).toEqual(once);
  expect(await cut([all.slice(20), all.slice(0, 20)])).toEqual(once);
  expect(Object.keys(readings)).toHaveLength(40);
});

test('a page whose content is equal is not written, nor is a month whose days are', async () => {
  const statistics = new MemoryStatistics([wide]);
  const day = '2026-03-01';
  const readings = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`s${index}`, 1]));
  const touched = Object.keys(readings);
  await settle(statistics, { day, readings, touched, version: 1 });
  await settleAll(statistics, touched, [day]);
  const before = statistics.writes;
  expect(await settle(statistics, { day, readings, touched, version: 2 })).toEqual({ kind: 'equal' });
  await settleAll(statistics, touched, [day]);
  expect(statistics.writes).toBe(before);
  // One series changes: its page is written, and that of the month.
  readings.s7 = 2;
  await settle(statistics, { day, readings, touched: ['s7'], version: 3 });
  await settleAll(statistics, ['s7'], [day]);
  expect(statistics.writes).toBe(before + 2);
});

test('who reads while pages are cut finds every series, each on one page', async () => {
  const day = '2026-03-01';
  const few = { s0: 1, s1: 1, s2: 1 };
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`s${index}`, 1]));
  const statistics = new MemoryStatistics([wide]);
  await settle(statistics, { day, readings: few, touched: Object.keys(few), version: 1 });
  let looks = 0;
  const watched: PageStore = {
    read: (...of) => statistics.read(...of),
    daysOfMonth: (...of) => statistics.daysOfMonth(...of),
    async write(...of) {
      const outcome = await statistics.write(...of);
      looks++;
      const found = storedOf(statistics, day);
      for (const id of Object.keys(few)) expect(found.has(id), `${id} after write ${looks}`).toBe(true);
      return outcome;
    },
  };
  await settle(watched, { day, readings: many, touched: ['s39'], version: 2 });
  expect(looks).toBeGreaterThan(8);
  expect(storedOf(statistics, day).size).toBe(40);
});

test('a cut that broke off at any write is finished by the next merge', async () => {
  const day = '2026-03-01';
  const few = { s0: 1, s1: 1, s2: 1 };
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`s${index}`, 2]));
  for (let writes = 0; ; writes++) {
    const statistics = new MemoryStatistics([wide]);
    await settle(statistics, { day, readings: few, touched: Object.keys(few), version: 1 });
    let left = writes;
    const breaking: PageStore = {
      read: (...of) => statistics.read(...of),
      daysOfMonth: (...of) => statistics.daysOfMonth(...of),
      async write(...of) {
        if (left-- === 0) throw new Error('crashed');
        return statistics.write(...of);
      },
    };
    const touched = Object.keys(many);
    const first = settle(breaking, { day, readings: many, touched, version: 2 });
    const isWhole = await first.then(
      () => true,
      () => false,
    );
    await settle(statistics, { day, readings: many, touched, version: 2 });
    await settleAll(statistics, touched, [day]);
    expect(storedOf(statistics, day)).toEqual(expectedDay(day, many));
    expect(storedOf(statistics, '2026-03').size).toBe(40);
    if (isWhole) break;
    expect(writes).toBeLessThan(100);
  }
});

test('of two that fold a month at once the last has what both wrote', async () => {
  const statistics = new MemoryStatistics([wide]);
  const one = { s0: 1 };
  await settle(statistics, { day: '2026-03-01', readings: one, touched: ['s0'], version: 1 });
  // Between the look at the month and its write another merge brings a day, and its month.
  let interfered = false;
  const slow: PageStore = {
    read: (...of) => statistics.read(...of),
    daysOfMonth: (...of) => statistics.daysOfMonth(...of),
    async write(...of) {
      if (!interfered) {
        interfered = true;
        await settle(statistics, { day: '2026-03-02', readings: one, touched: ['s0'], version: 1 });
        await settleAll(statistics, ['s0'], ['2026-03-02']);
      }
      return statistics.write(...of);
    },
  };
  statistics.isBehind = () => true;
  await settleAll(slow, ['s0'], ['2026-03-01']);
  expect(storedOf(statistics, '2026-03').get('s0')?.count).toBe(2);
});

test('a month leaves today to its own page: it is written when a day ends, and when an earlier one changes', async () => {
  const statistics = new MemoryStatistics([wide]);
  const monthWrites = async (day: string, value: number, today: string, version: number): Promise<number> => {
    await settle(statistics, { day, readings: { s0: value }, touched: ['s0'], version });
    const before = statistics.writes;
    await settleAll(statistics, ['s0'], [day], today);
    return statistics.writes - before;
  };
  expect(await monthWrites('2026-03-01', 1, '2026-03-01', 1)).toBe(1); // there has to be one
  expect(await monthWrites('2026-03-01', 2, '2026-03-01', 2)).toBe(0);
  expect(await monthWrites('2026-03-01', 3, '2026-03-01', 3)).toBe(0);
  expect(storedOf(statistics, '2026-03').get('s0')?.measures.m0).toMatchObject({ count: 1, min: 3 });
  expect(await monthWrites('2026-03-02', 4, '2026-03-02', 1)).toBe(2); // it says so, and folds
  expect(await monthWrites('2026-03-02', 5, '2026-03-02', 2)).toBe(0);
  expect(await monthWrites('2026-03-01', 6, '2026-03-02', 4)).toBe(1);
  expect(storedOf(statistics, '2026-03').get('s0')?.measures.m0).toMatchObject({ count: 2, min: 5, max: 6 });
  expect(await monthWrites('2026-03-02', 7, '2026-04-01', 3)).toBe(2);
  const [page] = [...statistics.pages.values()].filter(({ of }) => of.period === '2026-03');
  expect(page?.page).toMatchObject({ foldedFrom: '01:0:4 02:0:3' });
  expect(page?.page.openFrom).toBeUndefined();
});

test('merges at once, at whatever hour each takes it to be and wherever one of them dies, leave months that have their days', async () => {
  const merge = fc.record({
    day: fc.constantFrom('2026-03-01', '2026-03-02'),
    ids: fc.array(
      fc.integer({ min: 0, max: 7 }).map((n) => `s${n}`),
      { minLength: 1, maxLength: 3 },
    ),
    today: fc.constantFrom('2026-03-01', '2026-03-02', '2026-03-03'),
    /** Of its calls that which it dies after, and then it is run again. */
    diesAt: fc.option(fc.integer({ min: 1, max: 12 })),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(merge, { minLength: 2, maxLength: 5 }),
      async (scheduler, merges) => {
        const statistics = new MemoryStatistics([wide]);
        const days = new Map([['2026-03-01', { readings: { s0: 0 } as Record<string, number>, version: 1 }]]);
        await settle(statistics, {
          ...{ day: '2026-03-01', readings: { s0: 0 } },
          touched: ['s0'],
          version: 1,
        });
        await settleAll(statistics, ['s0'], ['2026-03-01'], '2026-03-01');
        const run = async ({ day, ids: touched, today, diesAt }: (typeof merges)[number], value: number) => {
          let calls = 0;
          const turn = async <Result>(call: string, make: () => Promise<Result>): Promise<Result> => {
            await scheduler.schedule(Promise.resolve(), call);
            const answer = await make();
            calls++;
            if (calls === diesAt) throw new Died();
            return answer;
          };
          const store: PageStore = {
            read: (...of) => turn('read', () => statistics.read(...of)),
            daysOfMonth: (...of) => turn('days', () => statistics.daysOfMonth(...of)),
            write: (of, page) => turn(`write ${of.period}`, () => statistics.write(of, page)),
          };
          const known = days.get(day) ?? { readings: {}, version: 0 };
          for (const id of touched) known.readings[id] = value;
          days.set(day, { ...known, version: known.version + 1 });
          const settled = async (): Promise<void> => {
            for (;;) {
              const { readings, version } = days.get(day) as {
                readings: Record<string, number>;
                version: number;
              };
              const seen = { ...readings };
              const outcome = await settle(store, { day, readings: seen, touched, version });
              const isAsItWas = days.get(day)?.version === version;
              if (
                outcome.kind !== 'outranked' &&
                !(outcome.kind === 'wrote' && outcome.contended) &&
                isAsItWas
              )
                break;
            }
            await settleAll(store, touched, [day], today);
          };
          await settled().catch((fault) => {
            if (!(fault instanceof Died)) throw fault;
            return settled();
          });
        };
        await scheduler.waitFor(Promise.all(merges.map((one, index) => run(one, index))));
        const parts = [...days].flatMap(([day, { readings }]) => [...expectedDay(day, readings)]);
        const expected = [...Map.groupBy(parts, ([id]) => id)].map(
          ([id, of]) =>
            [
              id,
              mergeStatistics(
                wide,
                of.map(([, is]) => is),
              ),
            ] as const,
        );
        expect(storedOf(statistics, '2026-03')).toEqual(new Map(expected));
      },
    ),
    { numRuns: 600 },
  );
});

class Died extends Error {}
