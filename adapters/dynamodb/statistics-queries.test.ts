import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { encodePage } from '../../core/statistics/page-bytes.ts';
import { pageHash } from '../../core/statistics/pages.ts';
import type { PeriodStatistics } from '../../core/statistics/statistics.ts';
import { collect } from '../../test/support/collect.ts';
import { type DynamoDb, startDynamoDb } from '../../test/support/dynamodb-tables.ts';
import { twoReadings as statistics, writePages, writeSeries } from '../../test/support/write-pages.ts';
import { createStatisticsQueries } from './statistics-queries.ts';
import { createPageStore } from './statistics-table.ts';

/** The queries over pages that were cut, on DynamoDB's own engine here. */

let dynamoDb: DynamoDb;
beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
afterAll(() => dynamoDb.close());

const queries = () => createStatisticsQueries(dynamoDb.documents, dynamoDb.tables.statistics);
const each = (ids: readonly string[], is: PeriodStatistics) => Object.fromEntries(ids.map((id) => [id, is]));

describe('statistics on many pages', () => {
  const many = defineDataset({
    ...{ name: 'many', timeZone: 'UTC', shards: 1 },
    measures: { temperature: { unit: '°C', min: -90, max: 90 } },
  });
  const ids = Array.from({ length: 40 }, (_, index) => `m${index}`);
  const january = Array.from({ length: 31 }, (_, index) => `2024-01-${String(index + 1).padStart(2, '0')}`);
  /** Days grow from one page to some twenty; the 10th is not there, and the 20th has some of the series only. */
  const on = (day: number) => (day === 20 ? ids.slice(0, 5) : ids.slice(0, 1 + 2 * day));
  const write = (period: string, series: Record<string, PeriodStatistics>) =>
    writeSeries(dynamoDb, { dataset: many, period, series }, { most: 3 });
  beforeAll(async () => {
    for (const [index, day] of january.entries()) {
      if (index + 1 === 10) continue;
      await write(day, each(on(index + 1), statistics(index)));
    }
    await write('2024-01', each(ids, statistics(7)));
    await write('2023-11', { m3: statistics(8) });
  });

  test('each series has its days, in order, whatever page they are on and wherever the answer is cut', async () => {
    const one = queries(); // remembers how deep pages are cut
    for (const sensorId of [...ids.filter((_, index) => index % 5 === 0), 'm99']) {
      const expected = january.filter((_, index) => index + 1 !== 10 && on(index + 1).includes(sensorId));
      for (const [from, limit] of [
        ['2024-01-01', 40],
        ['2024-01-15', 40],
        ['2024-01-01', 4],
        ['2023-09-01', 366], // several stretches at once, of which two share January
      ] as const) {
        for (const asked of [one, queries()]) {
          const { rows, more } = await asked.ofSeries({
            ...{ dataset: many, sensorId, from, to: '2024-01-31', limit },
          });
          const wanted = expected.filter((day) => day >= from);
          expect(rows.map(({ period }) => period)).toEqual(wanted.slice(0, limit));
          expect(rows.map((row) => row.statistics)).toEqual(
            wanted.slice(0, limit).map((day) => statistics(january.indexOf(day))),
          );
          expect(more).toBe(wanted.length > limit);
        }
      }
    }
  });

  test('a period has each of its series once', async () => {
    const one = queries();
    for (const [index, period] of january.entries()) {
      const expected = index + 1 === 10 ? [] : on(index + 1).toSorted();
      for (const asked of [one, queries()]) {
        const of = { dataset: many, period, shard: 0 };
        const rows = (await collect(asked.ofPeriod(of))).flat();
        expect(rows.map(({ sensorId }) => sensorId).toSorted()).toEqual(expected);
        expect([...(await asked.countsOf(of)).keys()].toSorted()).toEqual(expected);
        expect(await asked.hasPeriod(of)).toBe(expected.length > 0);
      }
    }
  });

  test('a later page of an answer takes what the one before it read, a first page and any other answer never', async () => {
    const of = { dataset: many, period: '2032-01', shard: 0 };
    const write = (mean: number, version: number) =>
      writeSeries(dynamoDb, { ...of, series: { s1: statistics(mean) } }, { version });
    await write(1, 1);
    const asked = queries();
    const meanOf = async (answer?: 'first page' | 'later page', limits = {}) => {
      const [row] = (await collect(asked.ofPeriod({ ...of, answer, ...limits }))).flat();
      return row?.statistics.measures.temperature?.min;
    };
    expect(await meanOf('later page')).toBe(0); // nothing was read before
    await write(5, 2);
    expect(await meanOf('later page')).toBe(0);
    expect(await meanOf('later page', { only: new Set(['s1']) })).toBe(0);
    expect(await asked.countsOf({ ...of, answer: 'later page' })).toEqual(new Map([['s1', 2]]));
    expect(await meanOf()).toBe(4);
    expect(await meanOf('first page', { only: new Set(['s1']) })).toBe(4);
    expect(await meanOf('later page')).toBe(0);
    expect(await meanOf('first page')).toBe(4);
    expect(await meanOf('later page')).toBe(4);
  });

  test('some series of a period are found, by the pages that they are on', async () => {
    const warm = queries();
    for (const [index, period] of january.entries()) {
      if (index % 4 !== 1) continue; // the 2nd, the 6th, the 10th, …
      for (const wanted of [['m1'], ['m0', 'm5', 'm33', 'm99']]) {
        const expected = index + 1 === 10 ? [] : on(index + 1).filter((id) => wanted.includes(id));
        for (const asked of [warm, queries()]) {
          const wants = (sensorId: string) => wanted.includes(sensorId);
          for (const some of [{ only: new Set(wanted) }, { wants }]) {
            const of = { dataset: many, period, shard: 0, ...some };
            const rows = (await collect(asked.ofPeriod(of))).flat();
            expect(rows.map(({ sensorId }) => sensorId).toSorted()).toEqual(expected.toSorted());
            expect([...(await asked.countsOf(of)).keys()].toSorted()).toEqual(expected.toSorted());
            expect(await asked.hasPeriod(of)).toBe(expected.length > 0);
          }
        }
      }
    }
  });

  test('the month before is found on another page than the month', async () => {
    const one = queries();
    await one.ofSeries({ dataset: many, sensorId: 'm39', from: '2024-01', to: '2024-01', limit: 1 });
    for (const asked of [one, queries()]) {
      const monthOf = (sensorId: string) => asked.monthBefore({ dataset: many, sensorId, month: '2024-01' });
      expect((await monthOf('m3'))?.period).toBe('2023-11');
      expect(await monthOf('m4')).toBeUndefined();
      expect(await asked.hasSeries({ dataset: many, sensorId: 'm3' })).toBe(true);
      expect(await asked.hasSeries({ dataset: many, sensorId: 'm40' })).toBe(false);
    }
  });

  test('a page that was cut and whose parent does not say so yet counts once, by its parent', async () => {
    const store = createPageStore(dynamoDb.documents, dynamoDb.tables.statistics);
    const of = { dataset: 'many', shard: 0, period: '2025-01-01' };
    const some = ids.slice(0, 3);
    await writePages(store, of, new Map(Object.entries(each(some, statistics(1)))));
    const split = some.filter((id) => pageHash(id) % 2 === 1);
    const bytes = encodePage(new Map(Object.entries(each(split, statistics(2)))));
    await store.write(of, { n: 1, depth: 1, version: 2, bytes });
    const rows = (await collect(queries().ofPeriod({ dataset: many, period: of.period, shard: 0 }))).flat();
    expect(rows.map(({ sensorId }) => sensorId).toSorted()).toEqual(some);
  });

  test('a year of days takes a query for every 64 days', async () => {
    const year = Array.from({ length: 366 }, (_, day) =>
      new Date(Date.UTC(2028, 0, 1 + day)).toISOString().slice(0, 10),
    );
    const [first = '', last = ''] = [year[0], year.at(-1)];
    for (const period of year)
      await writeSeries(dynamoDb, { dataset: many, period, series: { s1: statistics(1) } });
    const asked: string[] = [];
    dynamoDb.documents.middlewareStack.add(
      (next, { commandName }) =>
        (of) => {
          asked.push(commandName ?? '');
          return next(of);
        },
      { step: 'initialize', name: 'counted' },
    );
    const { rows } = await queries().ofSeries({
      dataset: many,
      sensorId: 's1',
      from: first,
      to: last,
      limit: 400,
    });
    expect(rows.map(({ period }) => period)).toEqual(year);
    expect(asked).toEqual(Array(Math.ceil(366 / 64)).fill('QueryCommand'));
    dynamoDb.documents.middlewareStack.remove('counted');
  });
});
