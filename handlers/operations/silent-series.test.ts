import { expect, test } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { partitionKey, splitByPartition } from '../../core/partition/partition.ts';
import { encodePartition } from '../../core/partition/partition-file.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import { localDay } from '../../core/time/calendar.ts';
import { definitionOf } from '../../test/support/definition-of.ts';
import { MemoryObjects } from '../../test/support/memory-objects.ts';
import { MemoryStatisticsQueries } from '../../test/support/memory-queries.ts';
import { silentSeries } from './silent-series.ts';

const dataset = defineDataset({
  name: 'air',
  timeZone: 'Europe/Madrid',
  shards: 3,
  measures: { temperature: { unit: '°C', min: -50, max: 60 } },
  expectedEvery: '15 minutes',
});
const quiet = defineDataset({ ...definitionOf(dataset), name: 'quiet', expectedEvery: '7 days' });
const undeclared = defineDataset({
  ...{ name: 'undeclared', timeZone: 'UTC', shards: 1 },
  measures: { temperature: { unit: '°C', min: -50, max: 60 } },
});

const minuteMs = 60_000;
const dayMs = 86_400_000;
// Shortly after midnight in Madrid: the days that count are two.
const nowMs = Date.parse('2026-03-01T23:20:00Z');

/** Asks of a dataset with these series; `asked` has the partitions that were read. */
function world(of: typeof dataset, lastReadings: Readonly<Record<string, number>>, asked: string[] = []) {
  const [objects, statistics, builder] = [
    new MemoryObjects(),
    new MemoryStatisticsQueries(),
    new ColumnsBuilder(of),
  ];
  for (const [sensorId, agoMs] of Object.entries(lastReadings)) {
    const timestampMs = nowMs - agoMs;
    builder.add({ sensorId, timestampMs, revision: 0, values: [1], attributes: [] });
    const day = localDay(of.timeZone, timestampMs);
    for (const period of [day, day.slice(0, 7)])
      statistics.rows.push({
        ...{ dataset: of.storageName, version: 1, sensorId, period },
        statistics: { contested: 0, count: 1, measures: {}, alerts: {} },
      });
  }
  for (const { id, columns } of splitByPartition(of, builder.build()))
    objects.put('curated', partitionKey(of, id), encodePartition(of, id, columns));
  return silentSeries(
    {
      ...{ statistics, curatedBucket: 'curated' },
      curated: {
        read(of) {
          asked.push(of.key);
          return objects.read(of);
        },
      },
      storedDays: async (each) => [
        ...new Set(splitByPartition(each, builder.build()).map(({ id }) => id.day)),
      ],
    },
    [of, undeclared],
    nowMs,
  );
}

test('a series is silent after three of its intervals, until it has been away for so long that it has ended', async () => {
  const silent = await world(dataset, {
    now: 0,
    'ahead of now': -10 * minuteMs,
    'almost late': 45 * minuteMs,
    'just late': 46 * minuteMs,
    'late for days': 5 * dayMs,
    ended: 40 * dayMs,
    'long gone': 400 * dayMs,
  });
  expect(silent).toEqual([
    {
      dataset: 'air',
      sensors: [
        { sensorId: 'just late', lastDay: '2026-03-01' },
        { sensorId: 'late for days', lastDay: '2026-02-25' },
      ],
    },
  ]);
});

test('what reports once a week is waited for as long', async () => {
  const silent = await world(quiet, {
    fine: 20 * dayMs,
    silent: 22 * dayMs,
    old: 60 * dayMs,
    ended: 80 * dayMs,
  });
  expect(silent[0]?.sensors.map(({ sensorId }) => sensorId)).toEqual(['old', 'silent']);
});

test('a dataset of which nothing came lately is passed over', async () => {
  expect(await world(dataset, { ended: 400 * dayMs })).toEqual([]);
});

test('days without a partition are not asked for', async () => {
  const asked: string[] = [];
  await world(quiet, { fine: 20 * dayMs, silent: 22 * dayMs }, asked);
  // Of 23 days one has partitions, of which there are as many as shards.
  expect(asked.map((key) => /date=([\d-]+)/.exec(key)?.[1])).toEqual(
    new Array(quiet.shards).fill(localDay(quiet.timeZone, nowMs - 20 * dayMs)),
  );
});
