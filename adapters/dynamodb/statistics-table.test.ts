import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addSums, sumsOfValue } from '../../core/statistics/exact-sums.ts';
import {
  type MeasureStatistics,
  mean,
  type PeriodStatistics,
  standardDeviation,
} from '../../core/statistics/statistics.ts';
import { type DynamoDb, startDynamoDb } from '../../test/support/dynalite-tables.ts';
import { createStatisticsStore } from './statistics-table.ts';

let dynamoDb: DynamoDb;
beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
afterAll(() => dynamoDb.close());

const item = async (table: string, pk: string, sk: string) =>
  (await dynamoDb.documents.send(new GetCommand({ TableName: table, Key: { pk, sk } }))).Item;

describe('statistics', () => {
  const store = () => createStatisticsStore(dynamoDb.documents, dynamoDb.tables.statistics);
  const statistics: PeriodStatistics = {
    count: 3,
    contested: 2,
    measures: {
      // Doubles that DynamoDB's numbers can't hold, or that the document client refuses.
      temperature: {
        count: 3,
        sums: addSums([0.1, 5e-324, 1.7976931348623157e308].map(sumsOfValue)),
        min: -1e15,
        minAt: 1,
        max: 2 ** 53 + 2,
        maxAt: 2,
      },
    },
    alerts: { hot: { count: 1, worst: 1.7976931348623157e308, worstAt: 2 } },
  };
  const key = { dataset: 'probes', sensorId: 'a', period: '2026-03-02', shard: 1 };

  test('come back to the bit', async () => {
    expect(await store().write(key, { version: 1, statistics })).toBe('written');
    expect(await store().read([key])).toEqual([{ version: 1, statistics }]);
    expect(await item('statistics', 'probes#a', 'day#2026-03-02')).toMatchObject({
      dataset: 'probes',
      sensorId: 'a',
      period: 'probes#day#2026-03-02#1',
      version: 1,
      count: 3,
      measures: { temperature: { sums: expect.any(Uint8Array), min: '-1000000000000000', minAt: 1 } },
      alerts: { hot: { count: 1, worst: '1.7976931348623157e+308', worstAt: 2 } },
    });
  });

  test('of earlier versions are read as what they say, and known as rounded', async () => {
    const earlier = { ...key, sensorId: 'earlier' };
    await store().write(earlier, { version: 3, statistics });
    const change = (values: object) =>
      dynamoDb.documents.send(
        new UpdateCommand({
          TableName: dynamoDb.tables.statistics,
          Key: { pk: 'probes#earlier', sk: 'day#2026-03-02' },
          UpdateExpression: 'SET measures.temperature = :measure',
          ExpressionAttributeValues: {
            ':measure': { count: 3, min: '-1', minAt: 1, max: '2', maxAt: 2, ...values },
          },
        }),
      );
    const measure = async () =>
      (await store().read([earlier]))[0]?.statistics.measures.temperature as MeasureStatistics;
    await change({ mean: '12.374999999999998', m2: '0.75' });
    const read = await measure();
    expect(read).toMatchObject({ count: 3, rounded: true, min: -1, minAt: 1, max: 2, maxAt: 2 });
    expect([mean(read), standardDeviation(read)]).toEqual([12.374999999999998, 0.5]);
    // A month that is folded from such days is rounded too, and stays known as that.
    await store().write(earlier, {
      version: 4,
      statistics: { ...statistics, measures: { temperature: read } },
    });
    expect(await measure()).toEqual(read);

    // Squares that were out of the range of doubles.
    await change({ mean: '1e+200', m2: 'Infinity' });
    expect(mean(await measure())).toBe(1e200);
    await change({ mean: 'NaN', m2: 'NaN' });
    expect(await measure()).toMatchObject({ count: 3, rounded: true });
  });

  test('of a format that a newer version wrote stop by name', async () => {
    const newer = { ...key, sensorId: 'newer' };
    await store().write(newer, { version: 1, statistics });
    await dynamoDb.documents.send(
      new UpdateCommand({
        TableName: dynamoDb.tables.statistics,
        Key: { pk: 'probes#newer', sk: 'day#2026-03-02' },
        UpdateExpression: 'SET measures.temperature.sums = :sums',
        ExpressionAttributeValues: { ':sums': Uint8Array.of(2, 0, 0) },
      }),
    );
    await expect(store().read([newer])).rejects.toMatchObject({
      name: 'StatisticsFormatUnknown',
      message: expect.stringMatching(/^probes#newer day#2026-03-02: sums of format 2; this version reads/),
    });
  });

  test('are written over older ones only', async () => {
    const other = { ...key, sensorId: 'versions' };
    const newer = { ...statistics, count: 4 };
    expect(await store().write(other, { version: 2, statistics })).toBe('written');
    expect(await store().write(other, { version: 2, statistics: newer })).toBe('superseded');
    expect(await store().write(other, { version: 1, statistics: newer })).toBe('superseded');
    expect((await store().read([other]))[0]?.statistics.count).toBe(3);
    expect(await store().write(other, { version: 10, statistics: newer })).toBe('written');
    expect((await store().read([other]))[0]).toMatchObject({ version: 10, statistics: { count: 4 } });
  });

  test('the days of a month come in their order, without the month and its neighbours', async () => {
    const days = ['2026-03-31', '2026-03-01', '2026-03-15', '2026-02-28', '2026-04-01', '2026-03'];
    for (const [index, period] of days.entries()) {
      await store().write({ ...key, sensorId: 'days', period }, { version: index + 1, statistics });
    }
    const found = await store().readDaysOfMonth({ dataset: 'probes', sensorId: 'days', period: '2026-03' });
    expect(found.map(({ version }) => version)).toEqual([2, 3, 1]);
    expect(await item('statistics', 'probes#days', 'month#2026-03')).toMatchObject({
      period: 'probes#month#2026-03#1',
    });
  });

  test('more than a hundred keys are read in their order, absent ones included', async () => {
    const keys = Array.from({ length: 230 }, (_, n) => ({ ...key, sensorId: `many-${n}` }));
    for (const [n, one] of keys.entries())
      if (n % 7 === 0) await store().write(one, { version: n + 1, statistics });
    const found = await store().read(keys);
    expect(found.map((one) => one?.version)).toEqual(keys.map((_, n) => (n % 7 === 0 ? n + 1 : undefined)));
    expect(await store().read([])).toEqual([]);
  });
});
