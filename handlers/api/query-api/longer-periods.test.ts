import { beforeEach, describe, expect, test } from 'vitest';
import { defineDataset } from '../../../core/dataset/dataset.ts';
import type { Reading } from '../../../core/dataset/reading.ts';
import { body, createApiWorld } from '../../../test/support/api-world.ts';
import { partNames } from './longer-periods.ts';

const levels = defineDataset({
  name: 'levels',
  timeZone: 'Europe/Madrid',
  shards: 2,
  expectedEvery: '1 day',
  measures: { level: { unit: 'm', min: -100, max: 1e6 } },
});
const reading = (sensorId: string, at: string, level: number): Reading => ({
  ...{ sensorId, timestampMs: Date.parse(at), revision: 0, values: [level], attributes: [] },
});

let world: ReturnType<typeof createApiWorld>;
beforeEach(() => {
  world = createApiWorld(0, [levels]);
  world.store(levels, [
    reading('a', '2022-12-31T22:59:00Z', 100),
    reading('a', '2022-12-31T23:00:00Z', 1), // 2023 in Madrid
    reading('a', '2023-06-15T12:00:00Z', 2),
    reading('a', '2023-06-30T12:00:00Z', 6),
    reading('a', '2024-02-29T12:00:00Z', 7),
    reading('b', '2023-06-15T12:00:00Z', 11),
    reading('b', '2024-01-31T12:00:00Z', 4),
  ]);
});
// biome-ignore lint/suspicious/noExplicitAny: rows of an answer as they come
const rowsOf = async (query: string): Promise<any[]> => {
  const answer = await world.get(`/datasets/levels/statistics?${query}`);
  expect(answer.status, answer.body).toBe(200);
  return body(answer).statistics;
};

describe('years', () => {
  test('of one sensor are of its months, in local time, without differences', async () => {
    const rows = await rowsOf('period=year&from=2021&to=2025&sensor=a');
    expect(rows.map(({ period, count, measures }) => [period, count, measures.level.mean])).toEqual([
      ['2022', 1, 100],
      ['2023', 3, 3],
      ['2024', 1, 7],
    ]);
    expect(rows[1]).not.toHaveProperty('monthBefore');
    expect(rows[1].measures.level).not.toHaveProperty('difference');
    expect(rows[1].completeness).toBe(3 / 365);
    expect(rows[2].completeness).toBe(1 / 366);
  });

  test('of all sensors merged count each sensor once', async () => {
    const [row] = await rowsOf('period=year&from=2023&to=2023');
    expect(row).toMatchObject({ period: '2023', sensors: 2, count: 4, completeness: (3 + 1) / 2 / 365 });
    expect(row.measures.level).toMatchObject({ mean: 5, min: 1, max: 11, maxAt: '2023-06-15T12:00:00.000Z' });
  });

  test('expect of all sensors those that had readings in the twelve months before them', async () => {
    world.store(levels, [reading('c', '2021-12-31T12:00:00Z', 1)]);
    world.store(levels, [reading('d', '2022-01-31T12:00:00Z', 1)]);
    const [row] = await rowsOf('period=year&from=2023&to=2023');
    expect(row).toMatchObject({ sensors: 2, silent: 1 });
  });

  test('have a row a sensor, page by page', async () => {
    const path = '/datasets/levels/statistics?period=year&from=2022&to=2024&by=sensor&limit=1';
    const found: unknown[] = [];
    for (let cursor = ''; ; ) {
      const page = body(await world.get(path + cursor));
      for (const { period, sensorId, count } of page.statistics) found.push([period, sensorId, count]);
      if (page.cursor === null) break;
      cursor = `&cursor=${page.cursor}`;
    }
    expect(found).toEqual([
      ['2022', 'a', 1],
      ['2023', 'a', 3],
      ['2023', 'b', 1],
      ['2024', 'a', 1],
      ['2024', 'b', 1],
    ]);
  });

  test('of one sensor come page by page', async () => {
    const first = body(
      await world.get('/datasets/levels/statistics?period=year&from=2022&to=2024&sensor=a&limit=2'),
    );
    expect(first.statistics.map(({ period }: { period: string }) => period)).toEqual(['2022', '2023']);
    const rest = await rowsOf(`period=year&from=2022&to=2024&sensor=a&limit=2&cursor=${first.cursor}`);
    expect(rest.map(({ period }) => period)).toEqual(['2024']);
  });
});

describe('a span as one', () => {
  test('is of its days, the first and last included, and named by them', async () => {
    const rows = await rowsOf('period=all&from=2023-01-01&to=2023-06-30&sensor=a');
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ period: '2023-01-01/2023-06-30', sensorId: 'a', count: 3 });
    expect(rows[0].measures.level.mean).toBe(3);
    expect(rows[0].completeness).toBe(3 / 180); // of 181 days one has 23 hours, so 180 whole days
    const [part] = await rowsOf('period=all&from=2023-06-16&to=2024-02-29&sensor=a');
    expect(part.measures.level).toMatchObject({ count: 2, mean: 6.5, min: 6, max: 7 });
  });

  test('of all sensors, and of each', async () => {
    const span = 'period=all&from=2022-06-01&to=2024-12-31';
    expect(await rowsOf(span)).toMatchObject([{ sensors: 2, count: 7, measures: { level: { max: 100 } } }]);
    const bySensor = await rowsOf(`${span}&by=sensor`);
    expect(bySensor.map(({ sensorId, count }) => [sensorId, count])).toEqual([
      ['a', 5],
      ['b', 2],
    ]);
    const page = body(await world.get(`/datasets/levels/statistics?${span}&by=sensor&limit=1`));
    const [last, ...more] = await rowsOf(`${span}&by=sensor&limit=1&cursor=${page.cursor}`);
    expect([last?.sensorId, more]).toEqual(['b', []]);
  });

  test('is empty where it has no reading, and 404 for a sensor that never had any', async () => {
    expect(await rowsOf('period=all&from=2025-01-01&to=2025-06-30&sensor=a')).toEqual([]);
    const answer = await world.get(
      '/datasets/levels/statistics?period=all&from=2025-01-01&to=2025-06-30&sensor=x',
    );
    expect(answer.status).toBe(404);
  });

  test('as CSV has the columns of any other period', async () => {
    const answer = await world.get(
      '/datasets/levels/statistics?period=all&from=2023-01-01&to=2023-06-30&sensor=a',
      {
        accept: 'text/csv',
      },
    );
    expect(answer.body.split('\r\n')[1]).toMatch(/^2023-01-01\/2023-06-30,a,,,3,0,0\.01/);
  });

  test.each([
    ['period=all&from=2023-01&to=2023-02', 'from'],
    ['period=year&from=2023-01&to=2024', 'from'],
    ['period=month&from=2023&to=2024', 'from'],
    ['period=all&from=2023-02-02&to=2023-02-01', 'from'],
  ])('%s is refused', async (query, parameter) => {
    const answer = await world.get(`/datasets/levels/statistics?${query}`);
    expect([answer.status, body(answer).parameter]).toEqual([400, parameter]);
  });
});

test('the parts of a span are whole months, and the days beside them', () => {
  expect(partNames('2024')).toHaveLength(12);
  expect(partNames('2023-12-30/2024-03-01')).toEqual([
    ...['2023-12-30', '2023-12-31', '2024-01', '2024-02', '2024-03-01'],
  ]);
  expect(partNames('2024-02-02/2024-02-03')).toEqual(['2024-02-02', '2024-02-03']);
});
