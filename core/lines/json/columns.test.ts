import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outcomesOf, readingsOf } from '../../../test/support/file-readings.ts';
import { parseBytes } from '../../../test/support/parse-bytes.ts';
import { type Dataset, defineDataset } from '../../dataset/dataset.ts';
import { type JsonFormat, json } from '../../formats/json-format.ts';

const reading = (format: Omit<JsonFormat, 'kind'>): Dataset =>
  defineDataset({
    ...{ name: 'forecasts', timeZone: 'UTC', shards: 1, defaultSensorId: 'a' },
    measures: {
      temp: { unit: '°C', min: -60, max: 60, optional: true },
      hum: { unit: '%', min: 0, max: 100, optional: true },
    },
    formats: [json({ match: '*.json', ...format })],
  });

const at = (hour: number) => `2026-05-01T0${hour}:00:00.000Z`;
const iso = { format: 'iso' } as const;

describe('values that stand in columns, beside the times', () => {
  const columns = { time: { path: '@', ...iso }, fields: { temp: '$.temp[*]', hum: '$.hum[*]' } };
  const lists = reading({ records: '$.time[*]', ...columns });

  test('as lists', async () => {
    const text = JSON.stringify({ time: [at(0), at(1)], temp: [1.5, null], hum: [50, 51] });
    expect(await readingsOf(lists, 'x.json', text)).toEqual([
      { sensorId: 'a', at: at(0), temp: 1.5, hum: 50 },
      { sensorId: 'a', at: at(1), hum: 51 },
    ]);
  });

  test('a column that is not there, or null, has no values', async () => {
    for (const more of [{}, { temp: null }])
      expect(await readingsOf(lists, 'x.json', JSON.stringify({ time: [at(0)], hum: [50], ...more }))).toEqual([
        { sensorId: 'a', at: at(0), hum: 50 },
      ]);
  });

  test.each([
    [[1], 'at $.temp[*] is a list of 1; accepted: a list of 2, as at $.time[*]'],
    [[1, 2, 3], 'is a list of 3; accepted: a list of 2'],
    [5, 'is 5; accepted: a list of 2'],
    [{ 0: 1, 1: 2 }, 'accepted: a list of 2'],
  ])('of a document with a column of another length, %j, nothing is read', async (temp, told) => {
    const text = `${JSON.stringify({ time: [at(0), at(1)], temp, hum: [1, 2] })}\n${JSON.stringify({ time: [at(2)], temp: [3] })}`;
    const { outcomes } = await parseBytes(text, { key: 'landing/forecasts/x.json', known: [lists] });
    expect(outcomes).toMatchObject([
      { line: 1, reason: 'wrong-columns', detail: expect.stringContaining(told) },
      { line: 2, reading: { values: [3, null] } },
    ]);
    expect(outcomes).toHaveLength(2);
  });

  test('of several places, each with lists of its own', async () => {
    const dataset = reading({
      records: '$[*].hourly.time[*]',
      time: { path: '@', ...iso },
      fields: { sensorId: '$[*].id', temp: '$[*].hourly.temp[*]', hum: '$[*].other[*].hum' },
    });
    const place = (id: string, hours: readonly number[]) => ({
      ...{ id, hourly: { time: hours.map(at), temp: hours } },
      other: hours.map((hum) => ({ hum })),
    });
    const read = await readingsOf(dataset, 'x.json', JSON.stringify([place('p', [0, 1]), place('q', [2])]));
    expect(read).toEqual([
      { sensorId: 'p', at: at(0), temp: 0, hum: 0 },
      { sensorId: 'p', at: at(1), temp: 1, hum: 1 },
      { sensorId: 'q', at: at(2), temp: 2, hum: 2 },
    ]);
  });

  test('as objects, under the numbers of rows', async () => {
    const dataset = reading({ records: '$.time.*', time: { path: '@', ...iso }, fields: { temp: '$.temp.*' } });
    const text = JSON.stringify({ time: { 0: at(0), 1: at(1), 2: at(2) }, temp: { 0: 1, 2: 2 } });
    const { readings, rejected } = await outcomesOf(dataset, 'x.json', text);
    expect(readings).toEqual([
      { sensorId: 'a', at: at(0), temp: 1 },
      { sensorId: 'a', at: at(2), temp: 2 },
    ]);
    expect(rejected).toEqual(['1 no-value']);
    const more = await outcomesOf(dataset, 'x.json', JSON.stringify({ time: { 0: at(0) }, temp: { 0: 1, 1: 2 } }));
    expect([more.readings, more.rejected]).toEqual([[], ['1 wrong-columns']]);
  });

  test('as objects, under the times', async () => {
    const time = { path: { key: 1 }, format: 'epoch-ms' } as const;
    const dataset = reading({ records: '$.temp.*', time, fields: { temp: '@', hum: '$.hum.*' } });
    const text = JSON.stringify({ temp: { 1777593600000: 1.5 }, hum: { 1777593600000: 50 } });
    expect(await readingsOf(dataset, 'x.json', text)).toEqual([{ sensorId: 'a', at: at(0), temp: 1.5, hum: 50 }]);
    const { rejected } = await outcomesOf(dataset, 'x.json', JSON.stringify({ temp: { later: 1 } }));
    expect(rejected).toEqual(['1 invalid-timestamp']);
  });
}); // biome-ignore format: short

describe('records that are lists, with the names of their elements beside them', () => {
  const named = { time: { path: '@.time', ...iso }, fields: { temp: '@.temp' } } as const;
  const split = reading({ records: '$.data[*]', names: '$.columns', ...named });

  test('are read by the names, wherever they stand', async () => {
    const text = [
      { columns: ['time', 'temp', 'other'], data: [[at(0), 1, 'x']] },
      { columns: ['temp', 'time'], index: [0], data: [[2, at(1)]] },
    ];
    expect(await readingsOf(split, 'x.json', text.map((each) => JSON.stringify(each)).join('\n'))).toEqual([
      { sensorId: 'a', at: at(0), temp: 1 },
      { sensorId: 'a', at: at(1), temp: 2 },
    ]);
  });

  test.each([
    [{ columns: ['time', 'temp', 'temp'], data: [[at(0), 1, 2]] }],
    [{ columns: 'time,temp', data: [[at(0), 1]] }],
    [{ data: [[at(0), 1]] }],
    [{ columns: [], data: [[]] }],
    [{ columns: ['time', 'temp'], data: [[at(0), 1, 2]] }],
    [{ columns: ['time', 'temp'], data: [[at(0)]] }],
    [{ columns: ['time', 'temp'], data: [{ time: at(0), temp: 1 }] }],
  ])('nobody knows what is what in %j', async (document) => {
    const { readings, rejected } = await outcomesOf(split, 'x.json', JSON.stringify(document));
    expect([readings, rejected]).toEqual([[], ['1 wrong-columns']]);
  });

  test('have their times in a list beside them', async () => {
    const dataset = reading({
      ...{ records: '$.data[*]', names: '$.columns', time: { path: '$.index[*]', format: 'epoch-ms' } },
    });
    const text = JSON.stringify({ columns: ['temp', 'hum'], index: [1777593600000], data: [[1, 50]] });
    expect(await readingsOf(dataset, 'x.json', text)).toEqual([{ sensorId: 'a', at: at(0), temp: 1, hum: 50 }]);
  });

  test('have their names in the first of them, which is no record', async () => {
    const dataset = reading({ records: '$.values[*]', names: '$.values[0]', ...named });
    const text = JSON.stringify({ values: [['time', 'temp'], [at(0), 1]] });
    expect(await readingsOf(dataset, 'x.json', text)).toEqual([{ sensorId: 'a', at: at(0), temp: 1 }]);
  });

  test('have names of each series, or names within objects', async () => {
    const influx = reading({
      ...{ records: '$.results[*].series[*].values[*]', names: '$.results[*].series[*].columns' },
      ...{ time: named.time, fields: { sensorId: '$.results[*].series[*].tags.station' } },
    });
    const series = (station: string, columns: readonly string[], ...values: unknown[][]) => ({ tags: { station }, columns, values });
    const text = JSON.stringify({ results: [{ series: [series('p', ['time', 'temp'], [at(0), 1]), series('q', ['hum', 'time'], [50, at(1)])] }] });
    expect(await readingsOf(influx, 'x.json', text)).toEqual([
      { sensorId: 'p', at: at(0), temp: 1 },
      { sensorId: 'q', at: at(1), hum: 50 },
    ]);
    const ckan = reading({ records: '$.records[*]', names: '$.fields[*].id', ...named });
    const dump = JSON.stringify({ fields: [{ id: '_id' }, { id: 'time' }, { id: 'temp' }], records: [[1, at(0), 1]] });
    expect(await readingsOf(ckan, 'x.json', dump)).toEqual([{ sensorId: 'a', at: at(0), temp: 1 }]);
  });
}); // biome-ignore format: short

describe('an offset that stands beside the times', () => {
  const dataset = reading({
    records: '$.time[*]',
    time: { path: '@', format: 'iso-local', offset: '$.offset' },
    fields: { temp: '$.temp[*]' },
  });

  test.each([
    [3600, '2026-05-01T00:00:00.000Z'],
    [7200, '2026-04-30T23:00:00.000Z'],
    [-16_200, '2026-05-01T05:30:00.000Z'],
    ['3600', '2026-05-01T00:00:00.000Z'],
    [0, '2026-05-01T01:00:00.000Z'],
  ])('%j is of each document', async (offset, told) => {
    const text = JSON.stringify({ offset, time: ['2026-05-01T01:00'], temp: [1] });
    expect(await readingsOf(dataset, 'x.json', text)).toEqual([{ sensorId: 'a', at: told, temp: 1 }]);
  });

  test.each([null, '', 'CET', 90, 60_000, 0.5, {}])('%j is none', async (offset) => {
    const text = JSON.stringify({ offset, time: ['2026-05-01T01:00'], temp: [1] });
    expect((await outcomesOf(dataset, 'x.json', text)).rejected).toEqual(['1 invalid-timestamp']);
  });
});

const rows = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 9 }), fc.option(fc.integer({ min: -60, max: 60 }), { nil: null })),
  { minLength: 1, maxLength: 10 },
);

test('in whichever way a table is written as JSON, its readings come back', async () => {
  const shapes = [
    [{ records: '$.time[*]', time: { path: '@', ...iso }, fields: { temp: '$.temp[*]' } }, (table: Row[]) => ({ time: table.map(([time]) => time), temp: table.map(([, temp]) => temp) })],
    [{ records: '$.data[*]', names: '$.columns', time: { path: '@.time', ...iso } }, (table: Row[]) => ({ columns: ['x', 'temp', 'time'], data: table.map(([time, temp]) => [0, temp, time]) })],
    [{ records: '$.temp.*', time: { path: '$.time.*', ...iso }, fields: { temp: '@' } }, (table: Row[]) => ({ time: { ...table.map(([time]) => time) }, temp: { ...table.map(([, temp]) => temp) } })],
  ] as const;
  type Row = [time: string, temp: number | null];
  await fc.assert(
    fc.asyncProperty(rows, async (given) => {
      const table = given.map(([hour, temp]): Row => [at(hour), temp]);
      for (const [format, written] of shapes) {
        const { readings } = await outcomesOf(reading(format), 'x.json', JSON.stringify(written(table)));
        expect(readings).toEqual(table.filter(([, temp]) => temp !== null).map(([time, temp]) => ({ sensorId: 'a', at: time, temp })));
      }
    }),
    { numRuns: 50 },
  );
}); // biome-ignore format: a shape a line

test.each([
  [{ records: '$.a[*]', fields: { temp: '$.b.*' } }, 'a path to one value'],
  [{ records: '$.a[*]', fields: { temp: '$.b[*][*]' } }, 'a path to one value'],
  [{ names: '$.a' }, 'none but where `records` ends in [*]'],
  [{ records: '$.a.*', names: '$.b' }, 'none but where `records` ends in [*]'],
  [{ records: '$.a[*]', names: '$.a[*]' }, 'outside of the records'],
  [{ records: '$.a[*]', names: '$.b[*][*]' }, 'outside of the records'],
  [{ records: '$.a[*]', names: '@.b' }, 'outside of the records'],
  [{ records: '$[*]', names: '$[0]', syntax: 'senml' }, 'none with senml'],
  [{ time: { path: { key: 1 }, ...iso } }, 'none where `records` has no *'],
  [{ time: { path: '@', ...iso, offset: '$.o' } }, 'which says its own'],
  [{ time: { path: '@', format: 'iso-local', offset: '$.o', zone: 'UTC' } }, 'none where `offset` says'],
  [{ time: { path: '@', format: 'iso-local', offset: 'o' } }, 'a path such as'],
])('a format is checked: %j', (format, told) => {
  const whole = { time: { path: '@.at', ...iso }, ...format } as Omit<JsonFormat, 'kind'>;
  expect(() => reading(whole)).toThrow(told);
});
