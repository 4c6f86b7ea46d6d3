import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineDataset } from '../../../core/dataset/dataset.ts';
import { definitionOf } from '../../../test/support/definition-of.ts';
import { curatedBucket, IngestWorld } from '../../../test/support/ingest-world.ts';
import { lines, probes } from '../../../test/support/probe-dataset.ts';
import type { SegmentTask } from '../state-inputs.ts';
import {
  groupByUnit,
  maxPartitionsPerChild,
  maxRowsPerChild,
  packUnits,
  type StagedPart,
} from './pack-units.ts';
import { createPlanMerge } from './plan-merge.ts';

const part = (day: string, overrides: Partial<StagedPart> = {}): StagedPart => ({
  dataset: 'probes',
  day,
  shard: 0,
  key: 'staging/j/parts/s',
  start: 0,
  end: 10,
  rows: 1,
  ...overrides,
});
const days = (count: number): string[] =>
  Array.from({ length: count }, (_, day) => new Date(Date.UTC(2016, 0, 1 + day)).toISOString().slice(0, 10));

const grouped = (parts: StagedPart[]) => groupByUnit(parts, (name) => `${name}@2`);

describe('grouping', () => {
  test('every part is in exactly one unit, and the order of the parts makes no difference', () => {
    const staged = fc.record({
      dataset: fc.constantFrom('probes', 'others'),
      day: fc.constantFrom(...days(300)),
      shard: fc.integer({ min: 0, max: 2 }),
      key: fc.constantFrom('x', 'y', 'z'),
      start: fc.nat(1e6),
      rows: fc.integer({ min: 1, max: maxRowsPerChild * 1.5 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(staged, { selector: ({ key, start }) => `${key}${start}`, maxLength: 300 }),
        (list) => {
          const parts = list.map((one) => ({ ...one, end: one.start + 1 }));
          const units = grouped(parts);
          expect(grouped([...parts].reverse())).toEqual(units);
          const ids = units.map(({ unit }) => JSON.stringify(unit));
          expect(new Set(ids).size).toBe(ids.length);
          const back = units.flatMap(({ unit, days: ofUnit }) =>
            ofUnit.flatMap(({ day, parts: ranges }) => {
              expect(day.slice(0, 7)).toBe(unit.month);
              return ranges.map((range) => ({ dataset: unit.dataset, day, shard: unit.shard, ...range }));
            }),
          );
          const order = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
          const plain = parts.map(({ dataset, day, shard, key, start, end, rows }) => ({
            ...{ dataset: `${dataset}@2`, day, shard, key, start, end, rows },
          }));
          expect(back.sort(order)).toEqual(plain.sort(order));
          for (const { rows, days: ofUnit } of units) {
            const sum = ofUnit.flatMap((day) => day.parts).reduce((n, range) => n + range.rows, 0);
            expect(rows).toBe(sum);
          }

          const children = packUnits(units);
          expect(children.flat()).toEqual(units.map(({ unit }) => unit));
          for (const child of children) {
            const inChild = units.filter(({ unit }) => child.includes(unit));
            const rows = inChild.reduce((sum, one) => sum + one.rows, 0);
            const partitions = inChild.reduce((sum, one) => sum + one.days.length, 0);
            expect(partitions <= maxPartitionsPerChild && rows <= maxRowsPerChild).toBe(
              child.length > 1 || (rows <= maxRowsPerChild && partitions <= maxPartitionsPerChild),
            );
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test('ten years of daily readings are 120 months for 30 children', () => {
    const units = grouped(days(3653).map((day) => part(day)));
    expect(units.length).toBe(120);
    expect(packUnits(units).length).toBe(30);
  });
});

describe('planning', () => {
  const message = { sensorId: 'a', at: '2026-03-02T12:00:00Z', temperature: 1 };
  const unit = { dataset: 'probes', shard: 0, month: '2026-03' };

  test('the layout is written down first, and a changed one is refused with the way out', async () => {
    const world = new IngestWorld([probes]);
    await world.run('job-1', [world.deliver('raw/2026/03/02/13/x', lines(message))]);
    expect(world.objects.text(curatedBucket, 'curated/dataset=probes/_layout.json')).toBe(
      '{"timeZone":"Europe/Madrid","shards":2}',
    );
    const changed = Object.assign(new IngestWorld([defineDataset({ ...definitionOf(probes), shards: 3 })]), {
      objects: world.objects,
    });
    const again = changed.deliver('raw/2026/03/02/14/x', lines(message));
    await expect(changed.run('job-2', [again])).rejects.toMatchObject({
      name: 'DatasetLayoutChanged',
      message: expect.stringContaining('set generation to 2 and replay'),
    });
    const renewed = Object.assign(
      new IngestWorld([defineDataset({ ...definitionOf(probes), shards: 3, generation: 2 })]),
      {
        objects: world.objects,
      },
    );
    await renewed.run('job-3', [again]);
    expect(renewed.statistics.items.has('probes@2#a#2026-03')).toBe(true);
  });

  test('children that failed or never ended are counted, and at most 20 named', async () => {
    const world = new IngestWorld([probes]);
    const failed = Array.from({ length: 25 }, (_, n) => ({
      Input: JSON.stringify({ key: `raw/${n}` }),
      Output: JSON.stringify({ segmentId: `${n}`, state: 'Failed', error: 'SegmentMissing', cause: 'no' }),
    }));
    const ended = [{ Input: JSON.stringify({ key: 'raw/late' }), Error: 'States.Timeout', Cause: '' }];
    const results = world.writeResults('staging/j/validated', {
      SUCCEEDED: failed.slice(0, 19),
      FAILED: [...ended, ...failed.slice(19)],
    });
    const plan = await world.functions().planMerge({ jobId: 'j', results });
    expect(plan.totals).toMatchObject({ segments: 26, failedSegments: 26 });
    expect(plan.failed).toHaveLength(20);
    expect(plan.failed[0]).toEqual({ item: 'raw/0', error: 'SegmentMissing', cause: 'no' });
    expect(plan.failed.at(-1)).toEqual({ item: 'raw/late', error: 'States.Timeout', cause: '' });
  });

  test('segments that were throttled get another round, and nothing is planned before it; then it is as if they never had been', async () => {
    const world = new IngestWorld([probes]);
    const delivered = ['x', 'y', 'z'].map((name, n) =>
      world.deliver(`raw/2026/03/02/13/${name}`, lines({ ...message, sensorId: name, temperature: n })),
    );
    const { planIngest, validateSegment, planMerge } = world.functions();
    const startedAt = new Date(world.nowMs).toISOString();
    const plan = await planIngest({ jobId: 'j', executionArn: 'arn:j', startedAt, input: delivered });
    const tasksOf = ({ bucket, key }: { bucket: string; key: string }): SegmentTask[] =>
      JSON.parse(world.objects.text(bucket, key) ?? '');
    const round = async (number: number, tasks: SegmentTask[], refused: number) => {
      const children = [];
      for (const [n, task] of tasks.entries()) {
        const child = n < refused ? { state: 'Throttled', task } : await validateSegment(task);
        children.push({ Input: JSON.stringify(task), Output: JSON.stringify(child) });
      }
      return world.writeResults(`staging/j/validated-${number}`, { SUCCEEDED: children });
    };

    let tasks = tasksOf(plan.manifest);
    let earlier: string[] = [];
    for (const left of [2, 1]) {
      world.nowMs += 200_000;
      const results = await round(left, tasks, left);
      const request = { jobId: 'j', results, earlier, startedAt };
      const { again, pending } = await planMerge(request);
      expect(await planMerge(request)).toMatchObject({ again });
      expect(pending.count).toBe(0);
      expect(await world.inbox.waitingOf('j', [unit])).toEqual([false]);
      if (!('manifest' in again)) throw new Error('no round for what was throttled');
      expect(again).toMatchObject({ count: left, waitSeconds: left === 2 ? 10 : 20 });
      tasks = tasksOf(again.manifest);
      earlier = again.earlier;
    }
    const results = await round(0, tasks, 0);
    const { again, totals } = await planMerge({ jobId: 'j', results, earlier, startedAt });
    expect(again).toEqual({ count: 0 });
    expect(totals).toMatchObject({ segments: 3, lines: 3, valid: 3, failedSegments: 0 });
    expect(await world.inbox.waitingOf('j', [unit])).toEqual([true]);
  });

  test('a result that is not there, or not what was agreed, says which object', async () => {
    const world = new IngestWorld([probes]);
    const planMerge = createPlanMerge({
      objects: world.objects,
      jobs: world.jobs,
      inbox: world.inbox,
      clock: { nowMs: () => 0 },
      curatedBucket,
      bufferBytes: 2 ** 20,
      datasets: [probes],
    });
    const results = { Bucket: curatedBucket, Key: 'staging/j/validated/manifest.json' };
    await expect(planMerge({ jobId: 'j', results })).rejects.toMatchObject({
      name: 'StagingMissing',
      message: 's3://curated/staging/j/validated/manifest.json',
    });
    const odd = world.writeResults('staging/j/validated', {
      SUCCEEDED: [{ Output: '{"state":"Completed"}' }],
    });
    await expect(planMerge({ jobId: 'j', results: odd })).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(/SUCCEEDED_0\.json[\s\S]*segmentId/),
    });
  });
});
