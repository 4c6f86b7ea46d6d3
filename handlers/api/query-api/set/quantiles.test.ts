import { parse as parseCsv } from 'csv-parse/sync';
import { beforeEach, describe, expect, test } from 'vitest';
import { defineDataset } from '../../../../core/dataset/dataset.ts';
import type { Reading } from '../../../../core/dataset/reading.ts';
import { body, createApiWorld } from '../../../../test/support/api-world.ts';
import { mostBehindQuantiles } from './quantiles.ts';

const levels = defineDataset({
  ...{ name: 'levels', timeZone: 'Europe/Madrid', shards: 3 },
  measures: {
    level: { unit: 'm', min: -100, max: 1e6 },
    flow: { unit: 'l', min: 0, max: 9, optional: true },
  },
});
const reading = (sensorId: string, at: string, level: number, more = {}): Reading => ({
  ...{ sensorId, timestampMs: Date.parse(at), revision: 0, values: [level, null], attributes: [] },
  ...more,
});

let world: ReturnType<typeof createApiWorld>;
beforeEach(() => {
  world = createApiWorld(0, [levels]);
  world.store(levels, [
    reading('a', '2023-12-31T23:30:00Z', 1), // 2024 in Madrid
    reading('a', '2024-01-10T12:00:00Z', 2),
    reading('a', '2024-01-20T12:00:00Z', 4),
    reading('a', '2024-01-20T12:30:00Z', 1_000, { withdrawn: true, values: [null, null] }),
    reading('a', '2024-02-01T12:00:00Z', 10),
    reading('b', '2024-01-10T12:00:00Z', 7),
    reading('b', '2024-02-10T12:00:00Z', 20, { values: [20, 3] }),
    reading('c', '2024-01-15T12:00:00Z', 8),
  ]);
});
// biome-ignore lint/suspicious/noExplicitAny: rows of an answer as they come
const rowsOf = async (query: string): Promise<any[]> => {
  const answer = await world.get(`/datasets/levels/statistics?${query}`);
  expect(answer.status, answer.body).toBe(200);
  return body(answer).statistics;
};
const quantilesOf = (rows: { measures: { level: { quantiles: unknown } } }[]) =>
  rows.map(({ measures }) => measures.level.quantiles);

describe('quantiles', () => {
  test('of one sensor by month, without withdrawn readings', async () => {
    const rows = await rowsOf('from=2024-01&to=2024-02&sensor=a&quantiles=0.25,0.5,0.95');
    expect(quantilesOf(rows)).toEqual([
      { '0.25': 1.5, '0.5': 2, '0.95': 3.8 },
      { '0.25': 10, '0.5': 10, '0.95': 10 },
    ]);
    expect(rows[0].measures).not.toHaveProperty('flow');
  });

  test('of days, of years and of a span as one', async () => {
    expect(
      quantilesOf(await rowsOf('period=day&from=2024-01-01&to=2024-01-20&sensor=a&quantiles=0.5')),
    ).toEqual([1, 2, 4].map((level) => ({ '0.5': level })));
    expect(quantilesOf(await rowsOf('period=year&from=2024&to=2024&sensor=a&quantiles=0.5'))).toEqual([
      { '0.5': 3 },
    ]);
    const span = 'period=all&from=2024-01-10&to=2024-02-10&quantiles=0.5';
    expect(quantilesOf(await rowsOf(`${span}&sensor=a`))).toEqual([{ '0.5': 4 }]);
  });

  test('of sensors that are merged are of all their readings, and not of each', async () => {
    // 1, 2, 4, 7 and 8
    expect(quantilesOf(await rowsOf('from=2024-01&to=2024-01&quantiles=0.5'))).toEqual([{ '0.5': 4 }]);
    expect(quantilesOf(await rowsOf('from=2024-01&to=2024-01&sensor=b,c&quantiles=0.5'))).toEqual([
      { '0.5': 7.5 },
    ]);
  });

  test('of a row a sensor are of each, on every page', async () => {
    const path = '/datasets/levels/statistics?from=2024-01&to=2024-02&by=sensor&quantiles=0.5&limit=2';
    const found: unknown[] = [];
    for (let cursor = ''; ; ) {
      const page = body(await world.get(path + cursor));
      for (const { sensorId, measures } of page.statistics)
        found.push([sensorId, measures.level.quantiles['0.5']]);
      if (page.cursor === null) break;
      cursor = `&cursor=${page.cursor}`;
    }
    expect(found).toEqual([
      ['a', 2],
      ['b', 7],
      ['c', 8],
      ['a', 10],
      ['b', 20],
    ]);
  });

  test('as CSV are columns of their own, empty where there is no value', async () => {
    const path = '/datasets/levels/statistics?from=2024-01&to=2024-02&sensor=b&quantiles=.05,1';
    const [january, february] = parseCsv((await world.get(path, { accept: 'text/csv' })).body, {
      columns: true,
    });
    expect(january).toMatchObject({
      'level.quantiles.0.05': '7',
      'level.quantiles.1': '7',
      'flow.quantiles.1': '',
    });
    expect(february).toMatchObject({ 'flow.quantiles.1': '3' });
  });

  test('are left out where they are not asked for, and refused where they are none', async () => {
    const [row] = await rowsOf('from=2024-01&to=2024-01&sensor=a');
    expect(row.measures.level).not.toHaveProperty('quantiles');
    const answer = await world.get('/datasets/levels/statistics?from=2024-01&to=2024-01&quantiles=50');
    expect([answer.status, body(answer).parameter]).toEqual([400, 'quantiles']);
  });
});

describe('of more readings than are held', () => {
  /** The statistics say so; the readings themselves are not there. */
  function pretend(sensorId: string, counts: Record<string, number>): void {
    world.store(
      levels,
      Object.keys(counts).map((month) => reading(sensorId, `${month}-15T12:00:00Z`, 1)),
    );
    world.statistics.rows.forEach((row, at) => {
      const count = row.sensorId === sensorId ? counts[row.period] : undefined;
      if (count !== undefined)
        world.statistics.rows[at] = { ...row, statistics: { ...row.statistics, count } };
    });
  }

  test('a page ends early, with a cursor', async () => {
    pretend('x', { '2024-05': 600_000, '2024-06': 300_000, '2024-07': 500_000 });
    const path = '/datasets/levels/statistics?from=2024-05&to=2024-07&sensor=x&quantiles=0.5';
    const first = body(await world.get(path));
    const second = body(await world.get(`${path}&cursor=${first.cursor}`));
    const months = [first, second].map(({ statistics }) =>
      statistics.map(({ period }: { period: string }) => period),
    );
    expect([months, second.cursor]).toEqual([[['2024-05', '2024-06'], ['2024-07']], null]);
  });

  test('a single period is refused, with SQL as the way out', async () => {
    pretend('x', { '2024-05': mostBehindQuantiles(levels) + 1 });
    for (const more of ['', '&by=sensor', '&sensor=x']) {
      const answer = await world.get(
        `/datasets/levels/statistics?from=2024-05&to=2024-05&quantiles=0.5${more}`,
      );
      expect([answer.status, body(answer).type]).toEqual([422, 'urn:caudal:problem:too-many-readings']);
      expect(body(answer).detail).toContain('npm run caudal -- sql');
    }
  });
});
