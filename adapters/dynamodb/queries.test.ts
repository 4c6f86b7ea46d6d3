import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shardOf } from '../../core/partition/partition.ts';
import { addSums, sumsOfValue } from '../../core/statistics/exact-sums.ts';
import type { PeriodStatistics } from '../../core/statistics/statistics.ts';
import { createQueryApi } from '../../handlers/api/query-api/query-api.ts';
import { body, datasets, request } from '../../test/support/api-world.ts';
import { type DynamoDb, startDynamoDb } from '../../test/support/dynalite-tables.ts';
import { createAlertBook, createAlertQueries } from './alerts-table.ts';
import {
  createFailedSegmentQueries,
  createIngestJobs,
  createJobMerges,
  createSegmentQueries,
  createSegmentRecords,
} from './jobs-table/ingest-jobs.ts';
import { createJobViewer } from './jobs-table/job-view.ts';
import { createStatisticsQueries, createStatisticsStore } from './statistics-table.ts';

/** The queries over DynamoDB's own engine here, on what the ingestion's adapters wrote. */

let dynamoDb: DynamoDb;
const sensors = Array.from({ length: 9 }, (_, index) => `s${index}`);
const days = ['2023-12-31', '2024-01-01', '2024-01-02', '2024-02-29'];

function statistics(mean: number): PeriodStatistics {
  const sums = addSums([sumsOfValue(mean - 1), sumsOfValue(mean + 1)]);
  const temperature = { count: 2, sums, min: mean - 1, minAt: 1, max: mean + 1, maxAt: 2 };
  return { count: 2, contested: 0, measures: { temperature }, alerts: {} };
}

beforeAll(async () => {
  dynamoDb = await startDynamoDb();
  const store = createStatisticsStore(dynamoDb.documents, dynamoDb.tables.statistics);
  const periods = [...days, ...new Set(days.map((day) => day.slice(0, 7)))];
  for (const sensorId of sensors) {
    for (const [index, period] of periods.entries()) {
      const key = { dataset: 'probes', sensorId, period, shard: shardOf(sensorId, 2) };
      await store.write(key, { version: 1, statistics: statistics(index) });
    }
  }
  const onlyDay = {
    dataset: 'probes',
    sensorId: 'only-days',
    period: '2030-05-05',
    shard: shardOf('only-days', 2),
  };
  await store.write(onlyDay, { version: 1, statistics: statistics(0) });
});
afterAll(() => dynamoDb.close());

const queries = () => createStatisticsQueries(dynamoDb.documents, dynamoDb.tables.statistics);
const series = { dataset: 'probes', sensorId: 's1' };

describe('statistics', () => {
  test('of one series: days and months apart, both ends included, in order, to the bit', async () => {
    const page = await queries().ofSeries({ ...series, from: '2023-12-31', to: '2024-01-02', limit: 10 });
    expect(page.rows.map(({ period }) => period)).toEqual(days.slice(0, 3));
    expect(page.more).toBe(false);
    expect(page.rows[1]).toEqual({ sensorId: 's1', period: '2024-01-01', statistics: statistics(1) });
    const months = await queries().ofSeries({ ...series, from: '2023-01', to: '2024-12', limit: 2 });
    expect(months.rows.map(({ period }) => period)).toEqual(['2023-12', '2024-01']);
    expect(months.more).toBe(true);
  });

  test('the month before is the last month that there is, never a day', async () => {
    const monthBefore = async (month: string, sensorId = 's1') =>
      (await queries().monthBefore({ dataset: 'probes', sensorId, month }))?.period;
    expect(await monthBefore('2024-02')).toBe('2024-01');
    expect(await monthBefore('2030-01')).toBe('2024-02');
    expect(await monthBefore('2023-12')).toBeUndefined();
    expect(await monthBefore('2031-01', 'only-days')).toBeUndefined();
  });

  test('nothing is shown of a period in which every reading was withdrawn, whatever lies around it', async () => {
    const store = createStatisticsStore(dynamoDb.documents, dynamoDb.tables.statistics);
    const gone: PeriodStatistics = { count: 0, contested: 0, measures: {}, alerts: {} };
    const write = (sensorId: string, period: string, is: PeriodStatistics, version = 1) =>
      store.write({ dataset: 'probes', sensorId, period, shard: 0 }, { version, statistics: is });
    for (const month of ['2031-01', '2031-02', '2031-03', '2031-04']) {
      await write('partly', month, statistics(1));
      await write('wholly', month, statistics(1));
      await write('wholly', month, gone, 2);
    }
    await write('partly', '2031-02', gone, 2);
    await write('partly', '2031-03', gone, 2);
    const of = (sensorId: string) => ({ dataset: 'probes', sensorId });
    const page = await queries().ofSeries({ ...of('partly'), from: '2031-01', to: '2031-12', limit: 2 });
    expect(page.rows.map(({ period }) => period)).toEqual(['2031-01', '2031-04']);
    const before = await queries().monthBefore({ ...of('partly'), month: '2031-04' });
    expect(before?.period).toBe('2031-01');
    expect(await queries().monthBefore({ ...of('wholly'), month: '2031-04' })).toBeUndefined();
    expect([await queries().hasSeries(of('partly')), await queries().hasSeries(of('wholly'))]).toEqual([
      true,
      false,
    ]);
    const february = { dataset: 'probes', period: '2031-02', shard: 0 };
    expect(await queries().hasPeriod(february)).toBe(false);
    expect((await queries().ofPeriod({ ...february, after: undefined, limit: 9 })).rows).toEqual([]);
    // The version stays: an older run can't bring it back.
    expect(await write('wholly', '2031-01', statistics(1), 1)).toBe('superseded');
  });

  test('whether there is a series, or a period in a shard', async () => {
    expect(await queries().hasSeries(series)).toBe(true);
    expect(await queries().hasSeries({ dataset: 'probes', sensorId: 's' })).toBe(false);
    expect(await queries().hasPeriod({ dataset: 'probes', period: '2024-01', shard: 0 })).toBe(true);
    expect(await queries().hasPeriod({ dataset: 'probes', period: '2024-03', shard: 0 })).toBe(false);
  });

  test('of a period: a shard in the order of its sensors, from after one', async () => {
    const found: string[] = [];
    for (const shard of [0, 1]) {
      let after: string | undefined;
      for (let more = true; more; ) {
        const page = await queries().ofPeriod({
          dataset: 'probes',
          period: '2024-01',
          shard,
          after,
          limit: 2,
        });
        found.push(...page.rows.map(({ sensorId }) => sensorId));
        after = page.rows.at(-1)?.sensorId ?? after;
        more = page.more;
      }
    }
    expect(found.toSorted()).toEqual(sensors);
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
        const key = { dataset: 'probes', sensorId, day, rule: 'hot' };
        await book.create(key, { content, version: 1, createdAt: '2024-02-02T00:00:00.000Z' });
      }
    }
    const alerts = createAlertQueries(dynamoDb.documents, dynamoDb.tables.alerts);
    const span = { dataset: 'probes', from: '2024-01-31', to: '2024-01-31' };
    const first = await alerts.ofDays({ ...span, after: undefined, limit: 1 });
    expect([first.rows.length, first.more]).toEqual([1, true]);
    expect(first.rows[0]).toMatchObject({ day: '2024-01-31', rule: 'hot', content });
    const rest = await alerts.ofDays({ ...span, after: first.rows[0], limit: 9 });
    expect([...first.rows, ...rest.rows].map(({ sensorId }) => sensorId).toSorted()).toEqual(['a', 'b']);
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
    jobs: createJobViewer(documents, tables.jobs),
    segments: createSegmentQueries(documents, tables.jobs),
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
    month: '2024-02',
    sensors: [{ sensorId: 's0' }, {}, {}, { sensorId: 's3' }],
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
