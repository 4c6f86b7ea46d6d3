import { expect, test } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { partitionKey, splitByPartition } from '../../core/partition/partition.ts';
import { encodePartition } from '../../core/partition/partition-file.ts';
import type { Columns } from '../../core/set/columns.ts';
import { union } from '../../core/set/union.ts';
import { statisticsByDay } from '../../core/statistics/statistics.ts';
import { MemoryObjects } from '../../test/support/memory-objects.ts';
import { MemoryStatisticsQueries } from '../../test/support/memory-queries.ts';
import { setOf } from '../../test/support/parse-bytes.ts';
import { ArrivedSpans, contestedReadings } from './contested-readings.ts';
import { newestReadings } from './newest-readings.ts';

const air = defineDataset({
  name: 'air',
  timeZone: 'Europe/Madrid',
  shards: 3,
  measures: { temperature: { unit: '°C', min: -50, max: 60 } },
});
const at = (text: string) => Date.parse(`2026-${text}Z`);
const set = (...readings: (readonly [sensorId: string, at: string, value: number])[]) =>
  setOf(
    air,
    readings.map(([sensorId, text, value]) => ({
      ...{ sensorId, timestampMs: at(text), revision: 0 },
      ...{ values: [value], attributes: [] },
    })),
  );

/** Partitions and days, and months of what is in them. */
function stored(columns: Columns) {
  const curated = new MemoryObjects();
  const statistics = new MemoryStatisticsQueries();
  const days = new Set<string>();
  for (const { id, columns: of } of splitByPartition(air, columns)) {
    curated.put('curated', partitionKey(air, id), encodePartition(air, id, of));
    days.add(id.day);
    for (const [sensorId, found] of statisticsByDay(air, of))
      for (const period of [id.day, id.day.slice(0, 7)])
        statistics.rows.push({ dataset: 'air', sensorId, period, statistics: found });
  }
  return { ports: { statistics, curated, curatedBucket: 'curated' }, days: [...days].sort() };
}

test('contested readings are counted on the days of what arrived lately, with the first one of a series', async () => {
  const { ports, days } = stored(
    union(
      air,
      set(
        ['a', '03-01T10:00', 1],
        ['a', '03-01T11:00', 1],
        ['b', '03-01T10:00', 1],
        ['a', '03-02T10:00', 1],
        ['a', '03-09T10:00', 1],
      ),
      set(['a', '03-01T11:00', 2], ['a', '03-02T10:00', 2], ['a', '03-09T10:00', 2]),
    ).columns,
  );
  const arrived = new ArrivedSpans();
  const holding = (from: string, to: string) => ({
    ...{ dataset: 'air', readings: 1, fromMs: at(from), toMs: at(to) },
  });
  // The local day begins an hour before the one of UTC.
  arrived.add(holding('03-01T23:30', '03-02T10:00'), { isLastHour: true });
  arrived.add(holding('03-01T10:00', '03-01T22:59'), { isLastHour: false });
  const touched = arrived.daysOf(air, days);
  expect(touched).toEqual({ lastHour: ['2026-03-02'], lastDay: ['2026-03-01', '2026-03-02'] });
  expect(await contestedReadings(ports, air, touched)).toEqual({
    dataset: 'air',
    lastHour: { readings: 1, contested: 1 },
    lastDay: { readings: 4, contested: 2 },
    series: [{ sensorId: 'a', readings: 3, contested: 2, firstMs: at('03-01T11:00') }],
    seriesCount: 1,
  });
});

test('of many days the months are asked for', async () => {
  const dayOf = (index: number) =>
    new Date(at('01-01T12:00') + index * 86_400_000).toISOString().slice(5, 16);
  const days = Array.from({ length: 70 }, (_, index) => dayOf(index));
  const both = union(
    air,
    set(...days.map((text) => ['a', text, 1] as const)),
    set(['a', dayOf(40), 2] as const),
  );
  const { ports, days: all } = stored(both.columns);
  const found = await contestedReadings(ports, air, { lastHour: [], lastDay: all });
  expect(found).toMatchObject({ lastDay: { readings: 70, contested: 1 }, seriesCount: 1 });
  expect(found.series[0]?.firstMs).toBe(at(dayOf(40)));
  expect(ports.statistics.reads).toBe(3 * 3);
});

test('the newest reading of a dataset, and those of series that are ahead of now', async () => {
  const nowMs = at('03-02T12:00');
  const of = (columns: Columns) => {
    const { ports, days } = stored(columns);
    return newestReadings(ports, air, { days, nowMs });
  };
  const old = set(['a', '02-01T10:00', 1], ['b', '02-02T10:00', 1]);
  const newest = { dataset: 'air', timestampMs: at('02-02T10:00'), sensorId: 'b', ahead: [] };
  expect(await of(old)).toEqual(newest);
  const ahead = set(
    ['a', '03-02T12:01', 1],
    ['a', '03-02T12:02', 1],
    ['c', '03-02T12:00', 1],
    ['b', '03-05T10:00', 1],
  );
  expect(await of(union(air, old, ahead).columns)).toMatchObject({
    sensorId: 'b',
    ahead: [
      { sensorId: 'b', timestampMs: at('03-05T10:00') },
      { sensorId: 'a', timestampMs: at('03-02T12:02') },
    ],
  });
  // What is withdrawn is no reading.
  const withdrawn = setOf(air, [
    {
      sensorId: 'z',
      timestampMs: at('03-05T10:00'),
      revision: 1,
      values: [null],
      attributes: [],
      withdrawn: true,
    },
  ]);
  expect(await of(union(air, old, withdrawn).columns)).toEqual(newest);
  expect(await of(set())).toMatchObject({ timestampMs: undefined, ahead: [] });
});
