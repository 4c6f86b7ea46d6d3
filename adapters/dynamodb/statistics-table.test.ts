import { gzipSync } from 'node:zlib';
import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addSums, sumsOfValue } from '../../core/statistics/exact-sums.ts';
import { decodePage, encodePage } from '../../core/statistics/page-bytes.ts';
import type { PeriodStatistics } from '../../core/statistics/statistics.ts';
import { collect } from '../../test/support/collect.ts';
import { type DynamoDb, startDynamoDb } from '../../test/support/dynamodb-tables.ts';
import { createPageLister, createPageRemover, createPageStore, pageOf, pagesOf } from './statistics-table.ts';

let dynamoDb: DynamoDb;
beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
afterAll(() => dynamoDb.close());

describe('pages', () => {
  const store = () => createPageStore(dynamoDb.documents, dynamoDb.tables.statistics);
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
  const series = new Map([['plant #3/Río', statistics]]);
  const bytes = encodePage(series);
  const of = { dataset: 'probes', shard: 1, period: '2026-03-02' };

  test('come back to the bit, under their shard and number', async () => {
    const page = { n: 5, depth: 3, version: 1, bytes };
    expect(await store().write(of, page)).toBe('written');
    const found = await store().read(of, [5, 1]);
    expect([...found.keys()]).toEqual([5]);
    expect(decodePage(found.get(5)?.bytes as Uint8Array)).toEqual(series);
    expect(found.get(5)).toMatchObject({ n: 5, depth: 3, version: 1 });
    expect(found.get(5)).not.toHaveProperty('foldedFrom');
    const Key = { pk: 'probes#1#5', sk: 'day-page#2026-03-02' };
    const { Item } = await dynamoDb.documents.send(
      new GetCommand({ TableName: dynamoDb.tables.statistics, Key }),
    );
    expect(Item).toMatchObject({ ...Key, depth: 3, version: 1, page: expect.any(Uint8Array) });
  });

  test('of a format that a newer version wrote stop by name', async () => {
    const newer = { ...of, period: '2026-03-03' };
    await dynamoDb.documents.send(
      new PutCommand({
        TableName: dynamoDb.tables.statistics,
        Item: {
          ...{ pk: 'probes#1#0', sk: 'day-page#2026-03-03', depth: 0, version: 1 },
          page: Uint8Array.of(3, 0, 0),
        },
      }),
    );
    await expect(store().read(newer, [0])).rejects.toMatchObject({
      name: 'StatisticsFormatUnknown',
      message: expect.stringMatching(
        /^probes#1#0 day-page#2026-03-03: a page of format 3; this version reads formats up to 2/,
      ),
    });
  });

  test('that are damaged stop by name, with their place', async () => {
    const damaged = { ...of, period: '2026-03-04' };
    await store().write(damaged, { n: 0, depth: 0, version: 1, bytes });
    await dynamoDb.documents.send(
      new UpdateCommand({
        TableName: dynamoDb.tables.statistics,
        Key: { pk: 'probes#1#0', sk: 'day-page#2026-03-04' },
        UpdateExpression: 'SET page = :page',
        ExpressionAttributeValues: { ':page': Uint8Array.of(1, 31, 139, 7, 7) },
      }),
    );
    await expect(store().read(damaged, [0])).rejects.toMatchObject({
      name: 'StatisticsUnreadable',
      page: { of: damaged, n: 0 },
      message: expect.stringMatching(/^page probes#1#0 day-page#2026-03-04: /),
    });
  });

  test('that are unpacked together are those that each is, and one that is damaged is named', () => {
    const packed = (text: string) => Buffer.concat([Buffer.of(1), gzipSync(text)]);
    const item = (day: string, page: Uint8Array) => ({
      ...{ pk: 'probes#1#0', sk: `day-page#${day}`, depth: 0, version: 1, page },
    });
    const texts = ['one', 'two, which is longer', 'x'.repeat(100_000)];
    const items = texts.map((text, index) => item(`2026-03-0${index + 1}`, packed(text)));
    expect(pagesOf(items)).toEqual(items.map(pageOf));
    expect(pagesOf(items).map((page) => Buffer.from(page.bytes).toString())).toEqual(texts);
    expect(pagesOf([])).toEqual([]);
    const whole = packed('three');
    const says = (size: number) => {
      const wrong = Buffer.from(whole);
      wrong.writeUInt32LE(size, wrong.length - 4);
      return wrong;
    };
    for (const page of [whole.subarray(0, 20), whole.subarray(0, 3), says(6), says(2 ** 32 - 1)])
      expect(() => pagesOf([...items, item('2026-03-04', page), ...items])).toThrow(
        expect.objectContaining({
          name: 'StatisticsUnreadable',
          page: { of: { dataset: 'probes', shard: 1, period: '2026-03-04' }, n: 0 },
        }),
      );
  });

  test('are written over older ones only', async () => {
    const other = { ...of, period: '2026-03-05' };
    const newer = encodePage(new Map([['a', { ...statistics, count: 4 }]]));
    const write = (version: number, content: Uint8Array) =>
      store().write(other, { n: 0, depth: 0, version, bytes: content });
    const isNewer = async () => Buffer.from(newer).equals((await read())?.bytes as Uint8Array);
    const read = async () => (await store().read(other, [0])).get(0);
    expect(await write(2, bytes)).toBe('written');
    expect(await write(2, newer)).toBe('superseded');
    expect(await write(1, newer)).toBe('superseded');
    expect(await isNewer()).toBe(false);
    expect(await write(10, newer)).toBe('written');
    expect([await isNewer(), (await read())?.version]).toEqual([true, 10]);
  });

  test('of the days of a month come in their order, without the month and its neighbours', async () => {
    const days = ['2027-03-31', '2027-03-01', '2027-03-15', '2027-02-28', '2027-04-01', '2027-03'];
    for (const [index, period] of days.entries())
      await store().write({ ...of, period }, { n: 1, depth: 1, version: index + 1, bytes, foldedFrom: 'x' });
    await store().write({ ...of, period: '2027-03-09' }, { n: 0, depth: 1, version: 9, bytes });
    const month = { ...of, period: '2027-03' };
    const found = await store().daysOfMonth(month, 1, ['2027-03-15', '2027-03-16']);
    expect(await store().daysOfMonth(month, 1, 'all')).toEqual(found);
    expect([...found].map(([day, { version }]) => [day, version])).toEqual([
      ['2027-03-01', 2],
      ['2027-03-15', 3],
      ['2027-03-31', 1],
    ]);
    expect(found.get('2027-03-01')?.foldedFrom).toBe('x');
  });

  test('by the hundreds are read at once, absent ones left out', async () => {
    const numbers = Array.from({ length: 230 }, (_, n) => n);
    const many = { ...of, period: '2028-01-01' };
    for (const n of numbers)
      if (n % 7 === 0) await store().write(many, { n, depth: 8, version: n + 1, bytes });
    const found = await store().read(many, numbers);
    expect([...found].map(([n, { version }]) => [n, version])).toEqual(
      numbers.filter((n) => n % 7 === 0).map((n) => [n, n + 1]),
    );
    expect(await store().read(of, [])).toEqual(new Map());
  });

  test('are listed by dataset, and removed', async () => {
    const listed = { dataset: 'listed', shard: 2, period: '2026-01' };
    for (const dataset of ['listed', 'listed-other'])
      await store().write({ ...listed, dataset }, { n: 3, depth: 2, version: 1, bytes });
    const list = () =>
      collect(createPageLister(dynamoDb.documents, dynamoDb.tables.statistics).list('listed'));
    expect(await list()).toEqual([{ ...listed, n: 3 }]);
    await createPageRemover(dynamoDb.documents, dynamoDb.tables.statistics).remove(listed, 3);
    expect(await list()).toEqual([]);
  });
});
