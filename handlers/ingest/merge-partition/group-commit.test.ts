import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { bufferBytes, curatedBucket, IngestWorld } from '../../../test/support/ingest-world.ts';
import { lines, type Probe, probes } from '../../../test/support/probe-dataset.ts';

/** What waits for a unit is merged by one, once, for all jobs; and nothing that waits is lost or merged by nobody. */

let world: IngestWorld;
beforeEach(() => {
  world = new IngestWorld([probes]);
});

const on = (day: string, sensorId: string, temperature: number): Probe => ({
  ...{ sensorId, at: `2026-03-${day}T12:00:00Z`, temperature },
});

/** A job's parts, in the inbox. */
const stage = (jobId: string, ...readings: Probe[]) =>
  world.stage(jobId, [world.deliver(`raw/2026/03/31/13/${jobId}`, lines(...readings))]);

const versions = () =>
  Object.values(world.objects.fingerprints(curatedBucket, 'curated/dataset=probes/date=')).map((file) =>
    Number((file as { version: string }).version),
  );

describe('parts of several jobs', () => {
  test('are merged by one of them, each partition once; the others find theirs merged', async () => {
    const first = await stage('one', on('01', 'a', 1), on('02', 'a', 2));
    const second = await stage('two', on('01', 'a', 1), on('02', 'a', 3), on('03', 'a', 4));
    const [result] = await world.mergeRound(second.merge.pending);
    expect(result).toMatchObject({ merged: 1, mergedByOthers: 0, waiting: 0, ofOthers: 2, partitions: 3 });
    expect(result).toMatchObject({ added: 3, repeated: 1, contested: 1 });
    expect(versions()).toEqual([1, 1, 1]);
    expect(world.inbox.waiting()).toEqual({});
    const [found] = await world.mergeRound(first.merge.pending);
    expect(found).toMatchObject({ merged: 1, mergedByOthers: 1, partitions: 0, added: 0 });
    expect(await world.functions().awaitMerges({ jobId: 'one' })).toMatchObject({ count: 0 });
    expect(versions()).toEqual([1, 1, 1]);
  });

  test('that can not be read are left to their own job, which fails with them; the rest is merged', async () => {
    const lost = await stage('lost', on('01', 'a', 1));
    for (const key of world.objects.keys(curatedBucket, 'staging/lost/parts/')) {
      await world.objects.remove({ bucket: curatedBucket, key });
    }
    const other = await stage('other', on('01', 'a', 2), on('02', 'a', 2));
    const [result] = await world.mergeRound(other.merge.pending);
    expect(result).toMatchObject({ merged: 1, added: 2, ofOthers: 0 });
    expect(Object.values(world.inbox.waiting()).flat()).toMatchObject([{ jobId: 'lost' }]);
    await expect(world.mergeRound(lost.merge.pending)).rejects.toMatchObject({ name: 'StagingMissing' });
  });

  test('that are put again while they are merged are merged again, not lost', async () => {
    const { merge } = await stage('one', on('01', 'a', 1));
    let isAgain = false;
    const [result] = await world.mergeRound(merge.pending, async (call, make) => {
      if (call === 'writeIf' && !isAgain) {
        isAgain = true;
        world.nowMs += 1;
        await stage('one', on('01', 'a', 1), on('02', 'a', 1));
      }
      return make();
    });
    expect(isAgain).toBe(true);
    expect(result).toMatchObject({ merged: 1, added: 2, repeated: 1 });
    expect(world.inbox.waiting()).toEqual({});
  });
});

describe('a unit that somebody holds', () => {
  test('is left alone until the lease is given back or lapses, and nothing fails', async () => {
    const { merge } = await stage('one', on('01', 'a', 1));
    const unit = { dataset: 'probes', shard: 0, month: '2026-03' };
    const holding = { owner: 'dead', nowMs: world.nowMs, untilMs: world.nowMs + 45_000 };
    expect(await world.inbox.take(unit, holding)).toBe(true);
    expect(await world.mergeRound(merge.pending)).toMatchObject([{ merged: 0, waiting: 1, partitions: 0 }]);
    const pending = await world.functions().awaitMerges({ jobId: 'one' });
    expect(pending).toMatchObject({ count: 1, waitSeconds: 3 });
    const rounds = await world.merge('one', pending);
    expect(rounds.at(-1)).toMatchObject({ merged: 1, added: 1 });
    expect(world.nowMs).toBeGreaterThanOrEqual(holding.untilMs);
  });

  test('is free at once for the job that held it when it died', async () => {
    const { merge } = await stage('one', on('01', 'a', 1));
    const unit = { dataset: 'probes', shard: 0, month: '2026-03' };
    await world.inbox.take(unit, { owner: 'one', nowMs: world.nowMs, untilMs: world.nowMs + 45_000 });
    expect(await world.mergeRound(merge.pending)).toMatchObject([{ merged: 1, added: 1 }]);
  });
});

describe('parts that are to come', () => {
  test('are waited for, by how long the last merge took, and no longer than they are announced', async () => {
    const { merge } = await stage('one', on('01', 'a', 1));
    await world.inbox.announce('two', world.nowMs + 300_000);
    expect(await world.mergeRound(merge.pending)).toMatchObject([{ merged: 0, waiting: 1 }]);
    expect(await world.functions().awaitMerges({ jobId: 'one' })).toMatchObject({ count: 1, waitSeconds: 2 });
    const two = await stage('two', on('02', 'a', 1));
    expect(await world.mergeRound(merge.pending)).toMatchObject([{ merged: 1, added: 2, ofOthers: 1 }]);
    expect(await world.mergeRound(two.merge.pending)).toMatchObject([{ merged: 1, mergedByOthers: 1 }]);
    expect(versions()).toEqual([1, 1]);
  });

  test('of objects that no job has taken so far are waited for as well, the longer the more days wait', async () => {
    const days = Array.from({ length: 20 }, (_, day) => on(String(day + 1).padStart(2, '0'), 'a', 1));
    const { merge } = await stage('one', ...days);
    world.areObjectsWaiting = true;
    expect(await world.mergeRound(merge.pending)).toMatchObject([{ merged: 0, waiting: 1 }]);
    expect(await world.functions().awaitMerges({ jobId: 'one' })).toMatchObject({ count: 1, waitSeconds: 4 });
    world.areObjectsWaiting = false;
    expect(await world.mergeRound(merge.pending)).toMatchObject([{ merged: 1, added: 20 }]);
  });

  const full = `${'x'.repeat(999)}\n`.repeat(Math.ceil(bufferBytes / 1_000));
  /** An object whose first record came so many seconds ago. */
  const put = (jobId: string, junk: string, seconds = 30) => {
    const began = new Date(world.nowMs - seconds * 1_000).toISOString().slice(0, 19).replace(/[T:]/g, '-');
    const key = `raw/2026/04/01/00/caudal-1-${began}-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9-${jobId}.gz`;
    return world.stage(jobId, [world.deliver(key, gzipSync(junk + lines(on('01', jobId, 1))))]);
  };

  test('of a stream that fills an object within a minute are waited for, a minute at most, or until one is not full', async () => {
    const { merge } = await put('one', full);
    expect(await world.mergeRound(merge.pending)).toMatchObject([{ merged: 0, waiting: 1 }]);
    expect(await world.functions().awaitMerges({ jobId: 'one' })).toMatchObject({ waitSeconds: 60 });
    world.nowMs += 40_000;
    const two = await put('two', full);
    expect(await world.mergeRound(two.merge.pending)).toMatchObject([{ merged: 0, waiting: 1 }]);
    world.nowMs += 20_000;
    expect(await world.mergeRound(merge.pending)).toMatchObject([{ merged: 1, added: 2, ofOthers: 1 }]);
    const three = await put('three', full);
    expect(await world.mergeRound(three.merge.pending)).toMatchObject([{ merged: 0, waiting: 1 }]);
    world.nowMs += 1_000;
    const last = await put('last', '');
    expect(await world.mergeRound(last.merge.pending)).toMatchObject([{ merged: 1, added: 2, ofOthers: 1 }]);
  });

  test('are not waited for where an object took longer to be full, or somebody uploaded one that large', async () => {
    const { merge } = await put('slow', full, 61);
    expect(await world.mergeRound(merge.pending)).toMatchObject([{ merged: 1, added: 1 }]);
    const rows = lines(on('01', 'a', 1)).repeat(Math.ceil(bufferBytes / 60));
    const { merged } = await world.run('upload', [world.deliver('landing/probes/a.ndjson', rows)]);
    expect(merged).toMatchObject([{ merged: 1, added: 1 }]);
  });

  test('of a job that failed before they came hold a merge up by seconds, not for good', async () => {
    await world.inbox.announce('failed', world.nowMs + 300_000);
    const before = world.nowMs;
    const { merged } = await world.run('one', [
      world.deliver('raw/2026/03/31/13/x', lines(on('01', 'a', 1))),
    ]);
    expect(merged.at(-1)).toMatchObject({ merged: 1, added: 1 });
    expect(world.nowMs - before).toBeLessThanOrEqual(3_000);
  });
});

test('a merge that runs out of time says how far it came, and the next goes on from there', async () => {
  const days = Array.from({ length: 12 }, (_, index) => on(String(index + 1).padStart(2, '0'), 'a', index));
  const { merge } = await stage('one', ...days);
  let writes = 0;
  const [cut] = await world.mergeRound(
    merge.pending,
    async (call, make) => {
      if (call === 'writeIf') writes++;
      return make();
    },
    () => (writes < 3 ? 40_000 : 1_000),
  );
  expect(cut).toMatchObject({ merged: 0, waiting: 1 });
  expect(cut?.partitions).toBeLessThan(12);
  const [parts] = Object.values(world.inbox.waiting()).flat();
  expect(parts?.mergedThrough).toBe(`2026-03-${String(cut?.partitions).padStart(2, '0')}`);
  const [rest] = await world.mergeRound(merge.pending);
  expect(rest).toMatchObject({ merged: 1, partitions: 12 - (cut?.partitions ?? 0) });
  expect(versions()).toEqual(days.map(() => 1));
  expect(world.statistics.items.get('probes#a#2026-03')).toMatchObject({ statistics: { count: 12 } });
});

describe('what a merge tells of itself', () => {
  test('is what it counted, once its parts wait no more, with how fresh the dataset is', async () => {
    const { merge } = await stage('one', on('01', 'a', 1), on('02', 'a', 2));
    world.nowMs += 60_000;
    const waited: number[] = [];
    const { push } = world.measured;
    world.measured.push = (...measured) => {
      waited.push(Object.values(world.inbox.waiting()).flat().length);
      return push.apply(world.measured, measured);
    };
    const [result] = await world.mergeRound(merge.pending);
    const [counts, fresh, ...more] = world.measured;
    expect(more).toEqual([]);
    expect(counts).toEqual({
      values: {
        ...{ AddedReadings: result?.added, ReplacedReadings: 0, RepeatedReadings: 0, SupersededReadings: 0 },
        ...{ ContestedReadings: 0, MergeConflicts: 0, Alerts: 0 },
      },
      dataset: undefined,
    });
    const newest = Date.parse('2026-03-02T12:00:00Z');
    expect(fresh).toEqual({
      values: { ReadingAge: (world.nowMs - newest) / 1_000, ArrivalDelay: 60 },
      dataset: 'probes',
    });
    expect(waited).toEqual([0, 0]);
  });

  test('has the times that somebody else changed a partition under it', async () => {
    const { merge } = await stage('one', on('01', 'a', 1));
    let conflicts = 2;
    await world.mergeRound(merge.pending, async (call, make) =>
      call === 'writeIf' && conflicts-- > 0 ? ('conflict' as Awaited<ReturnType<typeof make>>) : make(),
    );
    expect(world.measured[0]?.values).toMatchObject({ AddedReadings: 1, MergeConflicts: 2 });
  });

  test('of readings that came before says that they repeat, and of a replay nothing of freshness', async () => {
    const body = lines(on('01', 'a', 1));
    await world.run('one', [world.deliver('raw/2026/03/31/13/one', body)]);
    world.measured.length = 0;
    await world.run('again', { replay: { dataset: 'probes' } });
    expect(world.measured).toMatchObject([{ values: { AddedReadings: 0, RepeatedReadings: 1 } }]);
  });
});
