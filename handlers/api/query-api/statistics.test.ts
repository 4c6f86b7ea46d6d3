import { readFileSync } from 'node:fs';
import { parse as parseCsv } from 'csv-parse/sync';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Reading } from '../../../core/dataset/reading.ts';
import { type MeasureStatistics, mean, mergeStatistics } from '../../../core/statistics/statistics.ts';
import waterTemperature from '../../../datasets/water-temperature.ts';
import { body, createApiWorld } from '../../../test/support/api-world.ts';
import { probes } from '../../../test/support/probe-dataset.ts';
import { datasets } from '../contract/datasets.ts';
import { waterTemperature as waterRoutes } from '../contract/water-temperature.ts';

const reading = (sensorId: string, at: string, temperature: number): Reading => ({
  sensorId,
  timestampMs: Date.parse(at),
  revision: 0,
  values: [temperature, null],
  attributes: [null],
});
const many = Array.from({ length: 40 }, (_, index) =>
  ['2024-01-05T10:00:00Z', '2024-01-06T10:00:00Z', '2024-03-05T10:00:00Z'].map((at, day) =>
    reading(`sensor-${index}`, at, (index * 7.3 + day * 1.1) % 40),
  ),
).flat();

let world: ReturnType<typeof createApiWorld>;
beforeEach(() => {
  world = createApiWorld();
  world.store(probes, many);
});
const months = '/datasets/probes/statistics?from=2023-12&to=2024-04';

/** An id as a selection has it. */
const marked = (id: string): string => id.replaceAll(/[,*\\]/g, '\\$&');

test('a sensor is asked for by what it is called, in any encoding of it', async () => {
  const ids = ['Río-2', 'Upper Mill 4', 'plant/line #3 50%', '東京 第2', '"quoted", \\'];
  world.store(
    probes,
    ids.map((id, index) => reading(id, '2024-06-05T10:00:00Z', index)),
  );
  const june = '/datasets/probes/statistics?from=2024-06&to=2024-06';
  for (const [index, id] of ids.entries()) {
    for (const asked of [id, id.normalize('NFD'), ` ${id}`]) {
      const answer = body(await world.get(`${june}&sensor=${encodeURIComponent(marked(asked))}`));
      expect(answer.statistics).toMatchObject([{ sensorId: id, measures: { temperature: { mean: index } } }]);
    }
    const csv = await world.get(`${june}&sensor=${encodeURIComponent(marked(id))}`, { accept: 'text/csv' });
    expect(parseCsv(csv.body, { columns: true })).toMatchObject([{ sensorId: id }]);
  }
  const found: string[] = [];
  for (let cursor = ''; ; ) {
    const page = body(await world.get(`/datasets/probes/sensors?month=2024-06&limit=1${cursor}`));
    found.push(...page.sensors.map(({ sensorId }: { sensorId: string }) => sensorId));
    if (page.cursor === null) break;
    cursor = `&cursor=${page.cursor}`;
  }
  expect(found).toEqual(ids.toSorted());
});

describe('one sensor', () => {
  test('months in order, with the difference to the last month that has readings', async () => {
    const page = datasets.queryStatistics.answer.parse(body(await world.get(`${months}&sensor=sensor-1`)));
    expect(page.statistics.map(({ period, monthBefore }) => [period, monthBefore])).toEqual([
      ['2024-01', null],
      ['2024-03', '2024-01'],
    ]);
    const [january, march] = page.statistics.map(({ measures }) => measures.temperature);
    expect(january?.difference).toBeNull();
    expect(march?.difference?.max).toBe((march?.max ?? 0) - (january?.max ?? 0));
    expect(march?.difference?.mean).toBe(1.65); // the two rounded means are 1.6500000000000004 apart
    expect(page.units).toEqual({ temperature: '°C', humidity: '%' });
    expect(page.cursor).toBeNull();
  });

  test('the month before lies outside the span, or on the page before', async () => {
    const march = '/datasets/probes/statistics?from=2024-03&to=2024-04&sensor=sensor-1';
    expect(body(await world.get(march)).statistics[0].monthBefore).toBe('2024-01');
    const first = body(await world.get(`${months}&sensor=sensor-1&limit=1`));
    const second = body(await world.get(`${months}&sensor=sensor-1&limit=1&cursor=${first.cursor}`));
    expect(second.statistics).toMatchObject([{ period: '2024-03', monthBefore: '2024-01' }]);
  });

  test('days, without differences', async () => {
    const url = '/datasets/probes/statistics?period=day&from=2024-01-01&to=2024-01-31&sensor=sensor-1';
    const { statistics } = datasets.queryStatistics.answer.parse(body(await world.get(url)));
    expect(statistics.map(({ period }) => period)).toEqual(['2024-01-05', '2024-01-06']);
    expect(statistics[0]).not.toHaveProperty('monthBefore');
    expect(statistics[0]?.measures.temperature).not.toHaveProperty('difference');
  });

  test('a series that does not exist is 404, one without data in the span an empty list', async () => {
    expect((await world.get(`${months}&sensor=nobody`)).status).toBe(404);
    const empty = await world.get('/datasets/probes/statistics?from=2020-01&to=2020-02&sensor=sensor-1');
    expect([empty.status, body(empty).statistics]).toEqual([200, []]);
  });
});

describe('all sensors', () => {
  test('are merged exactly: the mean of all their readings, in whatever order', async () => {
    const page = datasets.queryStatistics.answer.parse(body(await world.get(months)));
    const january = world.statistics.rows.filter(({ period }) => period === '2024-01');
    const expected = mergeStatistics(probes, january.map(({ statistics }) => statistics).reverse());
    const temperature = expected.measures.temperature as MeasureStatistics;
    const { max } = temperature;
    expect(page.statistics[0]).toMatchObject({
      period: '2024-01',
      sensors: 40,
      count: 80,
      measures: { temperature: { count: 80, mean: mean(temperature), max } },
      alerts: { hot: { count: expected.alerts.hot?.count } },
    });
    expect(page.statistics[1]?.monthBefore).toBe('2024-01');
  });

  test('completeness is the mean over the sensors: one that reports too often does not hide one that is silent', async () => {
    const weekly = (sensorId: string, days: number[]): Reading[] =>
      days.map((day) => ({
        sensorId,
        timestampMs: Date.UTC(2024, 1, day, 12),
        revision: 0,
        values: [15, 0.1],
        attributes: [],
      }));
    world.store(waterTemperature, [
      ...weekly(
        'often',
        [...Array(28).keys()].map((day) => day + 1),
      ),
      ...weekly('once', [3]),
    ]);
    const page = body(await world.get('/datasets/water-temperature/statistics?from=2024-02&to=2024-02'));
    expect(page.statistics).toMatchObject([{ count: 29, completeness: (1 + 1 / 4) / 2 }]);
  });

  test('completeness counts the sensors that fell silent, for a year; who asks for others does not count them', async () => {
    const on = (sensorId: string, ...days: string[]): Reading[] =>
      days.map((day) => ({
        ...reading(sensorId, `${day}T11:00:00Z`, 15),
        values: [15, 0.1],
        attributes: [],
      }));
    const weekly = ['2024-02-01', '2024-02-08', '2024-02-15', '2024-02-22'];
    world.store(waterTemperature, [
      ...on('well', ...weekly, '2024-01-10', '2025-01-10'),
      ...on('silent-1', '2024-01-10'),
      ...on('silent-2', '2023-02-10'),
      ...on('long-gone', '2023-01-10'),
      ...on('not-yet', '2024-03-10', '2025-01-10'),
    ]);
    const url = '/datasets/water-temperature/statistics';
    const of = async (query: string) =>
      datasets.queryStatistics.answer.parse(body(await world.get(`${url}?${query}`))).statistics;
    const february = { sensors: 1, silent: 2, completeness: 1 / 3 };
    expect(await of('from=2024-02&to=2024-02')).toMatchObject([february]);
    expect(await of('from=2023-01&to=2025-01&limit=1000')).toMatchObject([
      { period: '2023-01', sensors: 1, silent: 0 },
      { period: '2023-02', sensors: 1, silent: 1 },
      { period: '2024-01', sensors: 2, silent: 2 },
      { period: '2024-02', ...february },
      { period: '2024-03', sensors: 1, silent: 2 },
      { period: '2025-01', sensors: 2, silent: 1 },
    ]);
    expect(await of('period=day&from=2024-02-08&to=2024-02-08')).toMatchObject([february]);
    expect(await of('from=2024-02&to=2024-02&sensor=well,silent-1')).toMatchObject([
      { silent: 1, completeness: 1 / 2 },
    ]);
    expect(await of('from=2024-02&to=2024-02&sensor=w*')).toMatchObject([{ silent: 0, completeness: 1 }]);
    const csv = await world.get(`${url}?from=2024-02&to=2024-02`, { accept: 'text/csv' });
    expect(parseCsv(csv.body, { columns: true })).toMatchObject([{ sensors: '1', silent: '2' }]);
  });

  test('a long span without readings ends a page early, with a cursor, and comes to its end', async () => {
    const url = '/datasets/probes/statistics?period=day&from=2020-01-01&to=2029-12-31';
    const found: string[] = [];
    let pages = 0;
    for (let cursor: string | null = ''; cursor !== null; pages++) {
      world.statistics.reads = 0;
      const page: { statistics: { period: string }[]; cursor: string | null } = body(
        await world.get(cursor === '' ? url : `${url}&cursor=${cursor}`),
      );
      expect(world.statistics.reads).toBeLessThan(2_100);
      found.push(...page.statistics.map(({ period }) => period));
      cursor = page.cursor;
    }
    expect(pages).toBeGreaterThan(2);
    expect(found).toEqual(['2024-01-05', '2024-01-06', '2024-03-05']);
  });

  test('the month before is looked for over a gap of any length up to ten years, by one query where it is near', async () => {
    world.store(probes, [
      reading('late', '2034-01-05T10:00:00Z', 1),
      reading('late', '2034-02-05T10:00:00Z', 1),
    ]);
    const monthBefore = async (month: string): Promise<string | null> => {
      world.statistics.reads = 0;
      const page = body(await world.get(`/datasets/probes/statistics?from=${month}&to=${month}`));
      return page.statistics[0].monthBefore;
    };
    expect(await monthBefore('2034-01')).toBe('2024-03');
    expect(await monthBefore('2034-02')).toBe('2034-01');
    // Two shards: the month itself, whether there is the one before, and that.
    expect(world.statistics.reads).toBe(2 + 2 + 2);
    world.store(probes, [reading('later', '2044-03-05T10:00:00Z', 1)]);
    expect(await monthBefore('2044-03')).toBeNull();
  });

  test('nothing in the span is an empty list', async () => {
    const empty = await world.get('/datasets/probes/statistics?from=2020-01&to=2020-02');
    expect([empty.status, body(empty).statistics, body(empty).cursor]).toEqual([200, [], null]);
  });
});

describe('some sensors', () => {
  const one = async (filter: string) =>
    datasets.queryStatistics.answer.parse(body(await world.get(`${months}&sensor=${filter}`)));

  test('are merged as all are: those that are listed, or fit a pattern', async () => {
    for (const [filter, ids] of [
      ['sensor-3,sensor-1,sensor-2', ['sensor-1', 'sensor-2', 'sensor-3']],
      ['sensor-3*', ['sensor-3', ...Array.from({ length: 10 }, (_, index) => `sensor-3${index}`)]],
      [
        'sensor-3*,sensor-1',
        ['sensor-1', 'sensor-3', ...Array.from({ length: 10 }, (_, index) => `sensor-3${index}`)],
      ],
    ] as const) {
      const { statistics } = await one(filter);
      expect(statistics.map(({ period, sensors, monthBefore }) => [period, sensors, monthBefore])).toEqual([
        ['2024-01', ids.length, null],
        ['2024-03', ids.length, '2024-01'],
      ]);
      const expected = mergeStatistics(
        probes,
        world.statistics.rows
          .filter(
            ({ period, sensorId }) => period === '2024-01' && (ids as readonly string[]).includes(sensorId),
          )
          .map((row) => row.statistics),
      );
      expect(statistics[0]?.count).toBe(expected.count);
      expect(statistics[0]?.measures.temperature?.mean).toBe(
        mean(expected.measures.temperature as MeasureStatistics),
      );
    }
  });

  test('one that never had readings is named; a pattern that fits none is an empty list', async () => {
    for (const by of ['', '&by=sensor']) {
      const answer = await world.get(`${months}&sensor=sensor-1,nobody,sensor-2,noone${by}`);
      expect(answer.status).toBe(404);
      expect(body(answer).detail).toBe('probes has no sensors "nobody", "noone"');
      const none = await world.get(`${months}&sensor=nothing-*${by}`);
      expect([none.status, body(none).statistics]).toEqual([200, []]);
      const quiet = '/datasets/probes/statistics?from=2020-01&to=2020-02&sensor=sensor-1,sensor-2';
      expect((await world.get(`${quiet}${by}`)).status).toBe(200);
    }
  });
});

describe('a row a sensor', () => {
  type Row = { period: string; sensorId: string };
  const rowsOf = async (url: string, limit: number): Promise<Row[]> => {
    const rows: Row[] = [];
    for (let cursor = ''; ; ) {
      const answer = await world.get(`${url}&limit=${limit}${cursor}`);
      const page = datasets.queryStatistics.answer.parse(body(answer));
      expect(page.statistics.length).toBeLessThanOrEqual(limit);
      rows.push(...(page.statistics as Row[]));
      if (page.cursor === null) return rows;
      cursor = `&cursor=${page.cursor}`;
    }
  };

  test('and period, by period and id; pages of any size have the rows of one page', async () => {
    const url = `${months}&by=sensor`;
    const ids = Array.from({ length: 40 }, (_, index) => `sensor-${index}`).sort();
    const rows = await rowsOf(url, 1000);
    expect(rows.map(({ period, sensorId }) => [period, sensorId])).toEqual([
      ...ids.map((id) => ['2024-01', id]),
      ...ids.map((id) => ['2024-03', id]),
    ]);
    for (const limit of [1, 3, 40, 41, 79, 80]) expect(await rowsOf(url, limit)).toEqual(rows);
  });

  test('has the values that the sensor has alone, without differences', async () => {
    const rows = await rowsOf(`${months}&by=sensor&sensor=sensor-1*`, 7);
    expect(new Set(rows.map(({ sensorId }) => sensorId)).size).toBe(11);
    for (const sensorId of ['sensor-1', 'sensor-17']) {
      const alone = body(await world.get(`${months}&sensor=${sensorId}`)).statistics;
      for (const row of alone) delete row.measures.temperature.difference;
      const expected = alone.map(({ monthBefore: _, ...row }: { monthBefore: unknown }) => row);
      expect(rows.filter((row) => row.sensorId === sensorId)).toEqual(expected);
      expect(await rowsOf(`${months}&by=sensor&sensor=${sensorId}`, 5)).toEqual(expected);
    }
  });

  test('of days over a long span without readings: pages end early and come to their end', async () => {
    const url =
      '/datasets/probes/statistics?period=day&from=2020-01-01&to=2029-12-31&by=sensor&sensor=sensor-4';
    world.statistics.reads = 0;
    expect((await rowsOf(url, 100)).map(({ period }) => period)).toEqual([
      '2024-01-05',
      '2024-01-06',
      '2024-03-05',
    ]);
    expect(world.statistics.reads).toBeLessThan(4_000);
  });

  test('as CSV has a line a row and no columns of differences; its cursor is not that of merged sensors', async () => {
    const url = `${months}&by=sensor&sensor=sensor-1,sensor-2`;
    const csv = await world.get(url, { accept: 'text/csv' });
    const lines = parseCsv(csv.body, { columns: true }) as Record<string, string>[];
    expect(lines.map(({ period, sensorId, count }) => [period, sensorId, count])).toEqual([
      ['2024-01', 'sensor-1', '2'],
      ['2024-01', 'sensor-2', '2'],
      ['2024-03', 'sensor-1', '1'],
      ['2024-03', 'sensor-2', '1'],
    ]);
    expect(lines[0]).not.toHaveProperty('monthBefore');
    expect(lines[0]).not.toHaveProperty('temperature.difference.max');
    const { cursor } = body(await world.get(`${url}&limit=1`));
    const other = await world.get(`${months}&sensor=sensor-1,sensor-2&cursor=${cursor}`);
    expect([other.status, body(other).parameter]).toEqual([400, 'cursor']);
  });
});

describe('paging', () => {
  test.each(['', '&sensor=sensor-3', '&sensor=sensor-3*', '&by=sensor'])(
    'pages of any size have the rows of one page (%s)',
    async (filter) => {
      const url = `/datasets/probes/statistics?period=day&from=2024-01-01&to=2024-03-31${filter}`;
      const whole = body(await world.get(`${url}&limit=1000`)).statistics;
      for (const limit of [1, 2, 3]) {
        const rows: unknown[] = [];
        let cursor: string | null = null;
        do {
          const page = body(
            await world.get(`${url}&limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`),
          );
          expect(page.statistics.length).toBeLessThanOrEqual(limit);
          rows.push(...page.statistics);
          cursor = page.cursor;
        } while (cursor !== null);
        expect(rows).toEqual(whole);
      }
    },
  );

  test('a cursor is good for its own query only', async () => {
    const { cursor } = body(await world.get(`${months}&sensor=sensor-1&limit=1`));
    expect(cursor).not.toBeNull();
    for (const other of [
      `${months}&sensor=sensor-2`,
      `${months}`,
      '/datasets/stock-ticks/statistics?from=2023-12&to=2024-04&sensor=sensor-1',
      '/datasets/probes/statistics?from=2023-11&to=2024-04&sensor=sensor-1',
    ]) {
      const answer = await world.get(`${other}&cursor=${cursor}`);
      expect([answer.status, body(answer).parameter]).toEqual([400, 'cursor']);
    }
  });

  test('a cursor made up from parts of a real one is refused', async () => {
    const { cursor } = body(await world.get(`${months}&sensor=sensor-1&limit=1`));
    const [digest] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const forge = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
    for (const forged of [
      forge(digest, '2025-01'),
      forge(digest, 'x'),
      forge(digest, 1),
      forge('', '2024-01'),
      'AAAA',
      `${cursor}A`,
    ]) {
      const answer = await world.get(`${months}&sensor=sensor-1&cursor=${forged}`);
      expect([answer.status, body(answer).parameter]).toEqual([400, 'cursor']);
    }
  });
});

describe('representations', () => {
  test('CSV has the rows of the JSON, and the cursor in the Link header', async () => {
    const csv = await world.get(`${months}&sensor=sensor-1&limit=1`, { accept: 'text/csv' });
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
    const [header = '', row = '', rest] = csv.body.split('\r\n');
    expect(rest).toBe('');
    const json = body(await world.get(`${months}&sensor=sensor-1&limit=1`));
    const cells = Object.fromEntries(header.split(',').map((name, index) => [name, row.split(',')[index]]));
    expect(cells).toMatchObject({
      period: '2024-01',
      sensorId: 'sensor-1',
      count: '2',
      'temperature.mean': String(json.statistics[0].measures.temperature.mean),
      'temperature.difference.max': '',
      'humidity.mean': '',
    });
    expect(csv.headers.link).toContain(`cursor=${json.cursor}`);
    expect(csv.headers.link).toMatch(/^<\/prod\/datasets\/probes\/statistics\?.*>; rel="next"$/);
  });

  test('an entity tag differs by content, and is answered with 304', async () => {
    const first = await world.get(months);
    const tag = first.headers.etag ?? '';
    expect(tag).toMatch(/^W\/"[\w-]{27}"$/);
    for (const known of [tag, tag.slice(2), `"x", ${tag}`, '*']) {
      const answer = await world.get(months, { 'if-none-match': known });
      expect([answer.status, answer.body, answer.headers.etag]).toEqual([304, '', tag]);
    }
    expect((await world.get(months, { 'if-none-match': '"other"' })).status).toBe(200);
    expect((await world.get(months, { accept: 'text/csv' })).headers.etag).not.toBe(tag);
    world.store(probes, [reading('late', '2024-01-09T10:00:00Z', 1)]);
    expect((await world.get(months, { 'if-none-match': tag })).status).toBe(200);
  });

  test('what is accepted is weighed', async () => {
    const type = async (accept: string) => (await world.get(months, { accept })).headers['content-type'];
    expect(await type('text/csv;q=0.5, application/json')).toBe('application/json');
    expect(await type('text/*, application/json;q=0.2')).toContain('text/csv');
    expect(await type('*/*')).toBe('application/json');
    const answer = await world.get(months, { accept: 'image/png' });
    expect([answer.status, body(answer).accepted]).toEqual([406, ['application/json', 'text/csv']]);
  });
});

test('the months of the fixture are what exact arithmetic gives', async () => {
  const fixtures = new URL('../../../test/fixtures/', import.meta.url);
  const rows = readFileSync(new URL('aquasense-2023-11.csv', fixtures), 'utf8')
    .trim()
    .split(/\r?\n/)
    .slice(1);
  const header =
    readFileSync(new URL('aquasense-2023-11.csv', fixtures), 'utf8').split(/\r?\n/)[0]?.split(',') ?? [];
  const column = (cells: string[], name: string): string => cells[header.indexOf(name)] ?? '';
  world.store(
    waterTemperature,
    rows.map((row) => {
      const cells = row.split(',');
      const [year, month, day] = column(cells, 'Fecha').split('/').map(Number);
      return {
        sensorId: 'aquasense',
        timestampMs: Date.UTC(year ?? 0, (month ?? 0) - 1, day, 12),
        revision: 0,
        values: [Number(column(cells, 'Medida')), Number(column(cells, 'Desviaciones'))],
        attributes: [],
      };
    }),
  );
  const expected: {
    year: number;
    month: number;
    temperature: { mean: number };
    deviation: { max: number };
    maxdiff: number;
  }[] = JSON.parse(readFileSync(new URL('aquasense-2023-11.expected.json', fixtures), 'utf8'));
  for (const { year, month, temperature, deviation, maxdiff } of expected) {
    for (const sensor of ['', '&sensor=aquasense']) {
      const query = `year=${year}&month=${month}${sensor}`;
      const mean = waterRoutes.meanTemperature.answer.parse(body(await world.get(`/temp?${query}`)));
      expect(mean.mean).toBe(temperature.mean);
      const highest = waterRoutes.maxDeviation.answer.parse(body(await world.get(`/sd?${query}`)));
      expect(highest.maxDeviation).toBe(deviation.max);
      const difference = waterRoutes.maxDifference.answer.parse(body(await world.get(`/maxdiff?${query}`)));
      expect(difference.difference).toBe(maxdiff);
    }
  }
});
