import { describe, expect, test } from 'vitest';
import { inspected, readAsInspected } from '../../../test/support/inspected.ts';

const hours = [0, 1, 2, 3, 4];
const ms = (hour: number) => Date.UTC(2025, 5, 1, hour);
const iso = (hour: number) => `2025-06-01T0${hour}:00:00Z`;
const local = (hour: number) => `2025-06-01 0${hour}:00:00`;
const keyed = <Of>(value: (hour: number) => Of, key: (hour: number) => string | number = (hour) => hour) =>
  Object.fromEntries(hours.map((hour) => [key(hour), value(hour)]));
const own = (hour: number) => hour + 0.5;

/** Five hours of one sensor, as programs write tables as JSON. */
const documents: Readonly<Record<string, readonly [document: unknown, records: string]>> = {
  'lists beside each other, as MATLAB and to_dict("list") of pandas write them': [{ time: hours.map(local), temp: hours.map(own) }, '$.time[*]'],
  'a service, lists of several places': [[{ id: 's', hourly: { time: hours.map(iso), temp: hours.map(own) } }], '$[*].hourly.time[*]'],
  'a service, with what is now, and days, beside the hours': [{ elevation: 5, current: { time: iso(3), interval: 900, temp: 9 }, hourly: { time: hours.map(iso), temp: hours.map(own) }, daily: { time: ['2025-06-01'], sun: [3.5] } }, '$.hourly.time[*]'],
  'pandas, to_json': [{ time: keyed(ms), temp: keyed(own) }, '$.time.*'],
  'pandas, to_json of times for rows': [{ temp: keyed(own, ms) }, '$.temp.*'],
  'pandas, index': [keyed((hour) => ({ time: ms(hour), temp: own(hour) })), '$.*'],
  'pandas, index of times': [keyed((hour) => ({ temp: own(hour) }), local), '$.*'],
  'pandas, split': [{ columns: ['n', 'time', 'temp'], index: hours, data: hours.map((hour) => ['x', iso(hour), own(hour)]) }, '$.data[*]'],
  'pandas, split of times for rows': [{ columns: ['temp', 'x'], index: hours.map(ms), data: hours.map((hour) => [own(hour), 'x']) }, '$.data[*]'],
  'pandas, values': [hours.map((hour) => [ms(hour), own(hour)]), '$[*]'],
  'pandas, table': [{ schema: { fields: [{ name: 'time' }, { name: 'temp' }], pandas_version: '1.4.0' }, data: hours.map((hour) => ({ time: iso(hour), temp: own(hour) })) }, '$.data[*]'],
  'InfluxDB 1, an answer': [{ results: [{ statement_id: 0, series: [{ name: 'air', columns: ['time', 'temp'], values: hours.map((hour) => [iso(hour), own(hour)]) }] }] }, '$.results[*].series[*].values[*]'],
  'Grafana, frames': [{ results: { A: { frames: [{ schema: { fields: [{ name: 'Time' }, { name: 'temp' }] }, data: { values: [hours.map(ms), hours.map(own)] } }] } } }, '$.results.A.frames[*].data.values[0][*]'],
  'Graphite': [[{ target: 'a.temp', datapoints: hours.map((hour) => [own(hour), ms(hour) / 1000]) }], '$[*].datapoints[*]'],
  'Prometheus, a matrix': [{ status: 'success', data: { resultType: 'matrix', result: [{ metric: { __name__: 'temp' }, values: hours.map((hour) => [ms(hour) / 1000, String(own(hour))]) }] } }, '$.data.result[*].values[*]'],
  'ERDDAP': [{ table: { columnNames: ['time', 'temp'], columnUnits: ['UTC', 'degree_C'], rows: hours.map((hour) => [iso(hour), own(hour)]) } }, '$.table.rows[*]'],
  'CKAN': [{ fields: [{ id: '_id' }, { id: 'time' }, { id: 'temp' }], records: hours.map((hour) => [hour + 1, iso(hour), own(hour)]) }, '$.records[*]'],
  'Google Sheets, names in the first row': [{ range: 'A1:B6', values: [['Time', 'Temp (°C)'], ...hours.map((hour) => [iso(hour), String(own(hour))])] }, '$.values[*]'],
  'an object a sensor, each a list': [{ s: hours.map((hour) => ({ time: iso(hour), temp: own(hour) })), b: hours.map((hour) => ({ time: iso(hour), temp: 9 })) }, '$.*[*]'],
  'a document that tells when it was made': [{ generated: iso(9), count: 5, station: 's', data: hours.map((hour) => ({ time: iso(hour), temp: own(hour) })) }, '$.data[*]'],
}; // biome-ignore format: a document a line

test.each(Object.entries(documents))('%s', async (_, [document, records]) => {
  const bytes = JSON.stringify(document, null, 1);
  const { questions } = inspected('a.json', bytes);
  const asks = (subject: string) => questions.some((question) => question.subject === subject);
  const { found, readings, totals } = await readAsInspected('a.json', bytes, {
    ...(asks('zone') && { zone: '+00:00' }),
    ...(asks('sensor') && { sensorId: 's' }),
  });
  expect(found.definition.formats).toMatchObject([{ records }]);
  expect(found.measures).toHaveLength(1);
  expect([totals.refusal, totals.rejected]).toEqual([undefined, {}]);
  const series = new Set(readings.map(([, sensorId]) => sensorId));
  const [sensor] = series.has('s') ? ['s'] : series;
  expect(readings.filter(([, sensorId]) => sensorId === sensor)).toEqual(
    hours.map((hour) => [new Date(ms(hour)).toISOString(), sensor, own(hour)]),
  );
});

describe('it says', () => {
  const told = (document: unknown) => inspected('a.json', JSON.stringify(document));

  test('which other records have times too', () => {
    const { findings } = told({
      hourly: { time: hours.map(iso), temp: hours },
      daily: { time: [iso(0)], sun: [3] },
    });
    const other = expect.objectContaining({ subject: 'other records', value: '$.daily.time[*]', certainty: 'guessed' });
    expect(findings).toContainEqual(other);
  });

  test('that the names of objects may be sensors', () => {
    const { findings } = told({ a: { time: iso(0), temp: 1 }, b: { time: iso(0), temp: 2 } });
    expect(findings).toContainEqual(
      expect.objectContaining({ subject: 'sensor', value: 'the names of the objects', certainty: 'guessed' }),
    );
  });

  test('that the names of objects are parameters, where they are words of quantities', async () => {
    const list = (offset: number) => hours.map((hour) => ({ ts: ms(hour), value: String(hour + offset) }));
    const bytes = JSON.stringify({ temperature: list(0), humidity: list(50) });
    const { found, readings } = await readAsInspected('a.json', bytes, { sensorId: 's' });
    expect(found.measures.map(({ name }) => name)).toEqual(['temperature', 'humidity']);
    expect(readings[1]).toEqual(['2025-06-01T01:00:00.000Z', 's', 1, 51]);
  });

  test('of units beside the values which is of which', () => {
    const { measures } = told({
      hourly_units: { time: 'iso8601', temp: '°C', wind: 'km/h' },
      hourly: { time: hours.map(iso), temp: hours, wind: hours },
    });
    expect(measures.map(({ unit }) => unit)).toEqual(['°C', 'km/h']);
  });

  test('where the offset, or the name, of a zone is, as a guess; the owner may say another', async () => {
    const document = { tz: 'Europe/Madrid', utc_offset_seconds: 7200, time: hours.map(local), temp: hours };
    const { questions, findings } = told(document);
    expect(questions.map(({ subject }) => subject)).toEqual(['sensor']);
    expect(findings).toContainEqual(
      expect.objectContaining({ subject: 'zone', value: 'the offset at $.utc_offset_seconds', certainty: 'guessed' }),
    );
    const read = async (bytes: object, answers: object = {}) =>
      (await readAsInspected('a.json', JSON.stringify(bytes), { sensorId: 's', ...answers })).readings[0]?.[0];
    expect(await read(document)).toBe('2025-05-31T22:00:00.000Z');
    expect(await read(document, { zone: '+01:00' })).toBe('2025-05-31T23:00:00.000Z');
    const { utc_offset_seconds: _, ...named } = document;
    expect(told(named).findings).toContainEqual(
      expect.objectContaining({ subject: 'zone', value: 'Europe/Madrid', certainty: 'guessed' }),
    );
    expect(await read(named)).toBe('2025-05-31T22:00:00.000Z');
  });

  test('what tells of a document and is no measure of its records', () => {
    const { measures, unread } = told({ count: 5, version: 2, data: hours.map((hour) => ({ time: iso(hour), t: hour })) });
    expect(measures.map(({ column }) => column)).toEqual(['t']);
    expect(unread.map(({ column, reason }) => [column, reason])).toEqual([
      ['count', 'it tells of the document, not of its records'],
      ['version', 'it tells of the document, not of its records'],
    ]);
  });

  test('that lists within records have numbers, which are not read', () => {
    const lists = (document: unknown) =>
      told(document).findings.flatMap(({ subject, value, reason }) => (subject === 'lists' ? [`${value}: ${reason}`] : []));
    const rows = hours.map((hour) => ({ time: iso(hour), no: hour, t: own(hour), vals: [hour, 40], tags: ['a', 'b'] }));
    expect(lists({ data: rows })).toEqual([
      '@.vals: it has numbers within records, which are not read; a format takes one by its place, such as @.vals[0]',
    ]);
    expect(lists({ data: rows.map(({ vals: _, ...row }) => row) })).toEqual([]);
    const nested = hours.map((hour) => ({ time: iso(hour), t: own(hour), vals: [[hour, 40]] }));
    expect(lists({ data: nested })[0]).toContain('such as @.vals[0][0]');
    // Lists that are the columns of a table are read.
    expect(lists({ time: hours.map(iso), temp: hours.map(own) })).toEqual([]);
  });
}); // biome-ignore format: short

test('a list of values by their names is read by these, at the time of its message', async () => {
  const message = (hour: number) => ({
    ...{ id: hour, time: iso(hour), station: 's' },
    sensors: [{ name: 'temp', value: hour }, { name: 'hum', value: String(50 + hour) }],
  });
  const lines = hours.map((hour) => JSON.stringify(message(hour))).join('\n');
  for (const bytes of [lines, JSON.stringify(hours.map(message))]) {
    const { found, readings, rejected } = await readAsInspected('a.json', bytes);
    expect(found.measures.map(({ name }) => name)).toEqual(['temp', 'hum']);
    expect([readings, rejected]).toEqual([hours.map((hour) => [new Date(ms(hour)).toISOString(), 's', hour, 50 + hour]), []]);
  }
}); // biome-ignore format: short

test('a message with lists of other times is one reading, of its own time', async () => {
  const message = { time: iso(0), temp: 1, gateways: [{ id: 'g', time: iso(1), rssi: -70, snr: 5 }] };
  const { readings } = await readAsInspected('a.json', JSON.stringify(message), { sensorId: 's' });
  expect(readings).toEqual([['2025-06-01T00:00:00.000Z', 's', 1]]);
});
