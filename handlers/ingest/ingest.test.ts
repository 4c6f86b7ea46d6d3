import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { addSums, sumsOfValue } from '../../core/statistics/exact-sums.ts';
import waterTemperature from '../../datasets/water-temperature.ts';
import { curatedBucket, IngestWorld, rawBucket } from '../../test/support/ingest-world.ts';
import { lines, probes } from '../../test/support/probe-dataset.ts';

const cool = { sensorId: 'a', at: '2026-03-01T12:00:00Z', temperature: 10 };
const hot = { sensorId: 'a', at: '2026-03-02T12:00:00Z', temperature: 35 };
const other = { sensorId: 'b', at: '2026-03-01T12:00:00Z', temperature: 20, humidity: 50 };

test('readings become partitions, statistics, one notice an alert, and an account', async () => {
  const world = new IngestWorld([probes]);
  const first = world.deliver(
    'raw/2026/03/02/13/x.gz',
    gzipSync(`${lines(cool, hot)}{"dataset":"probes"}\nnonsense\n`),
  );
  const second = world.deliver('raw/2026/03/02/13/y', lines(other, cool));
  const ran = await world.run('job-1', [first, second, first]);

  expect(ran.plan).toMatchObject({ segments: 2, repeated: 1, ignored: 0 });
  expect(ran.merge.totals).toEqual({
    segments: 2,
    failedSegments: 0,
    lines: 6,
    valid: 4,
    rejected: 2,
    dropped: 0,
    refused: 0,
    unterminated: 0,
  });
  const sums: Record<string, number> = {};
  for (const child of ran.merged) {
    for (const [name, count] of Object.entries(child)) sums[name] = (sums[name] ?? 0) + count;
  }
  const counts = { added: 3, replaced: 0, repeated: 1, superseded: 0, contested: 0, contestedNow: 0 };
  expect(sums).toEqual({
    merged: 2,
    mergedByOthers: 0,
    conflicts: 0,
    waiting: 0,
    ofOthers: 0,
    partitions: 3,
    ...counts,
    alerts: 1,
  });
  expect(ran.finish).toMatchObject({ state: 'Completed', sent: 1, withdrawn: 0 });
  expect(world.jobs.jobs.get('job-1')?.state).toBe('Completed');
  expect(world.events.events).toEqual([
    { jobId: 'job-1', executionArn: 'arn:job-1', totals: ran.merge.totals },
  ]);
  expect(world.topic.notices).toEqual([
    {
      subject: 'Caudal: hot at a (probes) on 2026-03-02',
      message: JSON.stringify({
        key: 'probes#a#2026-03-02#hot',
        dataset: 'probes',
        sensorId: 'a',
        day: '2026-03-02',
        rule: 'hot',
        measure: 'temperature',
        threshold: 30,
        count: 1,
        worst: 35,
        worstAt: '2026-03-02T12:00:00.000Z',
      }),
      attributes: { dataset: 'probes', rule: 'hot' },
    },
  ]);

  const month = world.statistics.items.get('probes#a#2026-03');
  expect(month).toMatchObject({
    statistics: {
      count: 2,
      measures: { temperature: { sums: addSums([sumsOfValue(10), sumsOfValue(35)]) } },
    },
  });
  expect(world.objects.keys(curatedBucket, 'curated/')).toEqual([
    'curated/dataset=probes/_layout.json',
    'curated/dataset=probes/date=2026-03-01/shard=0.parquet',
    'curated/dataset=probes/date=2026-03-01/shard=1.parquet',
    expect.stringMatching(/^curated\/dataset=probes\/date=2026-03-02\/shard=[01]\.parquet$/),
  ]);

  const [account] = [...world.jobs.ledger.values()].filter(({ rejectsKey }) => rejectsKey);
  expect(account).toMatchObject({
    lines: 4,
    valid: 2,
    rejected: { 'not-json': 1, 'missing-field': 1 },
    attempts: 1,
  });
  const rejects =
    world.objects
      .text(curatedBucket, account?.rejectsKey ?? '')
      ?.trimEnd()
      .split('\n') ?? [];
  expect(rejects.map((text) => JSON.parse(text))).toEqual([
    expect.objectContaining({
      ...account?.segment,
      line: 3,
      reason: 'missing-field',
      text: '{"dataset":"probes"}',
    }),
    expect.objectContaining({ line: 4, reason: 'not-json', text: 'nonsense' }),
  ]);
});

test('delivered again, nothing is written but the job', async () => {
  const world = new IngestWorld([probes]);
  const messages = [world.deliver('raw/2026/03/02/13/x', lines(cool, hot, other))];
  await world.run('job-1', messages);
  const before = world.state();
  const writes: string[] = [];
  const { merged, finish } = await world.run('job-2', messages, (call, make) => {
    if (['writeIf', 'create', 'revise', 'publish', 'close'].includes(call)) writes.push(call);
    return make();
  });
  expect(writes).toEqual([]);
  const { ledger: _, jobs: __, segments: ___, ...kept } = before;
  expect(world.state()).toMatchObject(kept);
  expect(finish.sent).toBe(0);
  expect(merged.reduce((sum, { repeated }) => sum + repeated, 0)).toBe(3);
});

test('one failing segment fails alone, is counted and named', async () => {
  const world = new IngestWorld([probes]);
  const good = world.deliver('raw/2026/03/02/13/good', lines(cool));
  const gone = { body: good.body.replace('/good', '/gone') };
  const { merge, finish } = await world.run('job-1', [gone, good]);
  expect(merge.totals).toEqual({
    segments: 2,
    failedSegments: 1,
    lines: 1,
    valid: 1,
    rejected: 0,
    dropped: 0,
    refused: 0,
    unterminated: 0,
  });
  const key = 'raw/2026/03/02/13/gone';
  expect(merge.failed).toEqual([{ item: key, error: 'SegmentMissing', cause: expect.stringContaining(key) }]);
  expect(finish).toMatchObject({
    state: 'Failed',
    failure: {
      Error: 'SegmentsFailed',
      Cause: expect.stringMatching(`^1 of 2 segments failed: ${key}: SegmentMissing: .*gone`),
    },
  });
  expect(world.jobs.jobs.get('job-1')?.state).toBe('Processing');
  expect(world.events.events).toEqual([]);
  expect(world.statistics.items.get('probes#a#2026-03')?.statistics.count).toBe(1);
});

test('an empty plan and segments without a valid line are fine', async () => {
  const world = new IngestWorld([probes]);
  const empty = await world.run('job-1', []);
  expect(empty.plan.segments).toBe(0);
  expect(empty.merge).toMatchObject({ pending: { count: 0 }, totals: { segments: 0 } });
  const { merge } = await world.run('job-2', [world.deliver('raw/2026/03/02/13/x', '')]);
  expect(merge).toMatchObject({
    pending: { count: 0 },
    totals: { segments: 1, lines: 1, valid: 0, rejected: 1 },
  });
});

test('a segment that is now sound leaves no stale rejects', async () => {
  const world = new IngestWorld([probes]);
  await world.run('job-1', [world.deliver('raw/2026/03/02/13/x', 'nonsense\n')]);
  const [key = ''] = world.objects.keys(curatedBucket, 'rejects/');
  expect(key).toMatch(/^rejects\/[0-9a-f]{32}\.ndjson$/);

  // What a later parser would make of the segment: here another version stands in for it, under the segment's id.
  const segmentId = key.slice('rejects/'.length, -'.ndjson'.length);
  const versionId = world.objects.put(rawBucket, 'raw/2026/03/02/13/x', lines(cool));
  const task = { bucket: rawBucket, key: 'raw/2026/03/02/13/x', versionId, size: 1, run: 'job-2' };
  await world.functions().validateSegment({ jobId: 'job-2', segmentId, ...task });
  expect(world.objects.keys(curatedBucket, 'rejects/')).toEqual([]);
  expect(world.jobs.ledger.get(segmentId)).toMatchObject({ attempts: 2, lines: 1, rejected: {} });
});

test('files whose last row no newline ends are counted', async () => {
  const world = new IngestWorld([waterTemperature]);
  const table = 'Fecha,Medida,Desviaciones\n2024/1/23,12.5,0.9';
  const files = [table, `${table}\n`, `${table}\n2024/1/24,12.5`];
  const messages = files.map((text, at) => world.deliver(`landing/water-temperature/${at}.csv`, text));
  const { merge } = await world.run('job', messages);
  expect(merge.totals).toMatchObject({ segments: 3, lines: 4, rejected: 1, unterminated: 1 });
});
