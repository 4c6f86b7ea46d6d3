import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { datasets } from '#datasets';
import { formatBytes } from '../cli/table.ts';
import { UsageError } from '../cli/usage-error.ts';
import type { RejectReason } from '../core/dataset/reading.ts';
import { ColumnsBuilder } from '../core/set/row-buffer.ts';
import type { SegmentOpener } from '../ports/objects.ts';
import { means } from './explain/occurrences.ts';
import { differingSets } from './reconcile/differing-sets.ts';
import { recount, SpanTooLarge } from './reconcile/recount.ts';
import { mendable, mendedKey } from './rejects/mendable.ts';
import { readRawLines } from './rejects/raw-lines.ts';
import { datasetOf } from './rejects/rejected-lines.ts';
import { arrivedOn } from './shared/arrival.ts';
import { daySpan, inSpan, spanText, wholeNumber } from './shared/options.ts';
import { statisticsDifference } from './shared/statistics-difference.ts';

const dataset = datasets.find(({ name }) => name === 'water-temperature') as (typeof datasets)[0];
const sought = {
  dataset,
  sensorId: 's1',
  timestampMs: Date.parse('2025-06-01T10:00:00Z'),
  typed: '2025-06-01T10:00:00Z',
};

describe('a rejected line was meant to be the reading', () => {
  const line = (changes: object) =>
    JSON.stringify({
      dataset: dataset.name,
      sensorId: 's1',
      timestamp: '2025-06-01T12:00:00+02:00',
      ...changes,
    });
  test.each<[string, string, string | undefined, boolean]>([
    ['another spelling of the time', line({ temperature: 99 }), undefined, true],
    ['another sensor', line({ sensorId: 's2' }), undefined, false],
    ['another time', line({ timestamp: '2025-06-01T10:00:00.001Z' }), undefined, false],
    ['another dataset', line({ dataset: 'stock-ticks' }), undefined, false],
    ['the sensor of the folder', line({ sensorId: undefined }), 's1', true],
    ['a time that is none, as it was typed', line({ timestamp: sought.typed }), undefined, true],
    ['JSON that breaks off', line({}).slice(0, -1), undefined, true],
    ['a row of cells', '2025/6/1,x,12', 's1', false],
    ['no object', '[1]', undefined, false],
  ])('%s', (_, text, folder, expected) => {
    expect(means(text, sought, folder)).toBe(expected);
  });

  test('a CSV row by the local time of its dataset', () => {
    const midnight = { ...sought, timestampMs: Date.parse('2025-05-31T22:00:00Z') }; // in Madrid
    expect(means('2025/6/1,abc,0.1', midnight, 's1')).toBe(true);
    expect(means('2025/6/1;abc;0.1', midnight, 's2')).toBe(false);
  });
});

describe('the dataset that a rejected line is for', () => {
  test.each([
    ['landing/stock-ticks/x.csv', 'a,b', 'stock-ticks'],
    ['landing/x.ndjson', '{"dataset":"stock-ticks"', 'stock-ticks'],
    ['raw/2025/01/01/00/x.gz', '{"dataset" : "stock-ticks","a', 'stock-ticks'],
    ['raw/2025/01/01/00/x.gz', 'nothing', undefined],
  ])('%s %s', (key, text, expected) => {
    expect(datasetOf({ key, text })).toBe(expected);
  });
});

const opener = (contents: Record<string, string | Uint8Array>): SegmentOpener => ({
  open: async ({ key }) => Readable.from([Buffer.from(contents[key] as string)]),
});

test('raw lines are read by number, gzip or not, with the first that is not blank', async () => {
  const text = '\n  \nhead\r\none\ntwo';
  for (const body of [text, gzipSync(text)]) {
    const found = await readRawLines(
      opener({ x: body }),
      { bucket: 'b', key: 'x', versionId: '1' },
      new Set([4, 5, 9]),
    );
    expect(found.first).toEqual({ number: 3, text: 'head' });
    expect([...found.lines]).toEqual([
      [4, 'one'],
      [5, 'two'],
    ]);
  }
});

describe('lines for mending', () => {
  const rejectedLine = (
    key: string,
    line: number,
    reason: RejectReason,
    text: string,
    textTruncated?: true,
  ) => ({
    ...{ bucket: 'b', key, versionId: '1', line, reason, detail: 'd', text },
    ...(textTruncated ? { textTruncated } : {}),
  });

  test('are sorted into files by where they go and their header', async () => {
    const csv = 'landing/water-temperature/a.csv';
    const segments = opener({
      [csv]: 'Fecha,Medida\nx\ny\n',
      'raw/2025/01/01/00/a.gz': `1\n${'z'.repeat(9_000)}\n`,
    });
    const { files, others } = await mendable(
      segments,
      [
        rejectedLine('raw/2025/01/01/00/a.gz', 1, 'not-json', '1'),
        rejectedLine('raw/2025/01/01/00/a.gz', 2, 'not-json', 'zzz', true),
        rejectedLine(csv, 1, 'missing-column', 'Fecha,Medida'),
        rejectedLine(csv, 2, 'missing-column', 'x'),
        rejectedLine('landing/water-temperature/s1/b.ndjson', 1, 'not-json', 'q'),
        rejectedLine('landing/water-temperature/c.gz', 1, 'not-gzip', ''),
        rejectedLine('landing/nothing/d.ndjson', 1, 'unknown-dataset', 'w'),
      ],
      datasets,
    );
    expect(
      files.map(({ folder, format, header, lines }) => [
        folder,
        format,
        header,
        lines.map(({ text }) => text),
      ]),
    ).toEqual([
      ['landing/', 'ndjson', undefined, ['1', 'z'.repeat(9_000)]],
      ['landing/water-temperature/', 'csv', 'Fecha,Medida', ['x']],
      ['landing/water-temperature/s1/', 'ndjson', undefined, ['q']],
    ]);
    expect(others.map(({ key }) => key)).toEqual([
      'landing/water-temperature/c.gz',
      'landing/nothing/d.ndjson',
    ]);
  });

  test('go under a key that follows from their content', () => {
    const key = mendedKey('landing/', 'csv', Buffer.from('a'));
    expect(key).toMatch(/^landing\/mended-[0-9a-f]{16}\.csv$/);
    expect(mendedKey('landing/', 'csv', Buffer.from('a'))).toBe(key);
    expect(mendedKey('landing/', 'csv', Buffer.from('b'))).not.toBe(key);
  });
});

describe('recount', () => {
  const text = [1, 2, 3, 4]
    .map(
      (day) =>
        `{"dataset":"water-temperature","sensorId":"s","timestamp":"2025-06-0${day}T10:00:00Z","temperature":1,"deviation":1}\n`,
    )
    .join('');
  async function* sources() {
    for (const arrived of ['2025-07-01', '2025-07-03', '2025-07-02']) {
      yield { key: 'raw/x', arrived, bytes: Readable.from([Buffer.from(text)]) };
    }
  }

  test('counts by day, with when the lines of it arrived', async () => {
    const { days, valid, outside } = await recount(sources(), datasets, {
      span: { from: '2025-06-02', to: '2025-06-03' },
    });
    expect(days.get('water-temperature')).toEqual(
      new Map(
        ['2025-06-02', '2025-06-03'].map((day) => [
          day,
          { lines: 3, firstArrived: '2025-07-01', lastArrived: '2025-07-03' },
        ]),
      ),
    );
    expect([valid, outside]).toEqual([12, 6]);
  });

  test('stops at its bound, and names a span that fits', async () => {
    await expect(recount(sources(), datasets, { maxReadings: 3 })).rejects.toThrow(SpanTooLarge);
    await expect(recount(sources(), datasets, { maxReadings: 3 })).rejects.toThrow(
      /--from 2025-06-01 --to 2025-06-02/,
    );
    await expect(recount(sources(), datasets, { maxReadings: 12 })).resolves.toMatchObject({ valid: 12 });
  });
});

test('two sets differ by what is missing, too much, or another version', () => {
  const set = (...rows: [sensorId: string, timestampMs: number, value: number][]) => {
    const builder = new ColumnsBuilder(dataset);
    for (const [sensorId, timestampMs, value] of rows) {
      builder.add({ sensorId, timestampMs, revision: 0, values: [value, 0], attributes: [] });
    }
    return builder.build();
  };
  const expected = set(['a', 1, 1], ['a', 2, 1], ['b', 1, 1], ['d', 1, 1]);
  expect(differingSets(dataset, expected, expected)).toEqual({ missing: 0, extra: 0, other: 0, example: '' });
  expect(
    differingSets(dataset, expected, set(['a', 1, 1], ['a', 3, 1], ['b', 1, 2], ['c', 1, 1], ['d', 1, 1])),
  ).toEqual({
    missing: 1,
    extra: 2,
    other: 1,
    example: 'a 1970-01-01T00:00:00.002Z',
  });
  expect(differingSets(dataset, set(), set(['a', 0, 1]))).toMatchObject({ extra: 1, missing: 0 });
});

test('statistics differ by the first value that is unlike', () => {
  const of = (mean: number, count = 2) => ({
    count,
    measures: { temperature: { count, mean, m2: 0, min: 1, minAt: 0, max: 1, maxAt: 0 } },
    alerts: {},
  });
  expect(statisticsDifference(of(1), of(1))).toBeUndefined();
  expect(statisticsDifference(of(0), of(-0))).toBeUndefined();
  expect(statisticsDifference(of(1), of(2))).toBe('temperature.mean is 1 where the readings give 2');
  expect(statisticsDifference(of(1, 3), of(1))).toBe(
    'count is 3 where the readings give 2, and 1 more values differ',
  );
});

describe('options', () => {
  test('spans are of days, in order', () => {
    expect(() => daySpan({ from: '2025-02-30' })).toThrow(UsageError);
    expect(() => daySpan({ from: '2025-02-02', to: '2025-02-01' })).toThrow(/after/);
    const span = daySpan({ from: '2025-02-01', to: '2025-02-02' });
    expect(['2025-01-31', '2025-02-01', '2025-02-02', '2025-02-03'].map((day) => inSpan(day, span))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(
      [span, daySpan({}), daySpan({ from: '2025-01-01' }), daySpan({ to: '2025-01-01' })].map(spanText),
    ).toEqual([...['2025-02-01 to 2025-02-02', 'all days', 'from 2025-01-01 on', 'until 2025-01-01']]);
  });

  test('numbers are whole', () => {
    expect(wholeNumber('limit', '5', 1)).toBe(5);
    for (const text of ['0', '1.5', 'x', '1e99'])
      expect(() => wholeNumber('limit', text, 1)).toThrow(UsageError);
  });
});

test('an object arrived by its key, or when it was uploaded', () => {
  const lastModifiedMs = Date.parse('2025-03-04T23:59:59Z');
  expect(arrivedOn({ key: 'raw/2025/01/02/03/x.gz', lastModifiedMs })).toBe('2025-01-02');
  expect(arrivedOn({ key: 'landing/raw/2025/01/02/03/x.gz', lastModifiedMs })).toBe('2025-03-04');
});

test('sizes are short', () => {
  expect([0, 999, 1_000, 1_900_000, 2e15].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '1.9 MB',
    '2000.0 TB',
  ]);
});
