import { parse as parseCsv } from 'csv-parse/sync';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Dataset, defineDataset } from '../../../../core/dataset/dataset.ts';
import type { Reading } from '../../../../core/dataset/reading.ts';
import { partitionKey, shardOf } from '../../../../core/partition/partition.ts';
import { encodePartition } from '../../../../core/partition/partition-file.ts';
import { union } from '../../../../core/set/union.ts';
import { body, createApiWorld } from '../../../../test/support/api-world.ts';
import { setOf } from '../../../../test/support/parse-bytes.ts';
import { probes } from '../../../../test/support/probe-dataset.ts';
import { storedReadings } from '../../contract/stored-readings.ts';
import { toProxyResult } from '../../http/api-gateway.ts';

const reading = (sensorId: string, at: string | number, temperature: number, more = {}): Reading => ({
  sensorId,
  timestampMs: typeof at === 'number' ? at : Date.parse(at),
  revision: 0,
  values: [temperature, null],
  attributes: [null],
  ...more,
});
const hourMs = 3_600_000;

let world: ReturnType<typeof createApiWorld>;
beforeEach(() => {
  world = createApiWorld();
});
const january = '/datasets/probes/readings?sensor=a&from=2024-01-01&to=2024-01-31';

/** All pages of a query, and how many they were. */
async function all(path: string): Promise<{ readings: { timestamp: string }[]; pages: number }> {
  const readings: { timestamp: string }[] = [];
  for (let cursor = '', pages = 1; ; pages++) {
    const answer = await world.get(path + cursor);
    expect(answer.status, answer.body).toBe(200);
    const page = storedReadings.listReadings.answer.parse(body(answer));
    readings.push(...page.readings);
    if (page.cursor === null) return { readings, pages };
    cursor = `&cursor=${page.cursor}`;
  }
}

describe('the readings of a sensor', () => {
  const gone: Partial<Reading> = { withdrawn: true, revision: 2, values: [null, null] };
  beforeEach(() => {
    const first = setOf(probes, [
      reading('a', '2024-01-05T10:00:00Z', 1.5, { values: [1.5, 40], attributes: ['Río "2"'] }),
      reading('a', '2024-01-06T10:00:00Z', 2, { revision: 3 }),
      reading('a', '2024-01-07T10:00:00Z', 3),
      reading('a', '2024-01-07T11:00:00Z', 4),
      reading('b', '2024-01-05T10:00:00Z', 9),
    ]);
    const second = setOf(probes, [
      reading('a', '2024-01-07T10:00:00Z', 5),
      reading('a', '2024-01-07T11:00:00Z', 0, gone),
    ]);
    world.storeSet(probes, union(probes, first, second).columns);
  });

  test('as the set has them: every measure and attribute, revision and contested, without withdrawn ones', async () => {
    const page = storedReadings.listReadings.answer.parse(body(await world.get(january)));
    const none = { humidity: null, site: null };
    expect(page).toEqual({
      dataset: 'probes',
      timeZone: 'Europe/Madrid',
      from: '2023-12-31T23:00:00.000Z',
      to: '2024-01-31T22:59:59.999Z',
      order: 'oldest',
      units: { temperature: '°C', humidity: '%' },
      readings: [
        {
          ...{ sensorId: 'a', timestamp: '2024-01-05T10:00:00.000Z', temperature: 1.5, humidity: 40 },
          ...{ site: 'Río "2"', revision: 0, contested: false },
        },
        {
          ...{ sensorId: 'a', timestamp: '2024-01-06T10:00:00.000Z', temperature: 2, ...none },
          ...{ revision: 3, contested: false },
        },
        {
          ...{ sensorId: 'a', timestamp: '2024-01-07T10:00:00.000Z', temperature: 5, ...none },
          ...{ revision: 0, contested: true },
        },
      ],
      cursor: null,
    });
  });

  test('the newest first, and with the withdrawn ones, where they are asked for', async () => {
    const { readings } = body(await world.get(`${january}&order=newest&withdrawn=true`));
    expect(
      readings.map(({ timestamp, withdrawn }: Record<string, unknown>) => [timestamp, withdrawn]),
    ).toEqual([
      ['2024-01-07T11:00:00.000Z', true],
      ['2024-01-07T10:00:00.000Z', false],
      ['2024-01-06T10:00:00.000Z', false],
      ['2024-01-05T10:00:00.000Z', false],
    ]);
    expect(readings[0]).toMatchObject({ temperature: null, revision: 2 });
  });

  test('as JSON lines and as CSV they say the same, with the cursor in the Link header', async () => {
    const { readings } = body(await world.get(january));
    const lines = await world.get(`${january}&limit=2`, { accept: 'application/x-ndjson' });
    expect(lines.headers['content-type']).toBe('application/x-ndjson');
    expect(
      lines.body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(readings.slice(0, 2));
    expect(lines.headers.link).toMatch(/^<\/prod\/datasets\/probes\/readings\?.*cursor=[\w-]+>; rel="next"$/);
    const csv = await world.get(january, { accept: 'text/csv' });
    expect(parseCsv(csv.body, { columns: true })).toEqual(
      readings.map((row: Record<string, unknown>) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [name, value === null ? '' : String(value)]),
        ),
      ),
    );
    expect(csv.body.split('\r\n')[0]).toBe('sensorId,timestamp,temperature,humidity,site,revision,contested');
  });

  test('a text that a spreadsheet would compute is a text there too, and JSON has it as it came', async () => {
    const texts = ['=1+1', '+A1', '-A1', '@SUM', '-5', '+34.5', 'a=b'];
    const set = texts.map((text, hour) =>
      reading('=cmd', Date.UTC(2024, 1, 1, hour), -1.5, { attributes: [text] }),
    );
    world.storeSet(probes, setOf(probes, set));
    const path = '/datasets/probes/readings?sensor=%3Dcmd&from=2024-02-01&to=2024-02-01';
    const csv = await world.get(path, { accept: 'text/csv' });
    const rows = parseCsv(csv.body, { columns: true }) as Record<string, string>[];
    expect(rows.map(({ site }) => site)).toEqual(["'=1+1", "'+A1", "'-A1", "'@SUM", '-5', '+34.5', 'a=b']);
    expect(rows[0]).toMatchObject({ sensorId: "'=cmd", temperature: '-1.5' });
    const { readings } = body(await world.get(path));
    expect(readings.map(({ site }: { site: string }) => site)).toEqual(texts);
  });

  test('both ends are included, as instants and as local days', async () => {
    const between = (from: string, to: string) =>
      world
        .get(`/datasets/probes/readings?sensor=a&from=${from}&to=${to}`)
        .then((answer) =>
          body(answer).readings.map(({ timestamp }: { timestamp: string }) => timestamp.slice(0, 13)),
        );
    expect(await between('2024-01-05T10:00:00Z', '2024-01-06T11:00:00%2B01:00')).toEqual([
      '2024-01-05T10',
      '2024-01-06T10',
    ]);
    expect(await between('2024-01-05T10:00:00.001Z', '2024-01-06T09:59:59.999Z')).toEqual([]);
    expect(await between('2024-01-06', '2024-01-06')).toEqual(['2024-01-06T10']);
  });

  test('a sensor that never had any is 404; one that has none in the span is an empty page', async () => {
    expect((await world.get(january.replace('=a', '=nobody'))).status).toBe(404);
    const answer = await world.get('/datasets/probes/readings?sensor=a&from=2025-01-01&to=2025-01-31');
    expect([answer.status, body(answer).readings]).toEqual([200, []]);
  });

  test.each([
    ['from after to', 'sensor=a&from=2024-02-01&to=2024-01-01', 'from'],
    [
      'a plus that a query takes for a space',
      'sensor=a&from=2024-01-01T00:00:00+01:00&to=2024-02-01',
      'from',
    ],
    ['a time without a zone', 'sensor=a&from=2024-01-01T00:00:00&to=2024-02-01', 'from'],
    ['no sensor', 'from=2024-01-01&to=2024-02-01', 'sensor'],
    ['more rows than a page may have', 'sensor=a&from=2024-01-01&to=2024-02-01&limit=10001', 'limit'],
  ])('%s is refused by name', async (_, query, parameter) => {
    const answer = await world.get(`/datasets/probes/readings?${query}`);
    expect([answer.status, body(answer).parameter]).toEqual([400, parameter]);
  });

  test('a cursor of another query is refused', async () => {
    const { cursor } = body(await world.get(`${january}&limit=1`));
    for (const other of ['&order=newest', '&withdrawn=true', '&to=2024-02-01'])
      expect(
        (
          await world.get(
            `${january.replace(/&to=[^&]*/, other.startsWith('&to') ? '' : '$&')}${other}&cursor=${cursor}`,
          )
        ).status,
      ).toBe(400);
    expect((await world.get(`${january}&limit=7&cursor=${cursor}`)).status).toBe(200);
  });
});

test('a day has the hours that its clock showed: 23, 24 or 25', async () => {
  const hours = Array.from({ length: 366 * 24 }, (_, hour) =>
    reading('a', Date.UTC(2024, 0, 1) + hour * hourMs, 1),
  );
  world.store(probes, hours);
  for (const [day, count] of [
    ['2024-03-31', 23],
    ['2024-06-01', 24],
    ['2024-10-27', 25],
  ] as const) {
    const { readings } = await all(`/datasets/probes/readings?sensor=a&from=${day}&to=${day}&limit=7`);
    expect(readings, day).toHaveLength(count);
  }
});

describe('page by page, under any limit and order, the readings are those of the set', () => {
  // In St. John's the clock went back over midnight, at 00:01: minutes of a day come after the next one has begun.
  const zones = {
    'Europe/Madrid': '2006-10-29',
    'America/St_Johns': '2006-10-29',
    'America/Havana': '2006-10-29',
  };
  const datasets = Object.keys(zones).map((timeZone, index) =>
    defineDataset({
      name: `zone-${index}`,
      timeZone,
      shards: 2,
      measures: { level: { unit: 'm', min: -1, max: 1e9 } },
    }),
  );

  test.each(datasets)('$timeZone', async (dataset) => {
    const middle = Date.parse('2006-10-29T03:00:00Z');
    const instants = fc.oneof(
      {
        arbitrary: fc.integer({ min: -180, max: 180 }).map((minutes) => middle + minutes * 60_000),
        weight: 3,
      },
      {
        arbitrary: fc.integer({ min: -3_000, max: 3_000 }).map((hours) => middle + hours * hourMs),
        weight: 1,
      },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(instants, { maxLength: 40 }),
        fc.tuple(instants, instants),
        fc.constantFrom('oldest', 'newest'),
        fc.integer({ min: 1, max: 12 }),
        async (times, [one, other], order, limit) => {
          world = createApiWorld(middle, datasets);
          const make = (sensorId: string) =>
            times.map(
              (timestampMs): Reading => ({ sensorId, timestampMs, revision: 0, values: [1], attributes: [] }),
            );
          world.store(dataset, [...make('a'), ...make('b')]);
          const [from, to] = [Math.min(one, other), Math.max(one, other)];
          const iso = (ms: number) => new Date(ms).toISOString();
          if (times.length === 0) return;
          const { readings } = await all(
            `/datasets/${dataset.name}/readings?sensor=b&from=${iso(from)}&to=${iso(to)}&order=${order}&limit=${limit}`,
          );
          const expected = times.filter((ms) => from <= ms && ms <= to).sort((a, b) => a - b);
          if (order === 'newest') expected.reverse();
          expect(readings.map(({ timestamp }) => timestamp)).toEqual(expected.map(iso));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('an answer is bounded', () => {
  test('in its bytes: it ends early, and is within what a function may answer', async () => {
    const wide = defineDataset({
      name: 'wide',
      timeZone: 'UTC',
      shards: 1,
      measures: { level: { unit: 'm', min: 0, max: 1e9 } },
      attributes: { note: { maxLength: 2_000 } },
    });
    world = createApiWorld(0, [wide]);
    const notes = Array.from(
      { length: 6_000 },
      (_, minute): Reading => ({
        ...{ sensorId: 'a', timestampMs: minute * 60_000, revision: 0, values: [minute] },
        attributes: [`${minute} ${'"\\\n ñ'.repeat(200)}`],
      }),
    );
    world.store(wide, notes);
    const path = '/datasets/wide/readings?sensor=a&from=1970-01-01&to=1970-01-10&limit=10000';
    for (const accept of ['application/json', 'application/x-ndjson', 'text/csv']) {
      const result = JSON.stringify(toProxyResult(await world.get(path, { accept })));
      expect(Buffer.byteLength(result)).toBeLessThan(6_291_556);
    }
    const { readings, pages } = await all(path);
    expect([readings.length, pages > 2]).toEqual([6_000, true]);
  });

  test('in its requests: years without readings are passed over by the months that have some', async () => {
    world.store(
      probes,
      ['1993-05-04', '2019-07-31', '2024-01-02'].map((day) => reading('a', `${day}T12:00:00Z`, 1)),
    );
    let reads = 0;
    const { readEnd } = world.objects;
    world.objects.readEnd = (end) => {
      reads++;
      return readEnd.call(world.objects, end);
    };
    for (const order of ['oldest', 'newest']) {
      reads = 0;
      const { readings, pages } = await all(
        `/datasets/probes/readings?sensor=a&from=1970-01-01&to=2099-12-31&order=${order}`,
      );
      expect([readings.length, pages]).toEqual([3, 1]);
      expect(reads).toBeLessThan(250);
    }
  });

  test('in its days: where withdrawn readings are asked for, nothing is passed over, and pages may be empty', async () => {
    world.store(probes, [reading('a', '2023-01-02T12:00:00Z', 1), reading('a', '2019-01-02T12:00:00Z', 1)]);
    const { readings, pages } = await all(
      '/datasets/probes/readings?sensor=a&from=2019-01-01&to=2023-12-31&withdrawn=true',
    );
    expect([readings.length, pages > 3]).toEqual([2, true]);
  });
});

describe('a partition of several row groups', () => {
  const day = Date.UTC(2024, 0, 5);
  const single: Dataset = defineDataset({
    ...{ name: 'single', timeZone: 'UTC', shards: 1 },
    measures: {
      level: { unit: 'm', min: 0, max: 1e9 },
      flow: { unit: 'l', min: 0, max: 1e9, optional: true },
    },
  });
  const id = { dataset: 'single', day: '2024-01-05', shard: shardOf('m', 1) };
  const file = (offset: number) =>
    encodePartition(
      single,
      id,
      setOf(
        single,
        ['a', 'm', 'z'].flatMap((sensorId) =>
          Array.from(
            { length: 80_000 },
            (_, at): Reading => ({
              ...{ sensorId, timestampMs: day + at * 1_000, revision: 0, attributes: [] },
              values: [at / 7 + offset, at % 3 ? null : at],
            }),
          ),
        ),
      ),
    );
  const original = file(0);
  const location = ['curated', partitionKey(single, id)] as const;
  const path =
    '/datasets/single/readings?sensor=m&from=2024-01-05T13:00:00Z&to=2024-01-05T14:59:59Z&limit=10000';
  // The rows of m are 80,000 to 160,000: the groups meet at 131,072, after 14:11.
  const first = 13 * 3_600;

  test('is read by its footer and the groups that have the sensor and the span, and no others', async () => {
    world = createApiWorld(0, [single]);
    world.objects.put(...location, original);
    const ranges: number[] = [];
    const { readPart } = world.objects;
    world.objects.readPart = (part) => {
      ranges.push(part.end - part.start);
      return readPart.call(world.objects, part);
    };
    const { readings } = await all(path);
    expect(readings).toHaveLength(7_200);
    expect(readings.map((row) => (row as Record<string, unknown>).level)).toEqual(
      Array.from({ length: 7_200 }, (_, at) => (first + at) / 7),
    );
    expect(readings.map((row) => (row as Record<string, unknown>).flow)).toEqual(
      Array.from({ length: 7_200 }, (_, at) => ((first + at) % 3 ? null : first + at)),
    );
    ranges.length = 0;
    await all(path.replace('=m', '=z'));
    expect(ranges.reduce((sum, length) => sum + length, 0)).toBeLessThan(original.length * 0.6);
    ranges.length = 0;
    await all(path.replace('=m', '=a'));
    expect(ranges).toHaveLength(1);
  });

  test('that is overwritten between footer and row group is read anew', async () => {
    world = createApiWorld(0, [single]);
    world.objects.put(...location, original);
    const { readPart } = world.objects;
    let isFirst = true;
    world.objects.readPart = (part) => {
      if (isFirst) world.objects.put(...location, file(1_000));
      isFirst = false;
      return readPart.call(world.objects, part);
    };
    const { readings } = await all(path);
    expect((readings[0] as Record<string, unknown> | undefined)?.level).toBe(first / 7 + 1_000);
  });
});
