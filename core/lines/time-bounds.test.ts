import { describe, expect, test } from 'vitest';
import { parseBytes } from '../../test/support/parse-bytes.ts';
import { defineDataset } from '../dataset/dataset.ts';
import type { DatasetDefinition } from '../dataset/definition.ts';
import { dayMs } from '../time/duration.ts';
import { parseSegmentRows } from './parse-segment.ts';

const arrivedMs = Date.parse('2026-03-01T12:00:00Z');
const gauges = (change: Partial<DatasetDefinition> = {}) =>
  defineDataset({
    name: 'gauges',
    timeZone: 'Europe/Berlin',
    shards: 1,
    defaultSensorId: 'mill',
    measures: { level: { unit: 'm', min: 0, max: 9 } },
    ...change,
  });
const json = (timestamp: string, more = {}) =>
  JSON.stringify({ dataset: 'gauges', sensorId: 'mill', timestamp, level: 1, ...more });

/** What became of each line, which both ways of reading lines agree on. */
async function read(
  lines: readonly string[],
  {
    known = gauges(),
    key = 'raw/x',
    arrived = arrivedMs,
  }: { known?: ReturnType<typeof gauges>; key?: string; arrived?: number } = {},
) {
  const body = `${lines.join('\n')}\n`;
  const { outcomes, totals } = await parseBytes(body, { key, known: [known], arrivedMs: arrived });
  const { totals: byRows, rows } = await parseSegmentRows(
    {
      source: { key, arrivedMs: arrived },
      datasets: [known],
      bytes: (async function* () {
        yield Buffer.from(body);
      })(),
    },
    { rejected: () => {} },
  );
  expect(byRows).toEqual(totals);
  expect(rows.reduce((sum, { length }) => sum + length, 0)).toBe(totals.valid);
  return outcomes;
}
const reasons = async (...given: Parameters<typeof read>) =>
  (await read(...given)).map(({ reason = 'taken' }) => reason);

describe('how far ahead a time may be', () => {
  test('is a day from the arrival, and one of 2099 is in the future', async () => {
    const lines = [
      json('2026-03-02T12:00:00Z'),
      json('2026-03-02T12:00:00.001Z'),
      json('2099-12-31T00:00:00Z'),
    ];
    expect(await reasons(lines)).toEqual(['taken', 'in-the-future', 'in-the-future']);
    const [, , far] = await read(lines);
    expect(far?.detail).toBe(
      'timestamp is "2099-12-31T00:00:00Z"; accepted: at most 1 day after its arrival, until 2026-03-02T12:00:00.000Z',
    );
  });

  test('is what the dataset says', async () => {
    const lines = [json('2026-03-11T12:00:00Z'), json('2026-03-11T12:00:01Z')];
    expect(await reasons(lines, { known: gauges({ maxAhead: '10 days' }) })).toEqual([
      'taken',
      'in-the-future',
    ]);
    expect(await reasons([json('2026-03-01T13:00:01Z')], { known: gauges({ maxAhead: '1 hour' }) })).toEqual([
      'in-the-future',
    ]);
  });

  test('is counted from the arrival of the object and from no clock, so that a replay finds the same', async () => {
    const line = json('2001-05-03T00:00:00Z');
    expect(await reasons([line], { arrived: Date.parse('2001-05-01T00:00:00Z') })).toEqual(['in-the-future']);
    const next = Date.now() + 300 * dayMs;
    expect(await reasons([json(new Date(next).toISOString())], { arrived: next })).toEqual(['taken']);
  });
});

describe('the first date of a dataset', () => {
  const known = gauges({ earliest: '1995-06-01' });

  test('begins at midnight where the stations are', async () => {
    const lines = [
      json('1995-05-31T21:59:59.999Z'),
      json('1995-05-31T22:00:00Z'),
      json('1970-01-01T00:00:00Z'),
    ];
    expect(await reasons(lines, { known })).toEqual(['too-early', 'taken', 'too-early']);
    const [first] = await read(lines, { known });
    expect(first?.detail).toBe(
      'timestamp is "1995-05-31T21:59:59.999Z"; accepted: from 1995-06-01 on, in Europe/Berlin',
    );
  });

  test('is 1970 by default', async () => {
    expect(await reasons([json('1970-01-01T00:00:00Z')])).toEqual(['taken']);
  });
});

test('what an older rule has let in can be withdrawn', async () => {
  const known = gauges({ earliest: '1995-06-01' });
  const lines = ['1970-01-01T00:00:00Z', '2099-01-01T00:00:00Z'].map((at) =>
    json(at, { withdrawn: true, revision: 1 }),
  );
  expect(await reasons(lines, { known })).toEqual(['taken', 'taken']);
});

test('a time out of bounds was read: it costs its line, and no file is refused for it', async () => {
  const known = gauges({ earliest: '1995-06-01', csv: { timestamp: ['time', 'yyyy-MM-dd HH:mm'] } });
  const rows = [
    'time,level',
    '1970-01-01 10:05,1',
    '1970-01-01 10:20,1',
    '1970-01-01 10:35,1',
    '2026-02-28 10:00,1',
  ];
  expect(await reasons(rows, { known, key: 'landing/gauges/a.csv' })).toEqual([
    ...['too-early', 'too-early', 'too-early', 'taken'],
  ]);
});

describe('a dead clock in a zone whose 1970 begins before that of UTC', () => {
  const known = gauges({ csv: { timestamp: ['time', 'yyyy-MM-dd HH:mm'] } });
  const rows = (times: readonly string[]) => ['time,level', ...times.map((time) => `${time},1`)];

  test('is too early, as any time is that can be read and not stored, and refuses no file', async () => {
    const times = ['1970-01-01 00:59', '1970-01-01 00:00', '1904-01-01 00:00', '1970-01-01 01:00', '2100-01-01 01:00', '9999-12-31 00:00']; // biome-ignore format: a list
    const upload = { known, key: 'landing/gauges/a.csv', arrived: Date.parse('2099-12-31T12:00:00Z') };
    expect(await reasons(rows(times), upload)).toEqual([
      ...['too-early', 'too-early', 'too-early', 'taken', 'in-the-future', 'in-the-future'],
    ]);
    const [first] = await read(rows(times), upload);
    expect(first?.detail).toBe('timestamp is "1970-01-01 00:59"; accepted: from 1970-01-01T00:00:00.000Z on');
    expect(await reasons([json('1970-01-01T00:59:00+01:00'), json('2106-02-07T06:28:15Z')])).toEqual([
      ...['too-early', 'in-the-future'],
    ]);
  });

  test('can be withdrawn only from where it can have been stored on', async () => {
    const withdrawn = { withdrawn: true, revision: 1 };
    const lines = ['1970-01-01T00:59:00+01:00', '1970-01-01T01:00:00+01:00', '2100-01-01T00:00:00Z'];
    expect(await reasons(lines.map((at) => json(at, withdrawn)))).toEqual([
      ...['too-early', 'taken', 'in-the-future'],
    ]);
  });

  test('that shows no time at all is not read, and refuses the file', async () => {
    const times = ['0000-00-00 00:00', '0001-01-01 00:00', '2026-02-28 10:00'];
    expect(await reasons(rows(times), { known, key: 'landing/gauges/a.csv' })).toEqual([
      ...['invalid-timestamp', 'invalid-timestamp'],
    ]);
  });
});

test('of an hour that the clock showed twice the pass counts that a row is of', async () => {
  const known = gauges({ csv: { timestamp: ['time', 'yyyy-MM-dd HH:mm'] }, maxAhead: '1 hour' });
  const rows = [
    'time,level',
    '2026-10-25 00:30,1',
    '2026-10-25 01:30,1',
    '2026-10-25 02:30,1',
    '2026-10-25 02:30,1',
    '2026-10-25 03:30,1',
  ];
  const arrived = Date.parse('2026-10-25T00:15:00Z'); // until 01:15: 02:30 of the first pass is 00:30, of the second 01:30
  expect(await reasons(rows, { known, key: 'landing/gauges/a.csv', arrived })).toEqual([
    ...['taken', 'taken', 'taken', 'in-the-future', 'in-the-future'],
  ]);
});
