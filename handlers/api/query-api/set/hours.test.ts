import { parse as parseCsv } from 'csv-parse/sync';
import { beforeEach, describe, expect, test } from 'vitest';
import { defineDataset } from '../../../../core/dataset/dataset.ts';
import type { Reading } from '../../../../core/dataset/reading.ts';
import { body, createApiWorld } from '../../../../test/support/api-world.ts';

const levels = defineDataset({
  ...{ name: 'levels', timeZone: 'Europe/Madrid', shards: 3, expectedEvery: '15 minutes' },
  measures: {
    level: { unit: 'm', min: -100, max: 1e6 },
    flow: { unit: 'l', min: 0, max: 9, optional: true },
  },
  alerts: { high: { measure: 'level', above: 50 } },
});
const reading = (sensorId: string, at: string, level: number, more = {}): Reading => ({
  ...{ sensorId, timestampMs: Date.parse(at), revision: 0, values: [level, null], attributes: [] },
  ...more,
});

let world: ReturnType<typeof createApiWorld>;
beforeEach(() => {
  world = createApiWorld(0, [levels]);
  world.store(levels, [
    // Madrid's clock shows 02:00 twice on this day: it has 25 hours.
    ...['00:05', '00:20', '00:35', '00:50', '01:10', '01:40'].map((at, index) =>
      reading('a', `2024-10-27T${at}:00Z`, index),
    ),
    reading('a', '2024-10-27T23:30:00Z', 100), // the next day
    reading('b', '2024-10-27T00:30:00Z', 8),
    reading('b', '2024-10-27T00:40:00Z', 999, { withdrawn: true, values: [null, null] }),
    reading('c', '2024-10-29T12:00:00Z', 3),
  ]);
});
// biome-ignore lint/suspicious/noExplicitAny: rows of an answer as they come
const rowsOf = async (query: string): Promise<any[]> => {
  const answer = await world.get(`/datasets/levels/statistics?period=hour&${query}`);
  expect(answer.status, answer.body).toBe(200);
  return body(answer).statistics;
};
const span = 'from=2024-10-27&to=2024-10-30';

describe('hours', () => {
  test('of one sensor are those of the local clock, one that it shows twice is two', async () => {
    const rows = await rowsOf(`${span}&sensor=a`);
    expect(rows.map(({ period, count, measures }) => [period, count, measures.level.mean])).toEqual([
      ['2024-10-27T02:00+02:00', 4, 1.5],
      ['2024-10-27T02:00+01:00', 2, 4.5],
      ['2024-10-28T00:00+01:00', 1, 100],
    ]);
    expect(rows.map(({ sensorId, completeness }) => [sensorId, completeness])).toEqual([
      ['a', 1],
      ['a', 0.5],
      ['a', 0.25],
    ]);
    expect(rows[2]).toMatchObject({ alerts: {}, contested: 0 });
  });

  test('of merged sensors count what counts, and quantiles are of all of their readings', async () => {
    const [first] = await rowsOf(`${span}&quantiles=0.5`);
    expect(first).toMatchObject({
      ...{ period: '2024-10-27T02:00+02:00', sensors: 2, silent: 0, count: 5 },
      measures: { level: { count: 5, mean: 14 / 5, min: 0, max: 8, quantiles: { '0.5': 2 } } },
    });
    expect(first.measures).not.toHaveProperty('flow');
  });

  test('come page by page, a row a sensor as well as merged', async () => {
    for (const by of ['', '&by=sensor', '&sensor=a']) {
      const all = await rowsOf(`${span}${by}`);
      const found: unknown[] = [];
      for (let cursor = ''; ; ) {
        const page = body(
          await world.get(`/datasets/levels/statistics?period=hour&${span}${by}&limit=1${cursor}`),
        );
        found.push(...page.statistics);
        if (page.cursor === null) break;
        cursor = `&cursor=${page.cursor}`;
      }
      expect(found).toEqual(all);
      expect(all.length).toBeGreaterThan(2);
    }
    const rows = await rowsOf(`${span}&by=sensor`);
    expect(rows.map(({ period, sensorId }) => `${period} ${sensorId}`)).toEqual([
      '2024-10-27T02:00+02:00 a',
      '2024-10-27T02:00+02:00 b',
      '2024-10-27T02:00+01:00 a',
      '2024-10-28T00:00+01:00 a',
      '2024-10-29T13:00+01:00 c',
    ]);
  });

  test('add up to their day', async () => {
    const hours = await rowsOf('from=2024-10-27&to=2024-10-27');
    const day = body(
      await world.get('/datasets/levels/statistics?period=day&from=2024-10-27&to=2024-10-27'),
    ).statistics;
    expect(hours.reduce((sum, { count }) => sum + count, 0)).toBe(day[0].count);
  });

  test('are a table as CSV', async () => {
    const answer = await world.get(`/datasets/levels/statistics?period=hour&${span}&sensor=a`, {
      accept: 'text/csv',
    });
    const rows = parseCsv(answer.body ?? '', { columns: true }) as Record<string, string>[];
    expect(rows.map((row) => [row.period, row['level.mean']])[1]).toEqual(['2024-10-27T02:00+01:00', '4.5']);
  });

  test('of a sensor that there is not are a problem, of days without readings none', async () => {
    const unknown = await world.get(`/datasets/levels/statistics?period=hour&${span}&sensor=nobody`);
    expect(unknown.status).toBe(404);
    expect(await rowsOf('from=2023-01-01&to=2023-03-01&sensor=a')).toEqual([]);
  });

  test('take days, and refuse a cursor of other days', async () => {
    const months = await world.get('/datasets/levels/statistics?period=hour&from=2024-10&to=2024-11');
    expect(months.status).toBe(400);
    expect(body(months).detail).toContain('period=hour');
    const page = body(await world.get(`/datasets/levels/statistics?period=hour&${span}&limit=1`));
    const other = await world.get(
      `/datasets/levels/statistics?period=hour&from=2024-10-28&to=2024-10-30&cursor=${page.cursor}`,
    );
    expect(other.status).toBe(400);
  });
});
