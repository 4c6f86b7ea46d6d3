import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { shardOf } from '../../core/partition/partition.ts';
import type { PeriodStatistics } from '../../core/statistics/statistics.ts';
import { createQueryApi } from '../../handlers/api/query-api/query-api.ts';
import type { SeriesRow } from '../../ports/queries.ts';
import { body, datasets, request } from '../../test/support/api-world.ts';
import { collect } from '../../test/support/collect.ts';
import { type DynamoDb, startDynamoDb } from '../../test/support/dynamodb-tables.ts';
import { MemoryObjects } from '../../test/support/memory-objects.ts';
import { nothingArrived } from '../../test/support/memory-queries.ts';
import { twoReadings as statistics, writePages, writeSeries } from '../../test/support/write-pages.ts';
import { createAlertBook, createAlertQueries } from './alerts-table.ts';
import {
  createFailedSegmentQueries,
  createIngestJobs,
  createJobMerges,
  createSegmentQueries,
  createSegmentRecords,
} from './jobs-table/ingest-jobs.ts';
import { createJobLister, createJobViewer } from './jobs-table/job-view.ts';
import { createStatisticsQueries } from './statistics-queries.ts';
import { createPageStore } from './statistics-table.ts';

/** The queries over DynamoDB's own engine here, on what the ingestion's adapters wrote. */

let dynamoDb: DynamoDb;
const probes = defineDataset({
  ...{ name: 'probes', timeZone: 'UTC', shards: 2 },
  measures: { temperature: { unit: '°C', min: -90, max: 90 } },
});
const sensors = Array.from({ length: 9 }, (_, index) => `s${index}`);
const days = ['2023-12-31', '2024-01-01', '2024-01-02', '2024-02-29'];

const nothing: PeriodStatistics = { count: 0, contested: 0, measures: {}, alerts: {} };

const write = (period: string, series: Record<string, PeriodStatistics>) =>
  writeSeries(dynamoDb, { dataset: probes, period, series });
const each = (ids: readonly string[], is: PeriodStatistics) => Object.fromEntries(ids.map((id) => [id, is]));

beforeAll(async () => {
  dynamoDb = await startDynamoDb();
  const periods = [...days, ...new Set(days.map((day) => day.slice(0, 7)))];
  for (const [index, period] of periods.entries()) await write(period, each(sensors, statistics(index)));
  await write('2030-05-05', { 'only-days': statistics(0) });
});
afterAll(() => dynamoDb.close());

const queries = () => createStatisticsQueries(dynamoDb.documents, dynamoDb.tables.statistics);
const series = { dataset: probes, sensorId: 's1' };

describe('statistics', () => {
  test('of one series: days and months apart, both ends included, in order, to the bit', async () => {
    const page = await queries().ofSeries({ ...series, from: '2023-12-31', to: '2024-01-02', limit: 10 });
    expect(page.rows.map(({ period }) => period)).toEqual(days.slice(0, 3));
    expect(page.more).toBe(false);
    const row = { sensorId: 's1', period: '2024-01-01', statistics: statistics(1) };
    expect(page.rows[1]).toEqual(row);
    const months = await queries().ofSeries({ ...series, from: '2023-01', to: '2024-12', limit: 2 });
    expect(months.rows.map(({ period }) => period)).toEqual(['2023-12', '2024-01']);
    expect(months.more).toBe(true);
  });

  test('the month before is the last month that there is, never a day', async () => {
    const monthBefore = async (month: string, sensorId = 's1') =>
      (await queries().monthBefore({ dataset: probes, sensorId, month }))?.period;
    expect(await monthBefore('2024-02')).toBe('2024-01');
    expect(await monthBefore('2030-01')).toBe('2024-02');
    expect(await monthBefore('2023-12')).toBeUndefined();
    expect(await monthBefore('2031-01', 'only-days')).toBeUndefined();
  });

  test('nothing is shown of a period in which every reading was withdrawn, whatever lies around it', async () => {
    const months = ['2031-01', '2031-02', '2031-03', '2031-04'];
    for (const month of months) {
      const partly = month === '2031-02' || month === '2031-03' ? nothing : statistics(1);
      await write(month, { partly, wholly: nothing });
    }
    const of = (sensorId: string) => ({ dataset: probes, sensorId });
    const page = await queries().ofSeries({ ...of('partly'), from: '2031-01', to: '2031-12', limit: 2 });
    expect(page.rows.map(({ period }) => period)).toEqual(['2031-01', '2031-04']);
    const before = await queries().monthBefore({ ...of('partly'), month: '2031-04' });
    expect(before?.period).toBe('2031-01');
    expect(await queries().monthBefore({ ...of('wholly'), month: '2031-04' })).toBeUndefined();
    expect([await queries().hasSeries(of('partly')), await queries().hasSeries(of('wholly'))]).toEqual([
      true,
      false,
    ]);
    for (const shard of [0, 1]) {
      const february = { dataset: probes, period: '2031-02', shard };
      expect(await queries().hasPeriod(february)).toBe(false);
      expect((await collect(queries().ofPeriod(february))).flat()).toEqual([]);
      expect(await queries().countsOf(february)).toEqual(new Map());
    }
  });

  test('a month has the days that its pages leave to theirs, whether they are cut as it is, less or more', async () => {
    const ids = Array.from({ length: 24 }, (_, index) => `o${index}`);
    const store = createPageStore(dynamoDb.documents, dynamoDb.tables.statistics);
    const put = (period: string, of: readonly string[], most: number, openFrom?: string) =>
      writePages(
        store,
        { dataset: probes.storageName, shard: 0, period },
        new Map(of.filter((id) => shardOf(id, 2) === 0).map((id) => [id, statistics(period.length)])),
        { most, ...(openFrom === undefined ? {} : { openFrom }) },
      );
    const [silent, ...others] = ids.filter((id) => shardOf(id, 2) === 0) as [string, ...string[]];
    await put('2032-05', ids, 3, '2032-05-10');
    await put('2032-05-09', ids, 3); // is in the month
    await put('2032-05-10', others, 100);
    await put('2032-05-11', [...others, 'new'], 1);
    const daysOf = (sensorId: string): number => (sensorId === silent ? 1 : sensorId === 'new' ? 1 : 3);
    const expected = shardOf('new', 2) === 0 ? [silent, ...others, 'new'] : [silent, ...others];
    const of = { dataset: probes, period: '2032-05', shard: 0 };
    const rows = (await collect(queries().ofPeriod(of))).flat();
    expect(rows.map(({ sensorId }) => sensorId).toSorted()).toEqual(expected.toSorted());
    const counts = await queries().countsOf(of);
    for (const { sensorId, statistics: found } of rows) {
      expect(found.count).toBe(2 * daysOf(sensorId));
      expect(counts.get(sensorId)).toBe(found.count);
      const month = { dataset: probes, sensorId, from: '2032-05', to: '2032-05', limit: 1 };
      expect((await queries().ofSeries(month)).rows).toEqual([
        { sensorId, period: '2032-05', statistics: found },
      ]);
    }
    expect(await queries().hasPeriod(of)).toBe(true);
  });

  test('whether there is a series, or a period in a shard', async () => {
    expect(await queries().hasSeries(series)).toBe(true);
    expect(await queries().hasSeries({ dataset: probes, sensorId: 's' })).toBe(false);
    expect(await queries().hasPeriod({ dataset: probes, period: '2024-01', shard: 0 })).toBe(true);
    expect(await queries().hasPeriod({ dataset: probes, period: '2024-03', shard: 0 })).toBe(false);
  });

  test('of a period: all series of a shard, and their counts', async () => {
    const rows: SeriesRow[] = [];
    const counts: [string, number][] = [];
    for (const shard of [0, 1]) {
      const of = { dataset: probes, period: '2024-01', shard };
      rows.push(...(await collect(queries().ofPeriod(of))).flat());
      counts.push(...(await queries().countsOf(of)));
    }
    expect(rows.map(({ sensorId }) => sensorId).toSorted()).toEqual(sensors);
    expect(rows[0]).toMatchObject({ period: '2024-01', statistics: statistics(5) });
    expect(counts.toSorted()).toEqual(sensors.map((id) => [id, 2]));
  });
});

describe('alerts', () => {
  test('of days of one month, from after a position', async () => {
    const book = createAlertBook(dynamoDb.documents, dynamoDb.tables.alerts);
    const content = {
      measure: 'temperature',
      threshold: 30,
      count: 1,
      worst: 0.1 + 0.2,
      worstAt: 5,
      withdrawn: false,
    };
    for (const day of ['2024-01-30', '2024-01-31', '2024-02-01']) {
      for (const sensorId of ['a', 'b']) {
        const key = { dataset: 'probes', shard: shardOf(sensorId, 2), sensorId, day, rule: 'hot' };
        await book.create(key, { content, version: 1, createdAt: '2024-02-02T00:00:00.000Z' });
      }
    }
    const alerts = createAlertQueries(dynamoDb.documents, dynamoDb.tables.alerts);
    const span = { dataset: probes, from: '2024-01-31', to: '2024-01-31' };
    const first = await alerts.ofDays({ ...span, after: undefined, limit: 1 });
    expect([first.rows.length, first.last?.day]).toEqual([1, '2024-01-31']);
    expect(first.rows[0]).toMatchObject({ day: '2024-01-31', rule: 'hot', content });
    const rest = await alerts.ofDays({ ...span, after: first.rows[0], limit: 9 });
    expect([...first.rows, ...rest.rows].map(({ sensorId }) => sensorId).toSorted()).toEqual(['a', 'b']);
    const days = { ...span, from: '2024-01-30', after: undefined };
    const of = async (filter: object, limit = 9) => {
      const page = await alerts.ofDays({ ...days, ...filter, limit });
      return page.rows.map(({ day, sensorId }) => `${day} ${sensorId}`);
    };
    const wants = (sensorId: string) => sensorId === 'b';
    expect(await of({ wants })).toEqual(['2024-01-30 b', '2024-01-31 b']);
    expect(await of({ wants, rule: 'hot', state: 'pending' }, 1)).toEqual(['2024-01-30 b']);
    for (const filter of [{ rule: 'cold' }, { state: 'sent' }, { state: 'withdrawn' }])
      expect(await of(filter)).toEqual([]);
  });
});

describe('segments of a job', () => {
  test('are counted by their state, with the failed ones named', async () => {
    const { documents, tables } = dynamoDb;
    const times = { startedAt: '2024-01-01T00:00:00.000Z', updatedAt: '2024-01-01T00:00:00.000Z' };
    await createIngestJobs(documents, tables.jobs).start({
      jobId: 'run',
      executionArn: 'arn',
      segments: 3,
      ...times,
    });
    const records = createSegmentRecords(documents, tables.jobs);
    const segment = { bucket: 'raw', key: 'raw/a', versionId: 'v', lines: 5, valid: 4, rejected: 1 };
    await records.complete('run', { ...segment, segmentId: 'one' }, times.updatedAt);
    // As the state machine records what failed.
    const failed = {
      pk: 'run',
      sk: 'segment#two',
      bucket: 'raw',
      key: 'raw/b',
      versionId: 'w',
      state: 'Failed',
      error: 'SegmentMissing',
      cause: 'gone',
    };
    await documents.send(new PutCommand({ TableName: tables.jobs, Item: failed }));
    const merges = createJobMerges(documents, tables.jobs);
    for (const [part, readings] of [['a', 2] as const, ['b', 9] as const, ['b', 3] as const])
      await merges.contested('run', { part, readings, updatedAt: times.updatedAt });
    expect(await createSegmentQueries(documents, tables.jobs).progress('run', 20)).toEqual({
      completed: 1,
      failed: 1,
      failures: [{ key: 'raw/b', error: 'SegmentMissing', cause: 'gone' }],
      refused: 0,
      refusals: [],
    });
    const failures = createFailedSegmentQueries(documents, tables.jobs);
    const { bucket, key, versionId, error, cause } = failed;
    expect(await failures.failed('run', 20)).toEqual([{ bucket, key, versionId, error, cause }]);
    expect(await failures.failed('run', 0)).toEqual([]);
    expect(await failures.failed('nobody', 20)).toEqual([]);
  });
});

test('the API over the tables: all sensors merged, page by page, and the progress of a job', async () => {
  const { documents, tables } = dynamoDb;
  const answer = createQueryApi({
    datasets,
    statistics: queries(),
    alerts: createAlertQueries(documents, tables.alerts),
    jobs: { ...createJobViewer(documents, tables.jobs), ...createJobLister(documents, tables.jobs) },
    segments: createSegmentQueries(documents, tables.jobs),
    objects: new MemoryObjects(),
    curatedBucket: 'curated',
    ...nothingArrived,
    clock: { nowMs: () => Date.parse('2024-06-01T00:00:00Z') },
    onFault: (fault) => {
      throw fault;
    },
  });
  const get = async (target: string) => body(await answer(request('GET', target)));
  const page = await get('/datasets/probes/statistics?from=2023-12&to=2024-12');
  expect(page.statistics).toMatchObject([
    { period: '2023-12', sensors: 9, count: 18, monthBefore: null },
    { period: '2024-01', sensors: 9, monthBefore: '2023-12' },
    { period: '2024-02', sensors: 9, measures: { temperature: { mean: 6, difference: { mean: 1 } } } },
  ]);
  const sensorPage = await get('/datasets/probes/sensors?limit=4');
  expect(sensorPage).toMatchObject({
    ...{ from: '2023-03', to: '2024-02' },
    sensors: [
      { sensorId: 's0', firstDay: '2023-12-31', lastDay: '2024-02-29', count: 6 },
      {},
      {},
      { sensorId: 's3' },
    ],
  });
  const job = await get('/jobs/run');
  expect(job).toMatchObject({
    state: 'Processing',
    total: 3,
    processed: 2,
    failed: 1,
    failures: [{ key: 'raw/b' }],
    contested: 5,
    unterminated: 0,
  });
});
