import { parse as parseCsv } from 'csv-parse/sync';
import { beforeEach, describe, expect, test } from 'vitest';
import waterTemperature from '../../../../datasets/water-temperature.ts';
import { body, createApiWorld } from '../../../../test/support/api-world.ts';
import { probes } from '../../../../test/support/probe-dataset.ts';
import { datasets } from '../../contract/datasets.ts';

/** It is 15 June 2024. */
let world: ReturnType<typeof createApiWorld>;
beforeEach(() => {
  world = createApiWorld();
});

const at = (sensorId: string, time: string) => ({
  sensorId,
  timestampMs: Date.parse(time.length === 10 ? `${time}T10:00:00Z` : time),
  revision: 0,
  values: [20, null],
  attributes: [null],
});
const names = Array.from({ length: 25 }, (_, index) => `s${String(index).padStart(2, '0')}`);

type Page = ReturnType<typeof datasets.listSensors.answer.parse>;
const get = async (query = '', dataset = 'probes'): Promise<Page> =>
  datasets.listSensors.answer.parse(body(await world.get(`/datasets/${dataset}/sensors?${query}`)));
const ids = ({ sensors }: Page) => sensors.map(({ sensorId }) => sensorId);

async function everyPage(query: string, limit: number): Promise<Page['sensors']> {
  const found: Page['sensors'] = [];
  for (let cursor = ''; ; ) {
    const page = await get(`${query}&limit=${limit}${cursor}`);
    expect(page.sensors.length).toBeGreaterThan(0);
    found.push(...page.sensors);
    if (page.cursor === null) return found;
    cursor = `&cursor=${page.cursor}`;
  }
}

describe('sensors', () => {
  test('of the twelve months up to the newest that has readings, page by page, by id', async () => {
    world.store(probes, [
      ...names.map((name) => at(name, '2024-03-05')),
      at('within', '2023-04-01'),
      at('before', '2023-03-31'),
      at('future', '2024-07-01'),
    ]);
    expect(await get()).toMatchObject({ from: '2023-04', to: '2024-03', cursor: null });
    for (const limit of [1, 7, 25, 1000])
      expect((await everyPage('', limit)).map(({ sensorId }) => sensorId)).toEqual([...names, 'within']);
  });

  test('of the months that are asked for; none is an empty list', async () => {
    world.store(probes, [at('old', '2023-01-01'), at('new', '2024-06-01')]);
    expect(ids(await get('month=2023-01'))).toEqual(['old']);
    expect(ids(await get('from=2023-01'))).toEqual(['new', 'old']);
    expect(ids(await get('to=2024-05'))).toEqual([]);
    expect(ids(await get('from=2022-12&to=2023-01'))).toEqual(['old']);
    // Nothing has come since: that follows from the readings, and is no fault of the query.
    expect(await get('from=2024-07')).toMatchObject({
      from: '2024-07',
      to: '2024-07',
      sensors: [],
      cursor: null,
    });
    expect(await get('', 'stock-ticks')).toEqual({
      ...{ dataset: 'stock-ticks', from: null, to: null, sensors: [], cursor: null },
    });
  });

  test('with the first and the last local day of their readings, and how many there are', async () => {
    world.store(probes, [
      at('a', '2024-02-11'),
      at('a', '2024-02-20'),
      at('a', '2024-04-02'),
      at('a', '2024-05-30'),
      at('b', '2024-06-15'),
      at('b', '2024-06-15T10:01:00Z'),
    ]);
    expect((await get()).sensors).toEqual([
      { sensorId: 'a', firstDay: '2024-02-11', lastDay: '2024-05-30', count: 4, silentDays: 16 },
      { sensorId: 'b', firstDay: '2024-06-15', lastDay: '2024-06-15', count: 2, silentDays: 0 },
    ]);
    // What came later is not looked at, so that nobody is silent.
    expect((await get('from=2024-01&to=2024-04')).sensors).toEqual([
      { sensorId: 'a', firstDay: '2024-02-11', lastDay: '2024-04-02', count: 3 },
    ]);
  });

  test('completeness is of what is expected since the first day, up to now', async () => {
    const weekly = (sensorId: string, ...days: string[]) =>
      days.map((day) => ({ ...at(sensorId, day), values: [15, 0.1], attributes: [] }));
    world.store(waterTemperature, [
      ...weekly('new', '2024-05-17', '2024-05-24', '2024-05-31', '2024-06-07', '2024-06-14'),
      ...weekly('silent', '2024-05-17'),
    ]);
    expect((await get('', 'water-temperature')).sensors).toMatchObject([
      { sensorId: 'new', completeness: 1 },
      { sensorId: 'silent', completeness: 1 / 4, silentDays: 29 },
    ]);
  });

  test('those that are silent: by whole days of the calendar, whatever month they fell silent in', async () => {
    world.store(probes, [
      ...names.map((name) => at(name, '2023-12-30')),
      at('today', '2024-06-15T00:10:00Z'),
      at('yesterday', '2024-06-14'),
      at('two', '2024-06-13'),
      at('two', '2024-06-01'),
      at('sixteen', '2024-05-30'),
      at('seventeen', '2024-05-29'),
      at('ahead', '2024-06-16T09:00:00Z'),
    ]);
    const silent = async (days: string) =>
      ids(await get(`sensor=t*,y*,s*n,a*&silentFor=${encodeURIComponent(days)}`));
    expect(await silent('1 day')).toEqual(['seventeen', 'sixteen', 'two', 'yesterday']);
    expect(await silent('2 days')).toEqual(['seventeen', 'sixteen', 'two']);
    expect(await silent('3 days')).toEqual(['seventeen', 'sixteen']);
    expect(await silent('17 days')).toEqual(['seventeen']);
    expect(await silent('18 days')).toEqual([]);
    for (const limit of [1, 7, 100]) {
      const found = await everyPage('silentFor=1%20week', limit);
      expect(found.map(({ sensorId }) => sensorId)).toEqual([...names, 'seventeen', 'sixteen']);
    }
  });

  test('by a list or a pattern', async () => {
    world.store(
      probes,
      names.map((name) => at(name, '2024-06-05')),
    );
    expect(ids(await get('sensor=s01,s2*'))).toEqual(['s01', 's20', 's21', 's22', 's23', 's24']);
    expect(ids(await get('sensor=nobody'))).toEqual([]);
  });

  test('as CSV', async () => {
    world.store(probes, [at('a, "b"', '2024-06-05')]);
    const csv = await world.get('/datasets/probes/sensors?limit=1', { accept: 'text/csv' });
    expect(parseCsv(csv.body, { columns: true })).toMatchObject([
      {
        ...{ sensorId: 'a, "b"', firstDay: '2024-06-05', lastDay: '2024-06-05' },
        ...{ count: '1', completeness: '', silentDays: '10' },
      },
    ]);
  });

  test('a page whose sensors fell silent at many times ends early, and all of them are found', async () => {
    const months = Array.from({ length: 12 }, (_, index) =>
      new Date(Date.UTC(2023, 6 + index, 1)).toISOString().slice(0, 10),
    );
    const many = Array.from({ length: 600 }, (_, index) => `m${String(index).padStart(3, '0')}`);
    world.store(
      probes,
      many.map((name, index) => at(name, months[index % 12] as string)),
    );
    const first = await get('limit=1000');
    expect(first.sensors.length).toBeLessThan(600);
    const all = await everyPage('', 1000);
    expect(all.map(({ sensorId }) => sensorId)).toEqual(many);
    expect(all.map(({ lastDay }) => lastDay)).toEqual(many.map((_, index) => months[index % 12]));
  });

  test('months that are far back are not read', async () => {
    world.store(
      probes,
      names.map((name) => at(name, '2024-06-05')),
    );
    await get('limit=1');
    const reads = world.statistics.reads;
    for (let year = 2000; year < 2023; year++)
      world.store(
        probes,
        names.map((name) => at(name, `${year}-06-05`)),
      );
    world.statistics.reads = 0;
    await get('limit=1');
    expect(world.statistics.reads).toBe(reads);
  });
});

describe('stations', () => {
  const stations = {
    probes: [
      {
        sensorId: 'pier',
        name: 'Harbour, pier',
        latitude: 36.7,
        longitude: -4.4,
        elevation: -1.5,
        tags: ['coast', 'city'],
      },
      { sensorId: 'buoy', latitude: 36.5, longitude: -4.5, tags: ['coast'] },
      { sensorId: 'roof', name: 'Roof', tags: ['city'] },
      { sensorId: 'planned', tags: ['coast', 'planned'] },
    ],
  };
  beforeEach(() => {
    world = createApiWorld(undefined, undefined, stations);
    world.store(
      probes,
      ['pier', 'buoy', 'roof', 'unlisted'].map((name) => at(name, '2024-06-15')),
    );
  });
  const days = { firstDay: '2024-06-15', lastDay: '2024-06-15', count: 1, silentDays: 0 };

  test('are told beside the readings of their sensors; what is not known is left out', async () => {
    expect((await get()).sensors).toEqual([
      { sensorId: 'buoy', latitude: 36.5, longitude: -4.5, tags: ['coast'], ...days },
      {
        ...{ sensorId: 'pier', name: 'Harbour, pier', latitude: 36.7, longitude: -4.4, elevation: -1.5 },
        ...{ tags: ['coast', 'city'], ...days },
      },
      { sensorId: 'roof', name: 'Roof', tags: ['city'], ...days },
      { sensorId: 'unlisted', ...days },
    ]);
    const csv = await world.get('/datasets/probes/sensors?sensor=pier', { accept: 'text/csv' });
    expect(parseCsv(csv.body, { columns: true })).toMatchObject([
      { name: 'Harbour, pier', latitude: '36.7', longitude: '-4.4', elevation: '-1.5', tags: 'coast;city' },
    ]);
  });

  test('as GeoJSON: points of longitude, latitude and elevation, no place where none is known, the cursor beside them', async () => {
    const answer = await world.get('/datasets/probes/sensors?limit=3', { accept: 'application/geo+json' });
    expect(answer.headers['content-type']).toBe('application/geo+json');
    expect(answer.headers.link).toContain('rel="next"');
    const { cursor, ...collection } = body(answer);
    expect(cursor).toBe((await get('limit=3')).cursor);
    expect(collection).toMatchObject({ type: 'FeatureCollection', dataset: 'probes', to: '2024-06' });
    expect(collection.features).toEqual([
      {
        ...{ type: 'Feature', id: 'buoy', geometry: { type: 'Point', coordinates: [-4.5, 36.5] } },
        properties: { sensorId: 'buoy', tags: ['coast'], ...days },
      },
      {
        ...{ type: 'Feature', id: 'pier', geometry: { type: 'Point', coordinates: [-4.4, 36.7, -1.5] } },
        properties: {
          sensorId: 'pier',
          name: 'Harbour, pier',
          elevation: -1.5,
          tags: ['coast', 'city'],
          ...days,
        },
      },
      {
        ...{ type: 'Feature', id: 'roof', geometry: null },
        properties: { sensorId: 'roof', name: 'Roof', tags: ['city'], ...days },
      },
    ]);
  });

  test('filter by their tags, all of them, beside a list or a pattern', async () => {
    expect(ids(await get('tag=coast'))).toEqual(['buoy', 'pier']);
    expect(ids(await get('tag=coast,city'))).toEqual(['pier']);
    expect(ids(await get('tag=city&sensor=r*,buoy'))).toEqual(['roof']);
    expect(ids(await get('tag=planned'))).toEqual([]);
    const unknown = await world.get('/datasets/probes/sensors?tag=caost');
    expect([unknown.status, body(unknown).accepted]).toEqual([400, ['city', 'coast', 'planned']]);
    expect((await world.get('/datasets/stock-ticks/sensors?tag=coast')).status).toBe(400);
  });

  test('filter statistics too: a row a sensor, or merged, also where one station has the tag', async () => {
    const statistics = async (query: string) => {
      const answer = await world.get(`/datasets/probes/statistics?from=2024-06&to=2024-06&${query}`);
      return datasets.queryStatistics.answer.parse(body(answer)).statistics;
    };
    expect((await statistics('tag=coast&by=sensor')).map(({ sensorId }) => sensorId)).toEqual([
      'buoy',
      'pier',
    ]);
    expect(await statistics('tag=city')).toMatchObject([{ sensors: 2, count: 2 }]);
    expect(await statistics('tag=coast,city')).toMatchObject([{ sensors: 1, count: 1 }]);
    expect(await statistics('tag=planned')).toEqual([]);
    expect(await statistics('tag=city&sensor=roof,pier&by=sensor')).toMatchObject([
      { sensorId: 'pier' },
      { sensorId: 'roof' },
    ]);
    const unknown = await world.get('/datasets/probes/statistics?from=2024-06&to=2024-06&tag=coast,north');
    expect([unknown.status, body(unknown).parameter]).toEqual([400, 'tag']);
  });
});
