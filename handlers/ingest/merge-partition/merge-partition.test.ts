import { beforeEach, describe, expect, test } from 'vitest';
import { defineDataset } from '../../../core/dataset/dataset.ts';
import { sumsOfValue } from '../../../core/statistics/exact-sums.ts';
import { PartitionConflict } from '../../../ports/faults.ts';
import { definitionOf } from '../../../test/support/definition-of.ts';
import { curatedBucket, IngestWorld } from '../../../test/support/ingest-world.ts';
import type { Around } from '../../../test/support/intercepted.ts';
import { lines, type Probe, probes } from '../../../test/support/probe-dataset.ts';

const at = '2026-03-02T12:00:00Z';
const reading = (temperature: number, revision = 0): Probe => ({ sensorId: 'a', at, temperature, revision });
const day = 'probes#a#2026-03-02';
const month = 'probes#a#2026-03';

let world: IngestWorld;
let runs = 0;
beforeEach(() => {
  world = new IngestWorld([probes]);
});

/** One execution over one new segment with these readings. */
const ingest = (readings: Probe[], around?: Around) => {
  runs++;
  return world.run(`job-${runs}`, [world.deliver(`raw/2026/03/02/13/${runs}`, lines(...readings))], around);
};
const file = () => {
  const [key = ''] = world.objects.keys(curatedBucket, 'curated/dataset=probes/date=2026-03-02');
  return key;
};
const fileVersion = async () =>
  (await world.objects.describe({ bucket: curatedBucket, key: file() }))?.version;

test('every change of the set gives the partition and the page of its day the next version', async () => {
  await ingest([reading(10)]);
  await ingest([reading(11, 1)]);
  await ingest([reading(10, 0)]); // superseded already
  await ingest([{ ...reading(5), at: '2026-03-03T12:00:00Z' }]);
  expect(await fileVersion()).toBe('2');
  expect(world.statistics.items.get(day)).toMatchObject({ version: 2, statistics: { count: 1 } });
  expect(world.statistics.items.get(month)).toMatchObject({ version: 3, statistics: { count: 2 } });
});

test('a correction that changes no statistics leaves the page of its day alone', async () => {
  await ingest([reading(10)]);
  await ingest([reading(10, 2)]);
  expect(await fileVersion()).toBe('2');
  expect(world.statistics.items.get(day)?.version).toBe(1);
});

test('two values with the same right are contested in day and month, until a file is uploaded that settles it', async () => {
  await ingest([reading(10)]);
  await ingest([reading(12)]);
  const contested = { count: 1, contested: 1, measures: { temperature: { sums: sumsOfValue(12) } } };
  expect(world.statistics.items.get(day)).toMatchObject({ version: 2, statistics: contested });
  expect(world.statistics.items.get(month)).toMatchObject({ statistics: contested });

  world.nowMs = Date.parse('2026-03-05T00:00:00Z');
  const upload = () => world.deliver('landing/probes/right.ndjson', lines(reading(11)));
  await world.run('right', [upload()]);
  const settled = { count: 1, contested: 0, measures: { temperature: { sums: sumsOfValue(11) } } };
  expect(world.statistics.items.get(day)).toMatchObject({ version: 3, statistics: settled });
  expect(world.statistics.items.get(month)).toMatchObject({ statistics: settled });

  // The same bytes later: the file remembers the later upload, and no statistic changes. The stream no longer matters.
  world.nowMs += 86_400_000;
  await world.run('again', [upload()]);
  await ingest([reading(12)]);
  expect(await fileVersion()).toBe('4');
  expect(world.statistics.items.get(day)).toMatchObject({ version: 3, statistics: settled });
});

test('a job tells how many of its readings are contested, however often it is merged', async () => {
  await ingest([reading(10), { ...reading(10), at: '2026-03-03T12:00:00Z' }]);
  const contradicting = [reading(12), { ...reading(9), at: '2026-03-03T12:00:00Z' }];
  const message = world.deliver('raw/2026/03/02/13/other', lines(...contradicting));
  await world.run('other', [message]);
  expect(world.jobs.contestedOf).toEqual(new Map([['other', { 'probes#0#2026-03#': 2 }]]));
  await world.run('other', [message]);
  expect(world.jobs.contestedOf.get('other')).toEqual({ 'probes#0#2026-03#': 2 });
});

test('a withdrawn reading takes its alert with it, and a day and month of nothing else count nothing', async () => {
  await ingest([reading(40)]);
  expect(world.topic.byKey()).toEqual({ [`${day}#hot`]: 1 });
  const gone = world.deliver(
    'raw/2026/03/02/14/gone',
    '{"dataset":"probes","sensorId":"a","timestamp":"2026-03-02T12:00:00Z","revision":1,"withdrawn":true}',
  );
  await world.run('gone', [gone]);
  const nothing = { count: 0, contested: 0, measures: {}, alerts: {} };
  expect(world.statistics.items.get(day)?.statistics).toEqual(nothing);
  expect(world.statistics.items.get(month)?.statistics).toEqual(nothing);
  expect(world.alerts.items.get(`${day}#hot`)?.content.withdrawn).toBe(true);
  // A higher revision brings it back.
  await ingest([reading(20, 2)]);
  expect(world.statistics.items.get(month)).toMatchObject({ statistics: { count: 1 } });
});

describe('a correction that removes a breach before its page was ever written leaves no alert', () => {
  /** The run writes the partition and the alert, and dies before the page, which is the one write after "create". */
  const dyingBeforePage = (): Around => {
    let created = false;
    return async (call, make) => {
      if (created) throw new Error('dead');
      created = call === 'create';
      return make();
    };
  };

  test.each([
    ['the page is not there yet', []],
    ['the page is as it was before the breach', [reading(10)]],
  ])('%s', async (_, before) => {
    if (before.length > 0) await ingest(before);
    await expect(ingest([reading(40, 1)], dyingBeforePage())).rejects.toThrow('dead');
    expect(world.alerts.items.get(`${day}#hot`)?.content.withdrawn).toBe(false);

    await ingest([reading(10, 2)]);
    // The page that was there said all that it had to say; nothing but the alert differed.
    expect(world.statistics.items.get(day)?.version).toBe(before.length > 0 ? 1 : 2);
    expect(world.alerts.items.get(`${day}#hot`)).toMatchObject({
      content: { withdrawn: true },
      state: 'sent',
    });
    // The next merge finds nothing to tell either.
    await ingest([reading(10, 2)]);
    expect(world.topic.notices).toEqual([]);

    // It holds again: nobody was told yet, so now somebody is.
    await ingest([reading(41, 3)]);
    expect(world.topic.byKey()).toEqual({ [`${day}#hot`]: 1 });
    // And once told, a second withdrawal and return are not news.
    await ingest([reading(10, 4)]);
    await ingest([reading(42, 5)]);
    expect(world.topic.byKey()).toEqual({ [`${day}#hot`]: 1 });
    expect(world.alerts.items.get(`${day}#hot`)?.content).toMatchObject({ worst: 42, withdrawn: false });
  });

  test('but a crash of a merge in between, or a retry of the dead run, does not bring it back', async () => {
    const breach = world.deliver('raw/2026/03/02/13/breach', lines(reading(40, 1)));
    await expect(world.run('breach', [breach], dyingBeforePage())).rejects.toThrow('dead');
    const correction = world.deliver('raw/2026/03/02/13/correction', lines(reading(10, 2)));
    await expect(
      world.run('correction', [correction], async (call, make) => {
        if (call === 'revise' || call === 'claim') throw new Error('dead');
        return make();
      }),
    ).rejects.toThrow('dead');
    await world.run('breach', [breach]);
    expect(world.alerts.items.get(`${day}#hot`)).toMatchObject({
      content: { withdrawn: true },
      state: 'sent',
    });
    expect(world.topic.notices).toEqual([]);
    expect(world.statistics.items.get(day)?.statistics).toMatchObject({ count: 1, alerts: {} });
  });
});

test('a partition that was deleted and rebuilt outgrows the versions of the statistics it has lost', async () => {
  for (let revision = 0; revision < 5; revision++) await ingest([reading(revision * 10, revision)]);
  expect(world.statistics.items.get(day)?.version).toBe(5);
  await world.objects.remove({ bucket: curatedBucket, key: file() });
  await ingest([reading(7)]);
  expect(await fileVersion()).toBe('6');
  expect(world.statistics.items.get(day)).toMatchObject({
    version: 6,
    statistics: { measures: { temperature: { sums: sumsOfValue(7) } } },
  });
  expect(world.alerts.items.get(`${day}#hot`)?.content.withdrawn).toBe(true);
  expect(world.statistics.items.get(month)).toMatchObject({
    statistics: { measures: { temperature: { sums: sumsOfValue(7) } } },
  });
});

test('a file without a version in its metadata, as copied by hand, gets one', async () => {
  await ingest([reading(10)]);
  const bytes = (await world.objects.read({ bucket: curatedBucket, key: file() }))?.bytes ?? new Uint8Array();
  world.objects.put(curatedBucket, file(), bytes, {});
  await ingest([reading(10)]);
  expect(await fileVersion()).toBe('1');
});

test('a rule that was changed reaches statistics and alerts when the readings are replayed', async () => {
  const stricter = defineDataset({
    ...definitionOf(probes),
    alerts: { hot: { measure: 'temperature', above: 9 } },
  });
  await ingest([reading(10)]);
  const sameReadings = world.deliver('raw/2026/03/02/13/again', lines(reading(10)));
  const replayed = Object.assign(new IngestWorld([stricter]), {
    objects: world.objects,
    statistics: world.statistics,
    alerts: world.alerts,
  });
  await replayed.run('replay', [sameReadings]);
  expect(replayed.topic.byKey()).toEqual({ [`${day}#hot`]: 1 });
  expect(world.statistics.items.get(day)?.statistics.alerts).toMatchObject({ hot: { count: 1, worst: 10 } });
  expect(world.statistics.items.get(month)?.statistics.alerts).toMatchObject({ hot: { count: 1 } });
});

test('a partition that never holds still ends in PartitionConflict, after pauses', async () => {
  await ingest([reading(10)]);
  let pauses = 0;
  const contested: Around = async (call, make) => {
    if (call === 'pause') pauses++;
    return call === 'writeIf' ? ('conflict' as Awaited<ReturnType<typeof make>>) : make(); // what writeIf answers
  };
  await expect(ingest([reading(11, 1)], contested)).rejects.toThrow(PartitionConflict);
  expect(pauses).toBe(9);
});

test('nothing stored of the statistics is read while the file is still on its way', async () => {
  await ingest([reading(10)]);
  let underWay = false;
  const readMeanwhile: string[] = [];
  await ingest([reading(11, 1)], async (call, make) => {
    if (underWay) readMeanwhile.push(call);
    if (call !== 'writeIf') return make();
    underWay = true;
    await new Promise((resolve) => setTimeout(resolve, 20)); // longer than one reading's statistics take
    const written = await make();
    underWay = false;
    return written;
  });
  expect(readMeanwhile).toEqual([]);
  expect(world.statistics.items.get(day)).toMatchObject({ version: 2, statistics: { count: 1 } });
});

describe('a partition without a sound file', () => {
  const hours = (from: number, to: number): Probe[] =>
    Array.from({ length: to - from }, (_, index) => ({
      ...reading(from + index),
      at: `2026-03-02T${String(from + index).padStart(2, '0')}:00:00Z`,
    }));
  const repair =
    /npm run caudal -- reconcile --stores --dataset probes --from 2026-03-02 --to 2026-03-02 --fix/;
  const lose = async () => world.objects.remove({ bucket: curatedBucket, key: file() });

  test('is not built of less than there was: the merge stops by name, and nothing is smaller', async () => {
    await ingest(hours(1, 4));
    const before = structuredClone(world.statistics.items.get(day));
    await lose();
    await expect(ingest(hours(5, 6))).rejects.toMatchObject({
      name: 'PartitionMissing',
      message: expect.stringMatching(repair),
    });
    expect(world.statistics.items.get(day)).toEqual(before);
    expect(world.objects.keys(curatedBucket, 'curated/dataset=probes/date=2026-03-02')).toEqual([]);
  });

  test('is built again of all that there was, and what came since', async () => {
    await ingest(hours(1, 4));
    await lose();
    await ingest(hours(1, 6));
    expect(world.statistics.items.get(day)).toMatchObject({ statistics: { count: 5 } });
  });

  test('is named when it can not be read, with what removes it and builds it again', async () => {
    await ingest(hours(1, 4));
    const key = file();
    world.objects.put(curatedBucket, key, 'no Parquet');
    const failed = expect(ingest(hours(5, 6))).rejects;
    await failed.toMatchObject({ name: 'PartitionUnreadable', message: expect.stringMatching(repair) });
    await expect(ingest(hours(5, 6))).rejects.toThrow(key);
    expect(world.objects.text(curatedBucket, key)).toBe('no Parquet');
  });
});

test('a month gets its first page from all of its days, those too that an earlier version left without pages', async () => {
  await ingest([reading(10), { ...reading(5), at: '2026-03-03T12:00:00Z' }]);
  await ingest([
    { ...reading(7), at: '2026-03-31T12:00:00Z' },
    { ...reading(7), at: '2026-04-01T12:00:00Z' },
  ]);
  const expected = structuredClone(world.statistics.items);
  world.statistics.pages.clear();
  await ingest([{ ...reading(5), at: '2026-03-03T12:00:00Z' }]); // a repeat
  const april = [...expected.keys()].filter((key) => key.includes('2026-04'));
  for (const key of april) expected.delete(key);
  const found = [...world.statistics.items].map(([key, { statistics }]) => [key, statistics] as const);
  expect(new Map(found)).toEqual(new Map([...expected].map(([key, { statistics }]) => [key, statistics])));
});
